import assert from 'node:assert/strict'
import type { SourceRow, SourceValue } from '@rowferry/introspect'
import type { ColumnAggregate, OrphanQuery, Source } from '@rowferry/source'
import type { Scenario } from '../scenario.ts'
import { assertRejects, assertRows, assertSameRows, readTable, table, tableOf } from '../scenario.ts'
import { bytes, integers, numbered, reals, texts } from './samples.ts'

const pets = table(
  'pets',
  { id: 'integer', owner: 'integer?' },
  {
    rows: [
      [1, 10],
      [2, null],
      [3, 99],
      [4, 11],
      [5, 98],
      [6, 99],
    ],
  },
)
const owners = table(
  'owners',
  { id: 'integer', name: 'text?' },
  {
    rows: [
      [10, 'ten'],
      [11, 'eleven'],
    ],
  },
)

async function orphans(source: Source, limit: number, columns: readonly string[] = ['owner']) {
  const query: OrphanQuery = {
    table: (await tableOf(source, 'pets')).name,
    columns,
    parent: (await tableOf(source, 'owners')).name,
    parentColumns: ['id'],
    keyColumns: ['id'],
    limit,
  }
  const found = await source.findOrphans?.(query)
  assert.ok(found)
  return found
}

export const accountScenarios = {
  'supports/says-what-is-there': {
    async run(stage) {
      const source = await (await stage.seed(owners)).open()
      assert.deepEqual({ ...source.supports }, { ...stage.harness.supports })
      assert.equal(typeof source.aggregate === 'function', source.supports.aggregates)
      assert.equal(typeof source.findOrphans === 'function', source.supports.orphans)
      await source.sound?.()
    },
  },
  'aggregates/agree-with-the-rows': {
    needs: 'aggregates',
    async run(stage) {
      const count = Math.max(integers.length, reals.length, texts.length, bytes.length) + 1
      const rows = Array.from({ length: count }, (_, at): SourceRow => [
        at + 1,
        integers[at] ?? null,
        reals[at] ?? null,
        texts[at] ?? null,
        bytes[at] ?? null,
      ])
      const columns = { id: 'integer', whole: 'integer?', part: 'real?', words: 'text?', raw: 'bytes?' } as const
      const source = await (await stage.seed(table('cells', columns, { rows }))).open()
      const { name } = await tableOf(source, 'cells')
      const names = ['raw', 'whole', 'words', 'part']
      const account = await source.aggregate?.(name, names)
      const read = await readTable(source, 'cells', names, { integers: 'bigint' })
      assert.equal(account?.rows, rows.length)
      const size = (text: string): number =>
        account?.textEncoding?.startsWith('utf-16') === true ? text.length * 2 : Buffer.byteLength(text)
      assert.deepEqual(
        account?.columns,
        names.map((column, at) =>
          accountOf(
            column,
            read.map((row) => row[at] as SourceValue),
            size,
          ),
        ),
      )
    },
  },
  'aggregates/empty-table': {
    needs: 'aggregates',
    async run(stage) {
      const source = await (await stage.seed(table('nobody', { id: 'integer', name: 'text?' }))).open()
      const account = await source.aggregate?.((await tableOf(source, 'nobody')).name, ['name', 'id'])
      assert.deepEqual(account?.columns, [accountOf('name', [], () => 0), accountOf('id', [], () => 0)])
      assert.equal(account?.rows, 0)
    },
  },
  'orphans/found-with-their-keys': {
    needs: 'orphans',
    async run(stage) {
      const { count, rows } = await orphans(await (await stage.seed(owners, pets)).open(), 10)
      assert.equal(count, 3)
      assertSameRows(rows, [
        [3, 99],
        [5, 98],
        [6, 99],
      ])
    },
  },
  'orphans/counted-past-the-limit': {
    needs: 'orphans',
    async run(stage) {
      const { count, rows } = await orphans(await (await stage.seed(owners, pets)).open(), 2)
      assert.equal(count, 3)
      assert.equal(rows.length, 2)
    },
  },
  'fingerprint/stays-when-nothing-changes': {
    async run(stage) {
      const database = await stage.seed(owners)
      const source = await database.open()
      const first = await source.fingerprint()
      assert.equal(await source.fingerprint(), first)
      await source.close()
      assert.equal(await (await database.open()).fingerprint(), first)
    },
  },
  'fingerprint/changes-with-the-data': {
    async run(stage) {
      const database = await stage.seed(owners)
      const source = await database.open()
      const first = await source.fingerprint()
      await source.close()
      await database.insert('owners', [[12, 'twelve']])
      assert.notEqual(await (await database.open()).fingerprint(), first)
    },
  },
  'snapshot/later-writes-unseen': {
    needs: 'snapshot',
    async run(stage) {
      const database = await stage.seed(table('people', { id: 'integer', name: 'text?' }, { rows: numbered(5) }))
      const source = await database.open()
      await database.insert('people', [[1000, 'late']])
      // Either the moment of the opening, or an honest refusal; never the newer rows
      const seen = await readTable(source, 'people', ['id', 'name']).catch((error: unknown) => error)
      if (seen instanceof Error) await assertRejects(() => Promise.reject(seen), 'SOURCE_CHANGED')
      else assertSameRows(seen as SourceRow[], numbered(5))
      await source.close()
      assertSameRows(await readTable(await database.open(), 'people', ['id', 'name']), [...numbered(5), [1000, 'late']])
    },
  },
  'close/twice': {
    async run(stage) {
      const source = await (await stage.seed(owners)).open()
      await source.close()
      await source.close()
    },
  },
  'close/ends-a-reading': {
    async run(stage) {
      const source = await (
        await stage.seed(table('people', { id: 'integer', name: 'text?' }, { rows: numbered(20) }))
      ).open()
      const { name } = await tableOf(source, 'people')
      const seen: SourceRow[] = []
      await assertRejects(async () => {
        for await (const batch of source.readBatches(name, { columns: ['id', 'name'], batchRows: 4 })) {
          seen.push(...batch)
          await source.close()
        }
      }, 'SOURCE_CLOSED')
      assertRows(seen, numbered(4))
    },
  },
  'close/refuses-what-comes-after': {
    async run(stage) {
      const source = await (await stage.seed(owners)).open()
      const { name } = await tableOf(source, 'owners')
      await source.close()
      await assertRejects(() => source.readCatalog(), 'SOURCE_CLOSED')
      await assertRejects(() => source.fingerprint(), 'SOURCE_CLOSED')
      await assertRejects(async () => {
        for await (const batch of source.readBatches(name, { columns: ['id'] })) assert.fail(`${batch.length} rows`)
      }, 'SOURCE_CLOSED')
    },
  },
} satisfies Record<string, Scenario>

function accountOf(column: string, values: readonly SourceValue[], size: (text: string) => number): ColumnAggregate {
  const whole = values.filter((value) => typeof value === 'bigint')
  const words = values.filter((value) => typeof value === 'string')
  const raw = values.filter((value) => value instanceof Uint8Array)
  const octets = words.reduce((sum, text) => sum + size(text), 0) + raw.reduce((sum, blob) => sum + blob.length, 0)
  const sorted = whole.toSorted((a, b) => (a < b ? -1 : a > b ? 1 : 0))
  return {
    column,
    nulls: values.filter((value) => value === null).length,
    integers: whole.length,
    reals: values.filter((value) => typeof value === 'number').length,
    texts: words.length,
    blobs: raw.length,
    octets: String(octets),
    integerSum: whole.length === 0 ? null : String(whole.reduce((sum, value) => sum + value, 0n)),
    integerMin: sorted.length === 0 ? null : String(sorted[0]),
    integerMax: sorted.length === 0 ? null : String(sorted.at(-1)),
  }
}
