import type { Random } from './random.ts'

type Value = number | bigint | string | Buffer | null

interface Column {
  readonly name: string
  /** As SQLite's DDL has it. */
  readonly declared: string
  /** PostgreSQL's, where the table is there before the crossing. */
  readonly type: string
}

export interface SetTable {
  readonly name: string
  readonly columns: readonly Column[]
  readonly rows: number
  /** Columns with an index of their own. */
  readonly indexed: readonly string[]
  /** `parent_id` references the `id` of this table. */
  readonly parent: string | null
  readonly row: (id: number, random: Random) => readonly Value[]
}

export interface DataSet {
  readonly name: SetName
  /** What it stands for, in one line. */
  readonly about: string
  readonly tables: readonly SetTable[]
}

export const setNames = ['narrow', 'wide', 'text', 'blobs', 'many'] as const
export type SetName = (typeof setNames)[number]

const id = column('id', 'INTEGER PRIMARY KEY', 'bigint')

/** `scale`: a factor on the number of rows; of `many` on the number of tables. At least two of either. */
export function dataSet(name: SetName, scale = 1): DataSet {
  const scaled = (count: number): number => Math.max(2, Math.round(count * scale))
  switch (name) {
    case 'narrow':
      return { name, about: '5 M rows of 5 columns', tables: [narrow(scaled(5_000_000))] }
    case 'wide':
      return { name, about: '500 k rows of 30 columns of mixed types', tables: [wide(scaled(500_000))] }
    case 'text':
      return { name, about: '300 k rows with 2 KiB of text', tables: [longText(scaled(300_000))] }
    case 'blobs':
      return { name, about: '20 k rows with a blob of 32 KiB', tables: [blobs(scaled(20_000))] }
    case 'many':
      return { name, about: '500 tables of 200 rows, each referencing the one before', tables: many(scaled(500)) }
    default:
      return name satisfies never
  }
}

function column(name: string, declared: string, type: string): Column {
  return { name, declared, type }
}

function numbered(prefix: string, count: number, declared: string, type: string): Column[] {
  return Array.from({ length: count }, (_, at) => column(`${prefix}${at + 1}`, declared, type))
}

function narrow(rows: number): SetTable {
  return {
    name: 'narrow',
    columns: [
      id,
      column('fk', 'INTEGER', 'integer'),
      column('n', 'INTEGER', 'integer'),
      column('x', 'REAL', 'double precision'),
      column('s', 'TEXT', 'text'),
    ],
    rows,
    indexed: ['fk'],
    parent: null,
    row: (at, random) => [
      at,
      random.below(100_000),
      random.below(2e9),
      random.next() * 1000,
      random.text(6 + random.below(14)),
    ],
  }
}

function wide(rows: number): SetTable {
  const flag = (random: Random): number => random.below(2)
  const big = (random: Random): bigint => BigInt(random.below(2 ** 30)) * 2n ** 31n + BigInt(random.below(2 ** 31))
  return {
    name: 'wide',
    columns: [
      id,
      ...numbered('flag', 4, 'BOOLEAN', 'boolean'),
      ...numbered('at', 3, 'TIMESTAMP', 'timestamptz'),
      column('day', 'DATE', 'date'),
      column('detail', 'JSON', 'jsonb'),
      ...numbered('ref', 2, 'TEXT', 'uuid'),
      column('amount', 'DECIMAL(12,2)', 'numeric(12,2)'),
      column('exact', 'TEXT', 'numeric'),
      ...numbered('count', 5, 'INTEGER', 'integer'),
      ...numbered('big', 2, 'BIGINT', 'bigint'),
      ...numbered('real', 3, 'REAL', 'double precision'),
      ...numbered('text', 6, 'TEXT', 'text'),
    ],
    rows,
    indexed: ['at1', 'ref1'],
    parent: null,
    row: (at, random) => [
      at,
      flag(random),
      flag(random),
      random.maybe(0.1, () => flag(random)),
      random.maybe(0.5, () => flag(random)),
      random.instant(),
      random.instant(),
      random.maybe(0.3, () => random.instant()),
      random.instant().slice(0, 10),
      JSON.stringify({ a: random.below(1000), name: random.word(), tags: [random.word(), random.word()] }),
      random.uuid(),
      random.maybe(0.2, () => random.uuid()),
      random.below(1e9) / 100,
      `${random.below(1e9)}.${String(random.below(1e6)).padStart(6, '0')}`,
      random.below(1e9),
      random.below(1000),
      random.maybe(0.2, () => random.below(1e6)),
      -random.below(1e5),
      random.below(2e9),
      big(random),
      random.maybe(0.2, () => big(random)),
      random.next() * 1e6,
      random.next(),
      random.maybe(0.3, () => random.below(1e6) / 100),
      random.text(12),
      random.text(30),
      random.maybe(0.3, () => random.text(20)),
      random.maybe(0.8, () => random.text(40)),
      random.text(8),
      random.word(),
    ],
  }
}

function longText(rows: number): SetTable {
  return {
    name: 'documents',
    columns: [id, column('title', 'TEXT', 'text'), column('body', 'TEXT', 'text')],
    rows,
    indexed: ['title'],
    parent: null,
    row: (at, random) => [at, random.text(40), random.text(2048)],
  }
}

function blobs(rows: number): SetTable {
  return {
    name: 'files',
    columns: [id, column('name', 'TEXT', 'text'), column('content', 'BLOB', 'bytea')],
    rows,
    indexed: [],
    parent: null,
    row: (at, random) => [at, `file-${at}`, random.bytes(32_768)],
  }
}

function many(tables: number): SetTable[] {
  const rows = 200
  const nameOf = (at: number): string => `m${String(at).padStart(3, '0')}`
  return Array.from({ length: tables }, (_, at) => ({
    name: nameOf(at),
    columns: [
      id,
      column('parent_id', 'INTEGER', 'bigint'),
      column('name', 'TEXT', 'text'),
      column('flag', 'BOOLEAN', 'boolean'),
      column('created', 'TIMESTAMP', 'timestamptz'),
    ],
    rows,
    indexed: ['parent_id'],
    parent: at === 0 ? null : nameOf(at - 1),
    row: (row, random) => [row, 1 + random.below(rows), random.text(14), random.below(2), random.instant()],
  }))
}
