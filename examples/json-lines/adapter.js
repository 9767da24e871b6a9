import { createHash } from 'node:crypto'
import { closeSync, createReadStream, fstatSync, openSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { SourceError } from '@rowferry/source'

/** A folder of `.jsonl` files: the first line of each describes a table, every other one is a row. */
export const jsonLines = {
  name: 'json-lines',
  castRules: [
    ['integer', 'int8', 'numeric'],
    ['real', 'float8'],
    ['bytes', 'bytea'],
  ].map(([declared, ...candidates]) => ({
    name: `declared ${declared}`,
    matches: ({ declaredType }) => declaredType === declared,
    candidates,
  })),
  open: ({ path }) => openFolder(path),
}

async function openFolder(path) {
  const names = readdirSync(path).filter((name) => name.endsWith('.jsonl'))
  // The one moment that is read: rows are only ever appended, so a file's length is its state
  const files = names.map((name) => {
    const fd = openSync(join(path, name), 'r')
    return { table: decodeURIComponent(name.slice(0, -'.jsonl'.length)), fd, size: fstatSync(fd).size }
  })
  let closed = false
  const check = (signal) => {
    if (closed) throw new SourceError('SOURCE_CLOSED', `${path} has been closed`, { remedy: 'Open it again.' })
    if (signal?.aborted) throw new SourceError('SOURCE_ABORTED', 'Reading was called off', { cause: signal.reason })
  }
  const heads = new Map()
  for (const file of files) for await (const line of linesOf(file, 1)) heads.set(file.table, JSON.parse(line))

  return {
    kind: 'json-lines',
    label: path,
    supports: { snapshot: true, aggregates: false, orphans: false, resume: true },
    async readCatalog() {
      check()
      const tables = files.map(({ table }) => describe(table, heads.get(table)))
      return {
        dialect: 'json-lines',
        version: '1',
        tables,
        views: [],
        triggers: [],
        sequences: [],
        types: [],
        notes: [],
      }
    },
    async *readBatches({ name }, { columns, batchRows = 1000, integers, after, signal }) {
      const file = files.find(({ table }) => table === name)
      const { columns: all, primaryKey } = heads.get(name)
      const places = columns.map((column) => all.findIndex(([known]) => known === column))
      const keyAt = primaryKey.map((column) => all.findIndex(([known]) => known === column))
      let waiting = after !== undefined
      let batch = []
      let octets = 0
      for await (const line of linesOf(file, Infinity, check)) {
        check(signal)
        if (line.startsWith('{')) continue
        const row = JSON.parse(line, exactly).map((value, at) => valueOf(value, all[at][1], integers))
        if (waiting) {
          waiting = !keyAt.every((at, part) => same(row[at], after[part]))
          continue
        }
        batch.push(places.map((at) => row[at]))
        octets += line.length
        if (batch.length < batchRows && octets < 128 * 1024) continue
        yield batch
        check(signal)
        batch = []
        octets = 0
      }
      check(signal)
      if (batch.length > 0) yield batch
    },
    async fingerprint() {
      check()
      const hash = createHash('sha256')
      for (const file of files) for await (const line of linesOf(file)) hash.update(`${line}\n`)
      return hash.digest('hex')
    },
    async close() {
      if (!closed) for (const { fd } of files) closeSync(fd)
      closed = true
    },
  }
}

async function* linesOf({ fd, size }, most = Infinity, check = () => {}) {
  const input = createReadStream('', { fd, autoClose: false, start: 0, end: size - 1 })
  let count = 0
  try {
    for await (const line of createInterface({ input, crlfDelay: Infinity })) {
      yield line
      if (++count >= most) return
    }
  } catch (error) {
    // Whoever closes the source closes its files under the readings
    check()
    throw error
  }
}

/** Numbers stay the digits they are written with, since JavaScript would round integers past 2^53. */
function exactly(_key, value, { source }) {
  return typeof value === 'number' ? { digits: source } : value
}

function valueOf(value, kind, integers) {
  if (value === null) return null
  if (kind === 'bytes') return Buffer.from(value, 'base64')
  if (value.digits === undefined) return value
  const number = Number(value.digits)
  if (kind === 'real' || (integers !== 'bigint' && Number.isSafeInteger(number))) return number
  return BigInt(value.digits)
}

function same(one, other) {
  return one instanceof Uint8Array ? Buffer.compare(one, other) === 0 : String(one) === String(other)
}

const each = (value, names) => Object.fromEntries(names.split(' ').map((name) => [name, value]))
const rule = { name: null, deferrability: 'not deferrable' }
const action = { onDelete: 'no action', onUpdate: 'no action', match: 'simple', validated: true }

function describe(name, { columns, primaryKey, references = [] }) {
  const called = (table) => ({ schema: 'main', name: table })
  return {
    name: called(name),
    kind: 'table',
    columns: columns.map(([column, declaredType, nullable], at) => ({
      ...each(null, 'default generated identity sequence collation type comment'),
      name: column,
      position: at + 1,
      declaredType,
      nullable,
    })),
    primaryKey: primaryKey.length === 0 ? null : { ...rule, columns: primaryKey, nullsNotDistinct: false },
    foreignKeys: references.map(({ columns: own, table, to }) => ({
      ...rule,
      ...action,
      columns: own,
      references: called(table),
      referencedColumns: to,
    })),
    ...each([], 'uniques checks exclusions indexes'),
    ...each(null, 'rowIdentifier rowEstimate highWaterMark definition comment postgres'),
    enforcesTypes: false,
    withoutRowid: false,
  }
}
