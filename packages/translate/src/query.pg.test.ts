import Database from 'better-sqlite3'
import fc from 'fast-check'
import pg from 'pg'
import { useDatabase } from '@rowferry/vitest-preset/database'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { randomQuery } from '../test/random-query.ts'
import { names, sample, tables } from '../test/sample.ts'
import { canonical, type Cell, relations } from '../test/compare-rows.ts'
import { translateView } from './view.ts'

const sqlite = new Database(':memory:')
const database = useDatabase()
let client: pg.Client

beforeAll(async () => {
  client = new pg.Client({ connectionString: database.url, types: { getTypeParser: () => (value: unknown) => value } })
  await client.connect()
  await client.query("set timezone to 'UTC'")
  for (const table of tables) await sample(table, sqlite, client)
})
afterAll(async () => {
  await client.end()
  sqlite.close()
})

/** The rows on both sides; null where the query is refused, or fails on either side for a number that is too large. */
async function bothSides(select: string) {
  let columns: { name: string; target: string }[]
  try {
    const described = sqlite.prepare(select).columns()
    columns = described.map(({ name }) => ({ name, target: name }))
  } catch (error) {
    return `SQLite: ${(error as Error).message}`
  }
  const said = translateView(`create view v as ${select}`, {
    name: 'v',
    target: { schema: 'public', name: 'v' },
    columns,
    relations,
  })
  if (!said.ok) return said.reason
  const query = said.sql.replace(/^CREATE VIEW "public"\."v" \(.*?\) AS /s, '')
  let ours: Cell[][]
  try {
    ours = sqlite.prepare(select).raw().safeIntegers().all() as Cell[][]
  } catch (error) {
    return `SQLite: ${(error as Error).message}`
  }
  try {
    const { rows } = await client.query({ text: query, rowMode: 'array' })
    const sides = canonical(ours, rows as Cell[][], said.columns)
    const isEqual = sides.ours.join('\n') === sides.theirs.join('\n')
    // As the README says, and only where numbers of 2^53 meet fractions
    if (!isEqual && select.includes('big') && query.includes('double precision')) return 'rounded beyond 2^53'
    return { query, ...sides }
  } catch (error) {
    // A number out of range: an error is not a wrong answer
    if ((error as { code?: string }).code === '22003') return 'out of range'
    throw new Error(`${select}   as   ${query}`, { cause: error })
  }
}

test.each([
  // What random queries have found
  'select case when i > 0 then (select null from w where w.k = t.k) else i end as c from t',
  'select i from t where (select cast(w.wt as integer) from w where w.k = t.k) = t.t',
  'select q.c from (select cast(wt as integer) as c from w) q join t on q.c = t.t',
  'select q.c from (select wi as c from w union all select 5 from w) q join t on q.c = t.t',
  'select q.c from (select 5 as c from w union all select wi from w) q join t on q.c = t.t',
  'select q.c from (select wi + 0 as c from w) q join t on q.c = t.t',
  'select coalesce(q.n, t.i) as c from t join (select k, null as n from w) q on q.k = t.k',
])('the same rows: %s', async (select) => {
  const sides = await bothSides(select)
  if (typeof sides === 'string') throw new Error(sides)
  expect(sides.theirs).toEqual(sides.ours)
})

test.each([
  ["select distinct printf('%d', big) + k as c from t", 'rounds beyond 2^53'],
  ['select big + n, count(*) from t group by 1', 'rounds beyond 2^53'],
  ['select k from t where cast(2 as integer) is t.t', 'compares numbers with text'],
])('is refused: %s', async (select, why) => {
  expect(await bothSides(select)).toContain(why)
})

/** A long run: ROWFERRY_RUNS=50000, from another beginning with ROWFERRY_SEED. */
const runs = Number(process.env['ROWFERRY_RUNS'] ?? 700)

test('whatever is accepted of random queries gives the same rows', { timeout: 3_600_000 }, async () => {
  let accepted = 0
  await fc.assert(
    fc.asyncProperty(randomQuery(names), async (select) => {
      const sides = await bothSides(select)
      if (typeof sides === 'string') return
      accepted++
      expect({ select, query: sides.query, rows: sides.theirs }).toEqual({
        select,
        query: sides.query,
        rows: sides.ours,
      })
    }),
    { numRuns: runs, seed: Number(process.env['ROWFERRY_SEED'] ?? 7) },
  )
  expect(accepted).toBeGreaterThan(runs / 4)
})
