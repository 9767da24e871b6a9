import type Database from 'better-sqlite3'
import fc from 'fast-check'
import type pg from 'pg'
import type { ExpressionColumn } from '../src/term.ts'

export interface SampleTable {
  readonly name: string
  readonly rows: number
  readonly seed: number
  readonly columns: readonly (ExpressionColumn & {
    readonly declaredType: string
    readonly values: readonly unknown[]
  })[]
}

const integers = [0, 1, -1, 2, 5, 7, 100, -32_768, 32_767]
const texts = [
  '',
  'a',
  'A',
  'abc',
  'ABC',
  'x%z',
  'a_c',
  'É',
  'é',
  ' a ',
  'a ',
  '5',
  '05',
  '1e1',
  '-7',
  ' 2',
  '5.0',
  "it's",
  '漢字',
  '3abc',
]
const days = ['2024-01-01', '1999-12-31', '2024-02-29', '1970-01-01']
const moments = ['2024-01-01 00:00:00', '1999-12-31 23:59:59', '2024-02-29 12:30:45', '1970-01-01 00:00:01']
const reals = [0, 0.1, 0.5, 1 / 3, -3.25, 4e5, 5, 2.675, 1.005, 1e-7, -0.5]

function columnsOf(prefix: string): SampleTable['columns'] {
  const column = (
    name: string,
    declaredType: string,
    type: string,
    values: readonly unknown[],
    more: Partial<ExpressionColumn> = {},
  ) => ({
    name: prefix + name,
    target: `${prefix}${name} in pg`,
    declaredType,
    type,
    values,
    ...more,
  })
  return [
    column('b', 'BOOLEAN', 'boolean', [0, 1]),
    column('i', 'INTEGER', 'integer', [...integers, 2_147_483_647]),
    column('k', 'INTEGER', 'bigint', [1, 2, 3, 4, 5]),
    column('big', 'INTEGER', 'bigint', [...integers.map(BigInt), 2n ** 53n - 1n, -(2n ** 53n), 10n ** 12n]),
    column('n', 'DECIMAL(10,2)', 'numeric(10,2)', [0, 1, 0.1, 0.5, 1.25, -3.99, 100, 7, 99_999.99]),
    column('d', 'DOUBLE', 'double precision', reals),
    column('t', 'TEXT', 'text', texts),
    column('u', 'VARCHAR(20)', 'character varying(20)', texts, { collation: 'NOCASE' }),
    column('s', 'STRING', 'text', ['', 'abc', 'ABC', 'x', 'a b'], { onlyText: true }),
    column('x', 'BLOB', 'bytea', [Buffer.alloc(0), Buffer.from('abc'), Buffer.from([0, 255])]),
    column('day', 'DATE', 'date', days, { spelling: 'YYYY-MM-DD' }),
    column('at', 'DATETIME', 'timestamp without time zone', moments, { spelling: 'YYYY-MM-DD HH24:MI:SS' }),
    column('ts', 'TEXT', 'text', moments, { spelling: 'YYYY-MM-DD HH24:MI:SS' }),
    column('o', 'TEXT', 'jsonb', ['{}', '[1, 2]', '5']),
  ]
}

const id: SampleTable['columns'][number] = {
  name: 'id',
  target: 'id',
  declaredType: 'INTEGER',
  type: 'bigint',
  values: [],
}

export const tables: readonly SampleTable[] = [
  { name: 't', rows: 40, seed: 7, columns: [id, ...columnsOf('')] },
  { name: 'w', rows: 12, seed: 8, columns: [{ ...id, name: 'k' }, ...columnsOf('w')] },
  { name: 'none', rows: 0, seed: 9, columns: [id, ...columnsOf('')] },
]

export const names = ['b', 'i', 'k', 'big', 'n', 'd', 't', 'u', 's', 'x', 'day', 'at', 'ts', 'o'] as const

/** Makes the table on both sides and fills it with the same rows. */
export async function sample(table: SampleTable, sqlite: Database.Database, client: pg.Client): Promise<void> {
  const [key, ...columns] = table.columns
  const nocase = (column: ExpressionColumn) => (column.collation ? ` collate ${column.collation}` : '')
  sqlite.exec(
    `create table "${table.name}"("${key!.name}" integer primary key, ${columns.map((c) => `"${c.name}" ${c.declaredType}${nocase(c)}`).join(', ')})`,
  )
  await client.query(
    `create table "${table.name}"("${key!.target}" bigint primary key, ${columns.map((c) => `"${c.target}" ${c.type}`).join(', ')})`,
  )
  const rows = fc.sample(
    fc.tuple(
      ...columns.map(({ values }) =>
        fc.oneof({ weight: 1, arbitrary: fc.constant(null) }, { weight: 6, arbitrary: fc.constantFrom(...values) }),
      ),
    ),
    { numRuns: table.rows, seed: table.seed },
  )
  const insert = sqlite.prepare(`insert into "${table.name}" values (${table.columns.map(() => '?').join(', ')})`)
  for (const [index, row] of rows.entries()) {
    insert.run(index + 1, ...row)
    const values = row.map((value, at) => (columns[at]!.type === 'boolean' && value !== null ? value === 1 : value))
    await client.query(
      `insert into "${table.name}" values (${table.columns.map((_, at) => `$${at + 1}`).join(', ')})`,
      [index + 1, ...values],
    )
  }
}
