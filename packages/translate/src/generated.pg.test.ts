import { useDatabase } from '@rowferry/vitest-preset/database'
import Database from 'better-sqlite3'
import fc from 'fast-check'
import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { canonical, type Cell } from '../test/compare-rows.ts'
import { expressions } from '../test/random-query.ts'
import { sample, tables } from '../test/sample.ts'
import { translateGenerated } from './generated.ts'
import type { ExpressionColumn } from './term.ts'

const sqlite = new Database(':memory:')
const database = useDatabase()
let client: pg.Client
const [table] = tables
const { columns } = table!

beforeAll(async () => {
  client = new pg.Client({ connectionString: database.url, types: { getTypeParser: () => (value: unknown) => value } })
  await client.connect()
  await sample(table!, sqlite, client)
})
afterAll(async () => {
  await client.end()
  sqlite.close()
})

/** What a column of that type holds on either side, once it is generated there; or why it is not. */
async function bothSides(expression: string, given: Pick<ExpressionColumn, 'type' | 'declaredType' | 'spelling'>) {
  const said = translateGenerated(expression, { columns, column: { name: 'g', target: 'g', ...given } })
  if (!said.ok) return said.reason
  sqlite.exec(`begin; alter table t add column g ${given.declaredType} as (${expression})`)
  await client.query('begin')
  try {
    const ours = sqlite.prepare('select g from t').raw().safeIntegers().all() as Cell[][]
    await client.query(`alter table t add column g ${given.type} generated always as (${said.sql}) stored`)
    const { rows } = await client.query({ text: 'select g from t', rowMode: 'array' })
    const described = { name: 'g', target: 'g', type: given.type, from: null, fuzzy: false }
    return { sql: said.sql, ...canonical(ours, rows as Cell[][], [described]) }
  } catch (error) {
    // Neither arrives changed: a number out of range is refused, and so is what PostgreSQL folds before it has settled the collations;
    // a crossing then carries plain data
    const { code } = error as { code?: string }
    if (code === '22003' || code === '42P22') return 'refused by the server'
    throw new Error(`${expression}   as   ${said.sql}`, { cause: error })
  } finally {
    await client.query('rollback')
    sqlite.exec('rollback')
  }
}

const kinds = [
  { type: 'bigint', declaredType: 'INTEGER' },
  { type: 'bigint', declaredType: '' },
  { type: 'double precision', declaredType: 'REAL' },
  { type: 'double precision', declaredType: 'NUMERIC' },
  { type: 'text', declaredType: 'TEXT' },
  { type: 'text', declaredType: '' },
  { type: 'boolean', declaredType: 'BOOLEAN' },
  { type: 'date', declaredType: 'DATE', spelling: 'YYYY-MM-DD' },
  { type: 'timestamp', declaredType: 'DATETIME', spelling: 'YYYY-MM-DD HH24:MI:SS' },
] as const

test.each([
  ['d * i', kinds[2]],
  ["t || ' ' || upper(u)", kinds[4]],
  ['i + k', kinds[4]],
  ["coalesce(t, u, '')", kinds[5]],
  ['i > 5 and t is not null', kinds[6]],
  ['date(at)', kinds[7]],
  ["datetime(at, '+1 day')", kinds[8]],
  ['case when i > 1 then round(d, 2) else n end', kinds[2]],
] as const)('generated as in SQLite: %s', async (expression, kind) => {
  const sides = await bothSides(expression, kind)
  if (typeof sides === 'string') throw new Error(sides)
  expect(sides.theirs).toEqual(sides.ours)
})

test.each([
  ["strftime('%Y', at)", kinds[4], 'depend on its settings'],
  ['date(ts)', kinds[7], 'depend on its settings'],
  ['hex(t)', kinds[5], 'depend on its settings'],
  ['current_timestamp', kinds[8], 'present moment'],
  ['n * 2', { type: 'numeric(10,2)', declaredType: 'DECIMAL(10,2)' }, 'not of the kind'],
  ['t', kinds[0], 'not of the kind'],
  ["o ->> '$.a'", kinds[4], 'JSON'],
  ['(select 1)', kinds[0], 'SELECT'],
  ['count(*)', kinds[0], ''],
] as const)('not generated: %s', async (expression, kind, why) => {
  expect(await bothSides(expression, kind)).toEqual(expect.stringContaining(why))
})

const runs = Number(process.env['ROWFERRY_RUNS'] ?? 150)

test('whatever is accepted of random expressions is generated alike', { timeout: 3_600_000 }, async () => {
  const { any, number, text, condition } = expressions((name) => name, 3, null)
  let accepted = 0
  await fc.assert(
    fc.asyncProperty(fc.oneof(any, number, text, condition), fc.constantFrom(...kinds), async (expression, kind) => {
      const sides = await bothSides(expression, kind)
      if (typeof sides === 'string') return
      accepted++
      expect({ expression, kind, sql: sides.sql, rows: sides.theirs }).toEqual({
        expression,
        kind,
        sql: sides.sql,
        rows: sides.ours,
      })
    }),
    { numRuns: runs, seed: Number(process.env['ROWFERRY_SEED'] ?? 7) },
  )
  expect(accepted).toBeGreaterThan(runs / 20)
})
