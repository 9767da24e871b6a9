import type { Catalog, SourceRow, SourceValue, Table, TableName } from '@rowferry/introspect'
import type { ReadOptions, Source } from '@rowferry/source'
import type { ScenarioKey } from '../src/index.ts'

type Fault = (source: Source) => Source

const catalog =
  (change: (catalog: Catalog) => Catalog): Fault =>
  (source) => ({ ...source, readCatalog: async () => change(await source.readCatalog()) })

const tables = (change: (table: Table) => Table): Fault =>
  catalog((found) => ({ ...found, tables: found.tables.map(change) }))

type Read = (table: TableName, options: ReadOptions) => AsyncIterable<readonly SourceRow[]>

const reading =
  (change: (read: Read, source: Source) => Read): Fault =>
  (source) => ({
    ...source,
    readBatches: change(
      (name, options) => source.readBatches(name, options) as AsyncIterable<readonly SourceRow[]>,
      source,
    ),
  })

const cells = (change: (value: SourceValue) => SourceValue): Fault =>
  reading(
    (read) =>
      async function* changed(name, options) {
        for await (const batch of read(name, options)) yield batch.map((row) => row.map(change))
      },
  )

const options = (change: (options: ReadOptions) => ReadOptions): Fault =>
  reading((read) => (name, asked) => read(name, change(asked)))

const without =
  (...dropped: readonly (keyof ReadOptions)[]) =>
  (asked: ReadOptions): ReadOptions =>
    Object.fromEntries(
      Object.entries(asked).filter(([key]) => !dropped.includes(key as keyof ReadOptions)),
    ) as unknown as ReadOptions

const once = new WeakMap<object, number>()
const turn = (of: object): number => {
  const next = (once.get(of) ?? 0) + 1
  once.set(of, next)
  return next
}
let opened = 0

