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
      assert.equal(typeof source.countReplacements === 'function', source.supports.replacements === true)
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
        names.map((column, at) => ({
          ...accountOf(
            column,
            read.map((row) => row[at] as SourceValue),
            size,
          ),
          // A scenario of its own
          realResidue: account?.columns[at]?.realResidue,
        })),
      )
    },
  },
  'aggregates/reals-by-residue': {
    needs: 'realResidues',
    async run(stage) {
      const far = Array.from({ length: 2046 }, (_, at) => 2 ** (at - 1022) * (1 + 2 ** -52))
      const rows = [...reals, ...reals.map((real) => -real), ...far, null, 7, 2 ** 53 + 2].map(
        (real, at): SourceRow => [at + 1, real],
      )
      const near = rows.map((row): SourceRow => [row[0] as number, (row[0] as number) / 7])
      const columns = { id: 'integer', part: 'real?' } as const
      const source = await (
        await stage.seed(table('far', columns, { rows }), table('near', columns, { rows: near }))
      ).open()
      for (const [name, seeded] of [
        ['far', rows],
        ['near', near],
      ] as const) {
        const account = await source.aggregate?.((await tableOf(source, name)).name, ['part', 'id'])
        const sum = seeded.reduce((all, row) => all + residueOf(row[1] as number | null), 0n)
        assert.deepEqual(
          account?.columns.map((column) => column.realResidue),
          [Number(sum % prime), 0],
        )
      }
    },
  },
  'aggregates/of-the-first-rows': {
    needs: 'aggregatesFirst',
    async run(stage) {
      const rows = numbered(40).toReversed()
      const columns = { id: 'integer', name: 'text?' } as const
      const source = await (
        await stage.seed(
          table('people', columns, { rows }),
          table('pets', columns, { rows, primaryKey: ['name', 'id'] }),
        )
      ).open()
      for (const name of ['people', 'pets']) {
        const all = await readTable(source, name, ['id', 'name'], { integers: 'bigint' })
        for (const first of [0, 1, 17, 40, 50]) {
          const account = await source.aggregate?.((await tableOf(source, name)).name, ['id'], first)
          const ids = all.slice(0, first).map((row) => row[0] as bigint)
          assert.equal(account?.rows, ids.length)
          assert.equal(
            account?.columns[0]?.integerSum,
            ids.length === 0 ? null : String(ids.reduce((sum, id) => sum + id, 0n)),
          )
        }
      }
    },
  },
  'aggregates/empty-table': {
    needs: 'aggregates',
    async run(stage) {
      const source = await (await stage.seed(table('nobody', { id: 'integer', name: 'text?' }))).open()
      const account = await source.aggregate?.((await tableOf(source, 'nobody')).name, ['name', 'id'])
      const realResidue = source.supports.realResidues === true ? 0 : null
      const nothing = ['name', 'id'].map((column) => ({ ...accountOf(column, [], () => 0), realResidue }))
      assert.deepEqual(account?.columns, nothing)
      assert.equal(account?.rows, 0)
    },
  },
  'replacements/counted-as-stored': {
    needs: 'replacements',
    async run(stage) {
      const rows = ['\uFFFD', 'a\uFFFDb\uFFFD', '\uFFFC', 'plain', '漢字', null].map((words, at): SourceRow => [
        at + 1,
        words,
        at,
      ])
      const columns = { id: 'integer', words: 'text?', whole: 'integer' } as const
      const source = await (await stage.seed(table('cells', columns, { rows }))).open()
      const { name } = await tableOf(source, 'cells')
      assert.deepEqual(await source.countReplacements?.(name, ['whole', 'words']), [0, 2])
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

function accountOf(
  column: string,
  values: readonly SourceValue[],
  size: (text: string) => number,
): Omit<ColumnAggregate, 'realResidue'> {
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

const prime = 2n ** 31n - 1n

/** From the bits of the real: its mantissa times a power of two, of which the 31st is 1. */
function residueOf(real: number | null): bigint {
  const bits = new DataView(new ArrayBuffer(8))
  bits.setFloat64(0, real ?? 0)
  const whole = bits.getBigUint64(0)
  const exponent = (whole >> 52n) & 2047n
  const mantissa = (whole & (2n ** 52n - 1n)) + (exponent === 0n ? 0n : 2n ** 52n)
  // 2^-1075 is 2^10, since 1085 is 35 × 31
  const size = (mantissa * 2n ** (((exponent || 1n) + 10n) % 31n)) % prime
  return whole >> 63n === 0n ? size : prime - size
}
