import { createHash } from 'node:crypto'
import type { Catalog, Column, SourceRow, SourceValue, Table, TableName } from '@rowferry/introspect'
import { SourceError, type ReadOptions, type Source } from '@rowferry/source'
import type { SeededDatabase, SeedTable, SourceHarness } from '../src/index.ts'

const declaredTypes = { integer: 'whole', real: 'part', text: 'words', bytes: 'raw' } as const

/** A database that is a list: the smallest thing that keeps the whole contract. */
export function memoryHarness(disguise: (source: Source) => Source = (source) => source): SourceHarness {
  return {
    supports: {
      snapshot: true,
      aggregates: true,
      realResidues: true,
      aggregatesFirst: true,
      replacements: true,
      orphans: true,
      resume: true,
    },
    declaredTypes,
    async seed(tables) {
      let current = tables
      return {
        open: async () => disguise(open(current)),
        async insert(name, rows) {
          current = current.map((table) => (table.name === name ? { ...table, rows: [...table.rows, ...rows] } : table))
        },
        async remove() {},
      } satisfies SeededDatabase
    },
  }
}

function open(tables: readonly SeedTable[]): Source {
  let closed = false
  const alive = (): void => {
    if (closed) throw new SourceError('SOURCE_CLOSED', 'closed')
  }
  const find = (name: TableName): SeedTable => tables.find((table) => table.name === name.name) as SeedTable
  const pick = (table: SeedTable, row: SourceRow, columns: readonly string[]): SourceValue[] =>
    columns.map((name) => row[table.columns.findIndex((column) => column.name === name)] ?? null)
  return {
    kind: 'memory',
    label: 'memory',
    supports: {
      snapshot: true,
      aggregates: true,
      realResidues: true,
      aggregatesFirst: true,
      replacements: true,
      orphans: true,
      resume: true,
    },
    async readCatalog() {
      alive()
      return catalogOf(tables)
    },
    async *readBatches(name, options) {
      alive()
      const table = find(name)
      const key = (row: SourceRow): string => JSON.stringify(pick(table, row, table.primaryKey))
      const from =
        options.after === undefined ? 0 : table.rows.findIndex((row) => key(row) === JSON.stringify(options.after)) + 1
      const size = options.batchRows ?? 100
      for (let at = from; at < table.rows.length; at += size) {
        alive()
        abortable(options)
        yield table.rows
          .slice(at, at + size)
          .map((row) => pick(table, row, options.columns).map((value, index) => asAsked(value, table, options, index)))
      }
      abortable(options)
    },
    async aggregate(name, columns, first) {
      const all = find(name)
      const table = { ...all, rows: all.rows.slice(0, first) }
      return {
        rows: table.rows.length,
        columns: columns.map((column) => {
          const values = table.rows.map((row) => pick(table, row, [column])[0] ?? null)
          const kind = table.columns.find((candidate) => candidate.name === column)?.kind
          const present = values.filter((value) => value !== null)
          const whole =
            kind === 'integer'
              ? present.map((value) => BigInt(value as number)).toSorted((a, b) => (a < b ? -1 : 1))
              : []
          return {
            column,
            nulls: values.length - present.length,
            integers: whole.length,
            reals: kind === 'real' ? present.length : 0,
            texts: kind === 'text' ? present.length : 0,
            blobs: kind === 'bytes' ? present.length : 0,
            octets: String(present.reduce((sum: number, value) => sum + octets(value), 0)),
            integerSum: whole.length === 0 ? null : String(whole.reduce((sum, value) => sum + value, 0n)),
            integerMin: whole.length === 0 ? null : String(whole[0]),
            integerMax: whole.length === 0 ? null : String(whole.at(-1)),
            realResidue:
              kind === 'real' ? present.reduce((sum: number, real) => (sum + residue(real as number)) % prime, 0) : 0,
          }
        }),
      }
    },
    async countReplacements(name, columns) {
      const table = find(name)
      const texts = (column: string): string[] =>
        table.rows.flatMap((row) => pick(table, row, [column]).filter((value) => typeof value === 'string'))
      return columns.map((column) => texts(column).filter((text) => text.includes('\uFFFD')).length)
    },
    async findOrphans(query) {
      const [child, parent] = [find(query.table), find(query.parent)]
      const known = new Set(parent.rows.map((row) => JSON.stringify(pick(parent, row, query.parentColumns))))
      const lost = child.rows.filter((row) => {
        const values = pick(child, row, query.columns)
        return !values.includes(null) && !known.has(JSON.stringify(values))
      })
      return {
        count: lost.length,
        rows: lost.slice(0, query.limit).map((row) => pick(child, row, [...query.keyColumns, ...query.columns])),
      }
    },
    async fingerprint() {
      alive()
      return createHash('sha256')
        .update(tables.map((table) => String(table.rows.length)).join())
        .digest('hex')
    },
    async close() {
      closed = true
    },
  }
}

const prime = 2 ** 31 - 1

/** 31 binary places after the other are worth a whole number each. */
function residue(real: number): number {
  let sum = Math.trunc(real) % prime
  for (let rest = real % 1; rest !== 0; rest %= 1) {
    rest *= 2 ** 31
    sum += Math.trunc(rest)
  }
  return ((sum % prime) + prime) % prime
}

function octets(value: SourceValue): number {
  return typeof value === 'string' ? Buffer.byteLength(value) : value instanceof Uint8Array ? value.length : 0
}

function abortable(options: ReadOptions): void {
  if (options.signal?.aborted === true) throw new SourceError('SOURCE_ABORTED', 'aborted')
}

function asAsked(value: SourceValue, table: SeedTable, options: ReadOptions, index: number): SourceValue {
  const kind = table.columns.find((column) => column.name === options.columns[index])?.kind
  return options.integers === 'bigint' && kind === 'integer' && typeof value === 'number' ? BigInt(value) : value
}

const name = (table: string): TableName => ({ schema: 'main', name: table })

function catalogOf(tables: readonly SeedTable[]): Catalog {
  return {
    dialect: 'memory',
    version: '1',
    tables: tables.map(tableOf),
    views: [],
    triggers: [],
    sequences: [],
    types: [],
    notes: [],
  }
}

function tableOf(table: SeedTable): Table {
  const rule = { deferrability: 'not deferrable' as const }
  return {
    name: name(table.name),
    kind: 'table',
    columns: table.columns.map((column, at): Column => ({
      name: column.name,
      position: at + 1,
      declaredType: declaredTypes[column.kind],
      nullable: column.nullable,
      default: null,
      generated: null,
      identity: null,
      sequence: null,
      collation: null,
      type: null,
      comment: null,
    })),
    primaryKey:
      table.primaryKey.length === 0
        ? null
        : { ...rule, name: null, columns: table.primaryKey, nullsNotDistinct: false },
    uniques: [],
    foreignKeys: table.foreignKeys.map((key) => ({
      ...rule,
      name: null,
      columns: key.columns,
      references: name(key.parent),
      referencedColumns: key.parentColumns,
      onDelete: 'no action',
      onUpdate: 'no action',
      match: 'simple',
      validated: true,
    })),
    checks: [],
    exclusions: [],
    indexes: [],
    enforcesTypes: true,
    rowIdentifier: null,
    rowEstimate: null,
    highWaterMark: null,
    withoutRowid: false,
    definition: null,
    comment: null,
    postgres: null,
  }
}
