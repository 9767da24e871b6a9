import assert from 'node:assert/strict'
import type { SourceRow, SourceValue } from '@rowferry/introspect'
import type { SeedKind } from '../harness.ts'
import type { Scenario, Stage } from '../scenario.ts'
import { assertRejects, assertRows, assertSameRows, readAll, readTable, table, tableOf } from '../scenario.ts'
import { awkwardNames, bytes, integers, numbered, reals, texts } from './samples.ts'

async function carries(stage: Stage, kind: SeedKind, values: readonly SourceValue[]): Promise<void> {
  const rows = values.map((value, at): SourceRow => [at + 1, value])
  const source = await (await stage.seed(table('cells', { id: 'integer', cell: `${kind}?` }, { rows }))).open()
  assertSameRows(await readTable(source, 'cells', ['id', 'cell']), rows)
}

const people = (count: number) => table('people', { id: 'integer', name: 'text?' }, { rows: numbered(count) })

export const rowScenarios = {
  'rows/integers-exact': { run: (stage) => carries(stage, 'integer', integers) },
  'rows/reals-exact': { run: (stage) => carries(stage, 'real', reals) },
  'rows/text-exact': { run: (stage) => carries(stage, 'text', texts) },
  'rows/text-with-nul': { run: (stage) => carries(stage, 'text', ['\0', 'a\0b', 'end\0']) },
  'rows/bytes-exact': { run: (stage) => carries(stage, 'bytes', bytes) },
  'rows/nulls': {
    async run(stage) {
      for (const kind of ['integer', 'real', 'text', 'bytes'] as const) await carries(stage, kind, [null, null])
    },
  },
  'rows/integers-as-bigint-when-asked': {
    async run(stage) {
      const rows = [1, 0, -5, 9007199254740993n].map((value, at): SourceRow => [at + 1, value])
      const source = await (await stage.seed(table('cells', { id: 'integer', cell: 'integer' }, { rows }))).open()
      const expected = rows.map((row) => row.map((value) => BigInt(value as number)))
      assertSameRows(await readTable(source, 'cells', ['id', 'cell'], { integers: 'bigint' }), expected)
    },
  },
  'rows/columns-as-asked': {
    async run(stage) {
      const source = await (
        await stage.seed(
          table('wide', { id: 'integer', a: 'text', b: 'text', c: 'text' }, { rows: [[1, 'A', 'B', 'C']] }),
        )
      ).open()
      assertRows(await readTable(source, 'wide', ['c', 'a']), [['C', 'A']])
      assertRows(await readTable(source, 'wide', ['b', 'id', 'c', 'a']), [['B', 1, 'C', 'A']])
    },
  },
  'rows/same-order-twice': {
    async run(stage) {
      const source = await (await stage.seed(people(3000))).open()
      const first = await readTable(source, 'people', ['id', 'name'])
      assertSameRows(first, numbered(3000))
      assertRows(await readTable(source, 'people', ['id', 'name'], { batchRows: 7 }), first)
      assertRows(
        await readTable(source, 'people', ['name', 'id']),
        first.map(([id, name]) => [name, id] as SourceRow),
      )
    },
  },
  'rows/batches-no-larger-than-asked': {
    async run(stage) {
      const source = await (await stage.seed(people(25))).open()
      const { name } = await tableOf(source, 'people')
      const sizes: number[] = []
      for await (const batch of source.readBatches(name, { columns: ['id'], batchRows: 10 })) sizes.push(batch.length)
      assert.ok(
        sizes.every((size) => size >= 1 && size <= 10),
        `batches of ${sizes.join(', ')} rows`,
      )
      assert.equal(
        sizes.reduce((sum, size) => sum + size, 0),
        25,
      )
    },
  },
  'rows/awkward-names': {
    async run(stage) {
      const tables = awkwardNames.map((name, at) =>
        table(name, { id: 'integer', [`${name} column`]: 'text?' }, { rows: [[at, name]] }),
      )
      const source = await (await stage.seed(...tables)).open()
      for (const [at, name] of awkwardNames.entries()) {
        assert.deepEqual(await readTable(source, name, [`${name} column`, 'id']), [[name, at]])
      }
    },
  },
  'rows/empty-table': {
    async run(stage) {
      const source = await (await stage.seed(people(0))).open()
      assertRows(await readTable(source, 'people', ['id', 'name']), [])
    },
  },
  'rows/keyless-duplicates-kept': {
    async run(stage) {
      const rows: SourceRow[] = [
        ['same', 1],
        ['same', 1],
        ['other', 2],
        ['same', 1],
      ]
      const source = await (
        await stage.seed(table('log', { line: 'text', level: 'integer' }, { primaryKey: [], rows }))
      ).open()
      assertSameRows(await readTable(source, 'log', ['line', 'level'], { batchRows: 2 }), rows)
    },
  },
  'rows/reading-may-be-left-early': {
    async run(stage) {
      const source = await (await stage.seed(people(50))).open()
      const { name } = await tableOf(source, 'people')
      for await (const batch of source.readBatches(name, { columns: ['id'], batchRows: 5 })) if (batch.length > 0) break
      assertSameRows(await readAll(source, name, { columns: ['id', 'name'] }), numbered(50))
    },
  },
  'rows/abort': {
    async run(stage) {
      const source = await (await stage.seed(people(50))).open()
      const { name } = await tableOf(source, 'people')
      await assertRejects(
        () => readAll(source, name, { columns: ['id'], signal: AbortSignal.abort() }),
        'SOURCE_ABORTED',
      )
      const control = new AbortController()
      let batches = 0
      await assertRejects(async () => {
        for await (const batch of source.readBatches(name, { columns: ['id'], batchRows: 5, signal: control.signal })) {
          assert.ok(batch.length > 0)
          batches += 1
          control.abort()
        }
      }, 'SOURCE_ABORTED')
      assert.equal(batches, 1)
    },
  },
  'resume/after-a-key': { needs: 'resume', run: (stage) => resumes(stage, ['id']) },
  'resume/after-a-composite-key': { needs: 'resume', run: (stage) => resumes(stage, ['kind', 'id']) },
} satisfies Record<string, Scenario>

/** Reading on after the key of any row gives exactly the rest, in the same order. */
async function resumes(stage: Stage, primaryKey: readonly string[]): Promise<void> {
  const rows = Array.from({ length: 12 }, (_, at): SourceRow => [['b', 'a', 'ä', 'C'][at % 4] as string, at * 5 - 20])
  const source = await (await stage.seed(table('items', { kind: 'text', id: 'integer' }, { primaryKey, rows }))).open()
  const { name, rowIdentifier } = await tableOf(source, 'items')
  const keyColumns = rowIdentifier === null ? primaryKey : [rowIdentifier]
  const columns = [...keyColumns, 'kind', 'id']
  const all = await readAll(source, name, { columns })
  assert.equal(all.length, rows.length)
  for (const [at, row] of all.entries()) {
    const rest = await readAll(source, name, { columns, batchRows: 5, after: row.slice(0, keyColumns.length) })
    assertRows(rest, all.slice(at + 1))
  }
}
