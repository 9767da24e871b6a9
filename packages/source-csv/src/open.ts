import { createHash } from 'node:crypto'
import fs from 'node:fs'
import type { TableName } from '@rowferry/introspect'
import { SourceError, type Source } from '@rowferry/source'
import { describe } from './description.ts'
import { readBatches } from './read-batches.ts'
import { recordsOf } from './records.ts'
import { catalogTable, openTable, type CsvTable } from './table.ts'

export interface CsvOptions {
  /** A folder with *.csv or *.tsv files, and perhaps a `datapackage.json` that says more about them; or one such file. */
  readonly path: string
}

/**
 * Looks at every file: its encoding, its delimiter and its header. All readings see the files as they were then, or end with `SOURCE_CHANGED`.
 * Throws `SourceError`: `SOURCE_MISSING`, `SOURCE_EMPTY`, `SOURCE_UNREADABLE`, `SOURCE_DAMAGED`.
 */
export async function openCsv({ path: label }: CsvOptions): Promise<Source> {
  const tables = new Map<string, CsvTable>()
  for (const description of describe(label)) tables.set(description.name, await openTable(description, label))
  const files = [...tables.values()].map(({ format }) => format.file)
  const stamps = new Map(files.map((file) => [file, stampOf(file)]))
  let open = true

  const goOn = (signal?: AbortSignal): void => {
    if (!open) throw new SourceError('SOURCE_CLOSED', `${label} has been closed`, { remedy: 'Open it again.' })
    if (signal?.aborted === true)
      throw new SourceError('SOURCE_ABORTED', `Reading ${label} was called off`, { cause: signal.reason })
    const changed = files.find((file) => stampOf(file) !== stamps.get(file))
    if (changed !== undefined)
      throw new SourceError('SOURCE_CHANGED', `${changed} was written to or replaced while it was read`, {
        remedy: 'Let whatever writes it finish, then run again.',
      })
  }
  const tableOf = ({ name }: TableName): CsvTable => {
    const found = tables.get(name)
    if (found !== undefined) return found
    throw new SourceError('SOURCE_CHANGED', `${label} has no table ${JSON.stringify(name)}`)
  }

  return {
    kind: 'csv',
    label,
    supports: { snapshot: true, aggregates: false, orphans: false, resume: true },
    async readCatalog({ signal } = {}) {
      const described = []
      for (const table of tables.values()) {
        goOn(signal)
        described.push(catalogTable(table, await countOf(table)))
      }
      goOn(signal)
      const rest = { views: [], triggers: [], sequences: [], types: [], notes: [] }
      return { dialect: 'csv', version: '', tables: described, ...rest }
    },
    async *readBatches(name, options) {
      goOn(options.signal)
      yield* readBatches(tableOf(name), options, () => goOn(options.signal))
    },
    async fingerprint() {
      goOn()
      const hash = createHash('sha256')
      for (const { description, columns, format } of tables.values()) {
        hash.update(JSON.stringify([description.name, columns, format.delimiter, format.encoding]))
        for await (const piece of fs.createReadStream(format.file)) hash.update(piece as Buffer)
      }
      goOn()
      return hash.digest('hex')
    },
    async close() {
      open = false
    },
  }
}

/** Tells one state of a file from another. */
function stampOf(file: string): string {
  const stat = fs.statSync(file, { bigint: true, throwIfNoEntry: false })
  return stat === undefined ? 'gone' : [stat.dev, stat.ino, stat.size, stat.mtimeNs].join(' ')
}

async function countOf({ format, columns }: CsvTable): Promise<number> {
  let rows = format.header ? -1 : 0
  for await (const record of recordsOf(format, columns.length)) rows += Math.sign(record.length)
  return Math.max(rows, 0)
}