/** For every sentence of the contract a source that breaks it, as a hurried adapter might. */
export const faults: Record<ScenarioKey, Fault> = {
  'catalog/tables-and-columns-in-order': tables((table) => ({
    ...table,
    columns: table.columns.toSorted((a, b) => (a.name < b.name ? -1 : 1)),
  })),
  'catalog/declared-types-verbatim': tables((table) => ({
    ...table,
    columns: table.columns.map((column) => ({ ...column, declaredType: column.declaredType.toUpperCase() })),
  })),
  'catalog/nullability': tables((table) => ({
    ...table,
    columns: table.columns.map((column) => ({ ...column, nullable: true })),
  })),
  'catalog/primary-keys-in-key-order': tables((table) => ({
    ...table,
    primaryKey: table.primaryKey && {
      ...table.primaryKey,
      columns: table.columns.map(({ name }) => name).filter((name) => table.primaryKey?.columns.includes(name)),
    },
  })),
  'catalog/foreign-keys': tables((table) => ({ ...table, foreignKeys: [] })),
  'catalog/awkward-names': catalog((found) => ({
    ...found,
    tables: found.tables.filter(({ name }) => !(name.name in {})),
  })),
  'catalog/nothing-but-the-users-tables': catalog((found) => ({
    ...found,
    tables: found.tables.filter(({ name }) => !/^sqlite./.test(name.name)),
  })),
  'catalog/plain-data': catalog((found) => ({ ...found, version: undefined as unknown as string })),
  'rows/integers-exact': cells((value) => (typeof value === 'bigint' ? Number(value) : value)),
  'rows/reals-exact': cells((value) => (typeof value === 'number' ? Number(value.toPrecision(15)) : value)),
  'rows/text-exact': cells((value) =>
    typeof value === 'string' ? new TextDecoder().decode(Buffer.from(value)) : value,
  ),
  'rows/text-with-nul': cells((value) => (typeof value === 'string' ? (value.split('\0')[0] ?? '') : value)),
  'rows/bytes-exact': cells((value) =>
    value instanceof Uint8Array ? Buffer.from(Buffer.from(value).toString()) : value,
  ),
  'rows/nulls': cells((value) => value ?? ''),
  'rows/integers-as-bigint-when-asked': options(without('integers')),
  'rows/columns-as-asked': options((asked) => ({ ...asked, columns: asked.columns.toSorted() })),
  'rows/awkward-names': reading(
    (read) =>
      async function* asObjects(name, asked) {
        for await (const batch of read(name, asked)) {
          yield batch.map((row) => {
            const record: Record<string, SourceValue> = {}
            for (const [at, value] of row.entries()) record[(asked.columns[at] ?? '').replace(' column', '')] = value
            return Object.values(record)
          })
        }
      },
  ),
  'rows/same-order-twice': reading(
    (read, source) =>
      async function* shuffled(name, asked) {
        const backwards = turn(source) % 2 === 0
        for await (const batch of read(name, asked)) yield backwards ? batch.toReversed() : batch
      },
  ),
  'rows/batches-no-larger-than-asked': options(without('batchRows')),
  'rows/empty-table': reading(
    (read) =>
      async function* neverNothing(name, asked) {
        let any = false
        for await (const batch of read(name, asked)) {
          any = true
          yield batch
        }
        if (!any) yield [asked.columns.map(() => null)]
      },
  ),
  'rows/keyless-duplicates-kept': reading(
    (read) =>
      async function* distinct(name, asked) {
        const seen = new Set<string>()
        for await (const batch of read(name, asked))
          yield batch.filter((row) => !seen.has(JSON.stringify(row)) && seen.add(JSON.stringify(row)))
      },
  ),
  'rows/reading-may-be-left-early': reading((read, source) => {
    let busy = false
    return async function* oneAtATime(name, asked) {
      if (busy) throw new Error('a reading is under way')
      busy = true
      yield* read(name, asked)
      busy = false
      await source.readCatalog()
    }
  }),
  'rows/abort': options(without('signal')),
  'resume/after-a-key': options(without('after')),
  'resume/after-a-composite-key': reading(
    (read) => (name, asked) => read(name, (asked.after?.length ?? 0) > 1 ? without('after')(asked) : asked),
  ),
  'supports/says-what-is-there': (source) => ({ ...source, supports: { ...source.supports, snapshot: false } }),
  'aggregates/agree-with-the-rows': (source) => ({
    ...source,
    async aggregate(name, columns) {
      const found = (await source.aggregate?.(name, columns)) as NonNullable<
        Awaited<ReturnType<NonNullable<Source['aggregate']>>>
      >
      const rounded = (sum: string | null): string | null => sum && String(BigInt(Math.round(Number(sum))))
      return {
        ...found,
        columns: found.columns.map((column) => ({ ...column, integerSum: rounded(column.integerSum) })),
      }
    },
  }),
  'aggregates/of-the-first-rows': (source) => ({
    ...source,
    aggregate: async (name, columns) => source.aggregate?.(name, columns) as never,
  }),
  'aggregates/reals-by-residue': (source) => ({
    ...source,
    async aggregate(name, columns) {
      const found = (await source.aggregate?.(name, columns)) as NonNullable<
        Awaited<ReturnType<NonNullable<Source['aggregate']>>>
      >
      return { ...found, columns: found.columns.map((column) => ({ ...column, realResidue: column.reals })) }
    },
  }),
  'aggregates/empty-table': (source) => ({
    ...source,
    async aggregate(name, columns) {
      const found = (await source.aggregate?.(name, columns)) as NonNullable<
        Awaited<ReturnType<NonNullable<Source['aggregate']>>>
      >
      return { ...found, columns: found.columns.map((column) => ({ ...column, integerSum: column.integerSum ?? '0' })) }
    },
  }),
  'replacements/counted-as-stored': (source) => ({
    ...source,
    countReplacements: async (_, columns) => columns.map(() => 0),
  }),
  'orphans/found-with-their-keys': (source) => ({
    ...source,
    async findOrphans(query) {
      const nulls = { count: 1, rows: [[2, null]] }
      const found = (await source.findOrphans?.(query)) ?? nulls
      return { count: found.count + nulls.count, rows: [...nulls.rows, ...found.rows] }
    },
  }),
  'orphans/counted-past-the-limit': (source) => ({
    ...source,
    async findOrphans(query) {
      const rows = (await source.findOrphans?.(query))?.rows ?? []
      return { count: rows.length, rows }
    },
  }),
  'fingerprint/stays-when-nothing-changes': (source) => ({
    ...source,
    fingerprint: async () => `opened ${(opened += 1)} times`,
  }),
  'fingerprint/changes-with-the-data': (source) => ({ ...source, fingerprint: async () => 'always the same' }),
  'snapshot/later-writes-unseen': (source) => source,
  'close/twice': (source) => ({
    ...source,
    async close() {
      if (turn(source) === 2) throw new Error('already closed')
      await source.close()
    },
  }),
  'close/ends-a-reading': reading(
    (read) =>
      async function* readAhead(name, asked) {
        const batches: (readonly SourceRow[])[] = []
        for await (const batch of read(name, asked)) batches.push(batch)
        yield* batches
      },
  ),
  'close/refuses-what-comes-after': (source) => ({ ...source, fingerprint: async () => 'still here' }),
}
