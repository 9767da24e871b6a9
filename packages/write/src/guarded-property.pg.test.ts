import type { SourceRow, SourceValue } from '@rowferry/introspect'
import type { Session } from '@rowferry/postgres'
import { useDatabase } from '@rowferry/vitest-preset/database'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { memorySource } from '../test/memory-source.ts'
import { openTarget, planOf, rowsOf } from '../test/target.ts'
import { writeGuarded } from './guarded.ts'

const database = useDatabase()

const TABLES = `
  create table parents (id int primary key);
  insert into parents select generate_series(1, 5);
  create domain short as varchar(40) check (value !~ 'forbidden');
  create table t (
    id int primary key,
    code text unique deferrable,
    name short not null,
    amount int check (amount >= 0),
    parent int references parents,
    boss int references t
  );`

/** A row and what is wrong with it, alone or beside the rows before it. */
const row: fc.Arbitrary<Row> = fc.record({
  id: fc.integer({ min: 1, max: 60 }),
  code: fc.option(fc.integer({ min: 1, max: 40 }).map((n) => `c${n}`)),
  name: fc.oneof<fc.MaybeWeightedArbitrary<string | null>[]>(
    { weight: 20, arbitrary: fc.string({ maxLength: 20 }) },
    fc.constantFrom(null, 'forbidden', 'x'.repeat(41), 'a\0b'),
  ),
  amount: fc.oneof<fc.MaybeWeightedArbitrary<number | string | null>[]>(
    { weight: 20, arbitrary: fc.option(fc.integer({ min: 0, max: 9 })) },
    fc.constantFrom(-1, 'many', 0.5, 2 ** 40),
  ),
  parent: fc.oneof<fc.MaybeWeightedArbitrary<number | null>[]>(
    { weight: 10, arbitrary: fc.option(fc.integer({ min: 1, max: 5 })) },
    fc.constant(6),
  ),
})
interface Row {
  readonly id: number
  readonly code: string | null
  readonly name: string | null
  readonly amount: number | string | null
  readonly parent: number | null
}

const COLUMNS = ['id', 'code', 'name', 'amount', 'parent', 'boss']
const asRow = ({ id, code, name, amount, parent }: Row): SourceRow => [id, code, name, amount, parent, null]

/** The rows that remain when the rules are kept by hand, one row after the other. */
function goodOnes(rows: readonly Row[]): Row[] {
  const ids = new Set<number>()
  const codes = new Set<string>()
  return rows.filter(({ id, code, name, amount, parent }) => {
    const fits =
      name !== null &&
      !/forbidden|\0/.test(name) &&
      [...name].length <= 40 &&
      (amount === null || (Number.isInteger(amount) && (amount as number) >= 0 && (amount as number) < 2 ** 31))
    const allowed = (parent === null || parent <= 5) && !ids.has(id) && (code === null || !codes.has(code))
    if (!fits || !allowed) return false
    ids.add(id)
    if (code !== null) codes.add(code)
    return true
  })
}

async function crossing(session: Session, rows: readonly SourceRow[]) {
  const rejected: string[] = []
  await session.query('savepoint before')
  const table = await planOf(session, 't')
  const written = await writeGuarded({
    table,
    source: memorySource(COLUMNS, rows, { batchRows: 7 }),
    session,
    onReject: ({ row: name }) => void rejected.push(name),
  })
  const loaded = await rowsOf(session, 'select * from public.t order by id')
  await session.query('rollback to savepoint before')
  return { written, rejected, loaded }
}

const asText = (value: SourceValue): string | null => (typeof value === 'object' ? null : String(value))

test(
  'whatever is wrong with whichever rows: the good ones arrive, the others are told, the books balance',
  { timeout: 60_000 },
  async () => {
    await using session = await openTarget(database.url, TABLES)
    await fc.assert(
      fc.asyncProperty(fc.array(row, { maxLength: 60 }), async (rows) => {
        const { written, rejected, loaded } = await crossing(session, rows.map(asRow))
        const good = goodOnes(rows)
        expect(loaded).toEqual(good.toSorted((a, b) => a.id - b.id).map((each) => asRow(each).map(asText)))
        expect(written).toMatchObject({
          read: rows.length,
          written: good.length,
          rejected: rows.length - good.length,
          kept: 0,
        })
        const bad = rows.filter((each) => !good.includes(each)).map(({ id }) => `id=${id}`)
        expect(rejected.toSorted()).toEqual(bad.toSorted())
      }),
      { numRuns: 60 },
    )
  },
)

test(
  'bosses in any order: those without one to hang on are set aside, and no others',
  { timeout: 60_000 },
  async () => {
    await using session = await openTarget(database.url, TABLES)
    // A boss below the number of rows exists, one above does not; nobody is told twice
    const bosses = fc
      .uniqueArray(fc.integer({ min: 1, max: 40 }), { maxLength: 25 })
      .chain((ids) =>
        fc.tuple(...ids.map((id) => fc.tuple(fc.constant(id), fc.option(fc.integer({ min: 1, max: 44 }))))),
      )
    await fc.assert(
      fc.asyncProperty(bosses, async (people) => {
        const boss = new Map(people)
        const hangs = (id: number, seen: readonly number[] = []): boolean => {
          const above = boss.get(id)
          // A ring of people is not judged here: it goes in only when nobody else is refused
          return above === null || (above !== undefined && !seen.includes(above) && hangs(above, [...seen, above]))
        }
        const ringless = people.filter(([id]) => !inRing(boss, id))
        const rows = ringless.map(([id, above]): SourceRow => [id, null, 'n', null, null, above])
        const { loaded, written } = await crossing(session, rows)
        const good = ringless.filter(([id]) => hangs(id)).map(([id]) => String(id))
        expect(loaded.map(([id]) => id)).toEqual(good.toSorted((a, b) => Number(a) - Number(b)))
        expect(written.read).toBe(written.written + written.rejected)
      }),
      { numRuns: 40 },
    )
  },
)

function inRing(boss: ReadonlyMap<number, number | null>, id: number): boolean {
  const seen = new Set<number>()
  for (let at: number | null | undefined = id; at !== null && at !== undefined; at = boss.get(at)) {
    if (seen.has(at)) return true
    seen.add(at)
  }
  return false
}
