import Database from 'better-sqlite3'
import { sqlite } from '@rowferry/source-sqlite'
import { expect, test } from 'vitest'
import { rig } from '../../test/rig.ts'
import { migrate } from '../migrate-command.ts'
import { plan } from '../plan-command.ts'
import { verify } from '../verify-command.ts'

const SOURCE = `create table p (id integer primary key autoincrement, code text not null unique, share real);
  create view codes as select code from p; create table tag (name text primary key) without rowid;
  insert into p values (1, 'a', 0.1), (2, 'b', 0.2), (9, 'z', 9.5); delete from p where id = 9; insert into tag values ('m'), ('q')`

async function grown(sql: string) {
  const at = await rig(SOURCE)
  const planned = (await plan(at.input())).plan!
  expect((await migrate({ ...at.input(), plan: planned })).outcome).toBe('done')
  change(at.path, sql)
  return {
    at,
    input: { ...at.input(), plan: planned, asOfPlan: true },
    [Symbol.asyncDispose]: () => at[Symbol.asyncDispose](),
  }
}

function change(path: string, sql: string): void {
  const file = new Database(path)
  file.exec(sql)
  file.close()
}

const codes = ({ findings }: Awaited<ReturnType<typeof verify>>) => findings.map(({ code, table }) => [code, table])

test('of a source that has grown since its plan, what was there is compared and what is new is told', async () => {
  await using then = await grown("insert into p values (20, 'new', null), (21, 'newer', 3)")
  const { at, input } = then
  expect(await verify({ ...input, asOfPlan: false })).toMatchObject({ outcome: 'different' })
  const report = await verify(input)
  expect(report.findings.filter(({ severity }) => severity !== 'note')).toEqual([])
  expect(report).toMatchObject({ outcome: 'done', totals: { read: 4, written: 4 } })
  expect(report.findings).toContainEqual(expect.objectContaining({ code: 'SOURCE_GREW', table: 'p', count: 2 }))
  expect(codes(report)).toContainEqual(['VIEW_NOT_COMPARED', null])
  await at.rows("update p set code = 'other' where id = 2")
  expect(await verify(input)).toMatchObject({ outcome: 'different' })
})

test('new rows among the old ones, and old ones that changed, are told as what they are', async () => {
  await using then = await grown(
    "insert into tag values ('no'); insert into p values (20, 'new', 1); update p set share = 0.3 where id = 2",
  )
  const report = await verify(then.input)
  expect(report.outcome).toBe('different')
  expect(report.findings.filter(({ severity }) => severity === 'warning').map(({ message }) => message)).toEqual([
    'the first 2 rows of p are not those of the plan: share holds other values',
    'the first 2 rows of tag are not those of the plan: name holds other values',
  ])
})

test('a reader that is wrong about the rows of the plan is found by their sums', async () => {
  await using then = await grown("insert into p values (20, 'new', null)")
  const { at, input } = then
  await at.rows('update p set share = 0.25 where id = 2')
  const report = await verify({
    ...input,
    source: {
      ...input.source,
      adapter: {
        ...sqlite,
        async open(options) {
          const source = await sqlite.open(options as never)
          return {
            ...source,
            async *readBatches(table, asked) {
              for await (const batch of source.readBatches(table, asked))
                yield batch.map((row) => row.map((value) => (value === 0.2 ? 0.25 : value)))
            },
          }
        },
      },
    },
  })
  expect(report.outcome).toBe('different')
  expect(report.findings).toContainEqual(expect.objectContaining({ code: 'READER_FAULT', table: 'p', column: 'share' }))
})
