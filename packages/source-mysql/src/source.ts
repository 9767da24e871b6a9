import type { Catalog, TableName } from '@rowferry/introspect'
import { IntrospectError, readMysqlCatalog } from '@rowferry/introspect/mysql'
import { SourceError, type Source, type TableAggregate } from '@rowferry/source'
import { Kysely, MysqlDialect } from 'kysely'
import { aggregateTable } from './aggregate.ts'
import type { Lane } from './connection.ts'
import { fingerprintOf } from './fingerprint.ts'
import { isSpatial } from './forms.ts'
import { layoutOf, type Layout } from './layout.ts'
import { findOrphans } from './orphans.ts'
import { octetsOf, readBatches } from './read-batches.ts'
import { asSourceError } from './trouble.ts'

const fatRow = 64 * 1024

export function sourceOf(lane: Lane, label: string): Source {
  const kysely = kyselyOf(lane)
  let open = true
  let known: Promise<Catalog> | undefined
  let digest: Promise<string> | undefined
  const aggregates = new Map<string, Promise<TableAggregate>>()
  const fat = new Map<string, Promise<boolean>>()

  const goOn = (signal?: AbortSignal): void => {
    if (!open) throw new SourceError('SOURCE_CLOSED', `${label} has been closed`, { remedy: 'Open it again.' })
    if (signal?.aborted === true)
      throw new SourceError('SOURCE_ABORTED', `Reading ${label} was called off`, { cause: signal.reason })
  }
  const inWords = (error: unknown): unknown => {
    // Closed meanwhile: that says more than whatever the driver said
    if (!open && !(error instanceof SourceError)) return new SourceError('SOURCE_CLOSED', `${label} has been closed`)
    if (error instanceof IntrospectError)
      return new SourceError('SOURCE_UNREADABLE', `${label}: ${error.message}`, { remedy: error.remedy, cause: error })
    return asSourceError(error, label)
  }
  const reading = async <Result>(read: () => Promise<Result>): Promise<Result> => {
    goOn()
    try {
      return await read()
    } catch (error) {
      throw inWords(error)
    }
  }
  const catalogOf = (signal?: AbortSignal): Promise<Catalog> =>
    (known ??= readMysqlCatalog(kysely, { countRows: true, ...(signal ? { signal } : {}) })
      .then(withNotes)
      .catch((error: unknown) => {
        known = undefined
        throw error
      }))
  const layouts = new Map<string, Layout>()
  const layout = async (name: TableName): Promise<Layout> => {
    const found = layouts.get(name.name)
    if (found !== undefined) return found
    const table = (await catalogOf()).tables.find((each) => each.name.name === name.name)
    if (table === undefined)
      throw new SourceError('SOURCE_CHANGED', `${label}: there is no table ${JSON.stringify(name.name)}`)
    const made = layoutOf(table)
    layouts.set(name.name, made)
    return made
  }
  const isFat = (of: Layout, columns: readonly string[]): Promise<boolean> => {
    const large = columns.flatMap((name) => of.forms.get(name) ?? []).filter((form) => form.large)
    const key = JSON.stringify([of.sql, ...large.map(({ name }) => name)])
    const asked =
      fat.get(key) ??
      (large.length === 0
        ? Promise.resolve(false)
        : lane
            .rows(`SELECT 1 FROM ${of.sql} AS t WHERE ${octetsOf(large)} > ${fatRow} LIMIT 1`)
            .then((rows) => rows.length > 0))
    fat.set(key, asked)
    return asked
  }

  return {
    kind: 'mysql',
    label,
    supports: { snapshot: true, aggregates: true, orphans: true, resume: true, conditions: true },
    readCatalog: ({ signal } = {}) =>
      reading(async () => {
        goOn(signal)
        try {
          return await catalogOf(signal)
        } catch (error) {
          goOn(signal)
          throw error
        }
      }),
    async *readBatches(table, options) {
      try {
        goOn(options.signal)
        const of = await layout(table)
        yield* readBatches({
          lane,
          layout: of,
          options,
          label,
          goOn: () => goOn(options.signal),
          isFat: () => isFat(of, options.columns),
        })
      } catch (error) {
        throw inWords(error)
      }
    },
    aggregate(table, columns) {
      const question = JSON.stringify([table.name, columns])
      const asked = aggregates.get(question) ?? reading(async () => aggregateTable(lane, await layout(table), columns))
      aggregates.set(question, asked)
      return asked
    },
    findOrphans: (query) => reading(async () => findOrphans(lane, await layout(query.table), query)),
    fingerprint: () => reading(() => (digest ??= catalogOf().then((catalog) => fingerprintOf(lane, catalog)))),
    async close() {
      if (!open) return
      open = false
      lane.destroy()
    },
  }
}

/** Kysely over the one connection, which is never given back. */
function kyselyOf({ connection }: Lane): Kysely<unknown> {
  const held = { query: connection.query.bind(connection), release: () => {} }
  return new Kysely<unknown>({
    dialect: new MysqlDialect({
      pool: {
        getConnection: (callback) => callback(null, held as never),
        end: (callback) => callback(null),
      },
    }),
  })
}

function withNotes(catalog: Catalog): Catalog {
  const spatial = catalog.tables.flatMap(({ name, columns }) =>
    columns.filter(({ declaredType }) => isSpatial(declaredType)).map((column) => `${name.name}.${column.name}`),
  )
  const notes = spatial.map((object) => ({
    code: 'SPATIAL_AS_WKB',
    object,
    message:
      'It is read as WKB, and so without its SRID: with PostGIS, ALTER TABLE … TYPE geometry USING ST_GeomFromWKB(…, srid) makes a geometry of it.',
  }))
  return { ...catalog, notes: [...catalog.notes, ...notes] }
}
