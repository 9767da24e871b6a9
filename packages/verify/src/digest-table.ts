import { createHash, hash } from 'node:crypto'
import type { TableName } from '@rowferry/introspect'
import { quoteIdentifier, quoteTable, type Session } from '@rowferry/postgres'

export interface DigestOptions {
  /** In a transaction, pinned as `beginCrossing` does, with `lc_monetary` as it is to be printed. */
  readonly session: Session
  readonly table: TableName
  readonly columns: readonly string[]
  /** Columns by which no two rows are equal; empty for a table without a key. */
  readonly key: readonly string[]
  /** Rows a chunk. */
  readonly chunkRows: number
  /** Where chunks end, instead of after so many rows: `last` of the chunks of an earlier digest. */
  readonly ends?: readonly string[]
  readonly signal?: AbortSignal
  /** Rows so far, now and then. */
  readonly onProgress?: (rows: number) => void
}

export interface ChunkDigest {
  readonly rows: number
  /** Hexadecimal, in lower case. */
  readonly sha256: string
  /** The key of its last row, as COPY prints it, between tabs; without a key that row's own digest. Null in proofs of tables without a key that older versions made. */
  readonly last: string | null
}

export interface TableDigest {
  /** The statement whose output was digested: anybody can run it. */
  readonly query: string
  readonly rows: number
  /** Of the chunks' own digests, one after the other, as bytes. */
  readonly sha256: string
  readonly chunks: readonly ChunkDigest[]
}

/**
 * SHA-256 of what PostgreSQL itself prints of a table (COPY in text format), in chunks: of its lines in the order of the key, or,
 * without a key, of the lines' own digests in ascending order. `docs/proof.md` says it to the byte. Reads only; without a key a million digests are held at once.
 */
export async function digestTable(options: DigestOptions): Promise<TableDigest> {
  const query = await digestQuery(options)
  const chunks = options.key.length > 0 ? await inKeyOrder(options, query) : await byDigest(options, query)
  const all = createHash('sha256')
  for (const chunk of chunks) all.update(chunk.sha256, 'hex')
  return { query, rows: chunks.reduce((sum, { rows }) => sum + rows, 0), sha256: all.digest('hex'), chunks }
}

/** Keys that have a collation are ordered byte by byte, the same on every server. */
async function digestQuery({ session, table, columns, key }: DigestOptions): Promise<string> {
  const collated = await session.query(
    `select a.attname as name from pg_catalog.pg_attribute a where a.attrelid = pg_catalog.to_regclass($1) and a.attcollation <> 0`,
    [quoteTable(table)],
  )
  const order = key.map(
    (column) =>
      quoteIdentifier(column) + (collated.some(({ name }) => name === column) ? ' collate pg_catalog."C"' : ''),
  )
  const sorted = order.length === 0 ? '' : ` order by ${order.join(', ')}`
  return `copy (select ${columns.map(quoteIdentifier).join(', ')} from ${quoteTable(table)}${sorted}) to stdout`
}

async function* linesOf({ session, signal, onProgress }: DigestOptions, query: string): AsyncGenerator<Buffer> {
  let rest: Buffer = Buffer.alloc(0)
  let rows = 0
  for await (const piece of session.copyOut(query)) {
    signal?.throwIfAborted()
    const bytes = rest.length === 0 ? Buffer.from(piece) : Buffer.concat([rest, piece])
    let from = 0
    for (let end = bytes.indexOf(10); end >= 0; end = bytes.indexOf(10, from)) {
      yield bytes.subarray(from, end + 1)
      from = end + 1
      rows += 1
    }
    rest = bytes.subarray(from)
    onProgress?.(rows)
  }
}

async function inKeyOrder(options: DigestOptions, query: string): Promise<ChunkDigest[]> {
  const { chunkRows, columns, key } = options
  const places = key.map((column) => columns.indexOf(column))
  const ends = options.ends === undefined ? null : new Set(options.ends)
  const chunks: ChunkDigest[] = []
  let current = createHash('sha256')
  let rows = 0
  let last: Buffer | null = null
  const close = (): void => {
    chunks.push({ rows, sha256: current.digest('hex'), last: last && keyOf(last, places) })
    current = createHash('sha256')
    rows = 0
  }
  for await (const line of linesOf(options, query)) {
    current.update(line)
    rows += 1
    last = line
    if (ends === null ? rows === chunkRows : ends.has(keyOf(line, places))) close()
  }
  if (rows > 0) close()
  return chunks
}

function keyOf(line: Buffer, places: readonly number[]): string {
  const cells = line.toString('utf8', 0, line.length - 1).split('\t')
  return places.map((place) => cells[place]).join('\t')
}

const roundRows = 1_000_000

/** In rounds, each of one range of digests, so that memory does not grow with the table. */
async function byDigest(options: DigestOptions, query: string): Promise<ChunkDigest[]> {
  const { session, table, chunkRows } = options
  const [counted] = await session.query(`select count(*) as rows from ${quoteTable(table)}`)
  const rounds = Math.max(1, Math.ceil(Number(counted?.['rows']) / roundRows))
  const cut = options.ends === undefined ? cutByRows(chunkRows) : cutAt(options.ends)
  for (let round = 0; round < rounds; round += 1) {
    const digests: Buffer[] = []
    for await (const line of linesOf(options, query)) {
      const digest = hash('sha256', line, 'buffer')
      if (Math.floor((digest.readUInt16BE(0) * rounds) / 65_536) === round) digests.push(digest)
    }
    digests.sort((a, b) => a.compare(b))
    for (const digest of digests) cut.add(digest)
  }
  return cut.finish()
}

/** Chunks of digests that come in ascending order. */
interface Cut {
  add(digest: Buffer): void
  finish(): ChunkDigest[]
}

function openChunk(): { add(digest: Buffer): void; rows(): number; close(last: string): ChunkDigest } {
  let current = createHash('sha256')
  let rows = 0
  return {
    add(digest) {
      current.update(digest)
      rows += 1
    },
    rows: () => rows,
    close(last) {
      const chunk = { rows, sha256: current.digest('hex'), last }
      current = createHash('sha256')
      rows = 0
      return chunk
    },
  }
}

function cutByRows(chunkRows: number): Cut {
  const chunks: ChunkDigest[] = []
  const chunk = openChunk()
  let last = ''
  return {
    add(digest) {
      chunk.add(digest)
      last = digest.toString('hex')
      if (chunk.rows() === chunkRows) chunks.push(chunk.close(last))
    },
    finish: () => (chunk.rows() > 0 ? [...chunks, chunk.close(last)] : chunks),
  }
}

/** An end that is there twice ends nothing: the next chunk may have begun with it, too. */
function cutAt(given: readonly string[]): Cut {
  const ends = [...new Set(given)]
  const chunks: ChunkDigest[] = []
  const chunk = openChunk()
  let at = 0
  let times = 0
  let last = ''
  const closeAt = (end: string): void => {
    if (times < 2) chunks.push(chunk.close(end))
    at += 1
    times = 0
  }
  return {
    add(digest) {
      last = digest.toString('hex')
      for (let end = ends[at]; end !== undefined && last > end; end = ends[at]) closeAt(end)
      if (last === ends[at]) times += 1
      chunk.add(digest)
    },
    finish() {
      for (let end = ends[at]; end !== undefined && chunk.rows() > 0; end = ends[at]) closeAt(end)
      return chunk.rows() > 0 ? [...chunks, chunk.close(last)] : chunks
    },
  }
}
