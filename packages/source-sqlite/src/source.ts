import type { Catalog, SourceRow } from '@rowferry/introspect'
import { readSqliteCatalog } from '@rowferry/introspect/sqlite'
import { SourceError, type Source, type TableAggregate } from '@rowferry/source'
import { Kysely, SqliteDialect } from 'kysely'
import { aggregateTable } from './aggregate.ts'
import { digestOf } from './digest.ts'
import type { TextEncoding } from './exact.ts'
import { refuseDamagedLarge } from './integrity.ts'
import { withCache } from './handle.ts'
import { layoutOf } from './layout.ts'
import { refuseNamesOfBytes } from './names.ts'
import type { Opened } from './open.ts'
import { findOrphans } from './orphans.ts'
import { countReplacements } from './replacements.ts'
import { readBatches, refuseAborted, type Session } from './read-batches.ts'
import { asSourceError } from './trouble.ts'

export function sourceOf(opened: Opened): Source {
  const { db, file } = opened
  const { label } = file
  const encoding = (db.pragma('encoding', { simple: true }) as string).toLowerCase() as TextEncoding
  const kysely = new Kysely<unknown>({ dialect: new SqliteDialect({ database: db }) })
  const scans = new Set<Iterator<readonly SourceRow[]>>()
  let open = true
  let digest: Promise<string> | undefined
  const assertReadable = (): void => {
    if (!open) throw new SourceError('SOURCE_CLOSED', `${label} has been closed`, { remedy: 'Open it again.' })
    opened.assertUnchanged()
  }
  const { beside } = opened
  /** Where the thread could not be had, this handle answers. */
  const orOwn = async <Answer>(
    asked: Promise<Answer | null> | undefined,
    own: () => Answer | Promise<Answer>,
  ): Promise<Answer> => {
    const answer = await asked
    if (answer !== null && answer !== undefined) return answer
    assertReadable()
    return own()
  }
  const lookOver = (): 'sound' => {
    refuseDamagedLarge(db, label)
    return 'sound'
  }
  const soundness = beside === null ? undefined : orOwn(beside.soundness(), lookOver)
  // Whoever wants to know asks
  soundness?.catch(() => {})
  const aggregates = new Map<string, Promise<TableAggregate>>()
  const aggregate = (table: string, columns: readonly string[], first?: number): Promise<TableAggregate> =>
    orOwn(beside?.aggregate(table, columns, first), () =>
      aggregateTable(db, layoutOf(db, table, label), columns, encoding, first),
    )
  const session: Session = { db, label, encoding, scans, assertReadable }
  /** Whatever was read counts only if the file is still the same afterwards. */
  const reading = async <Result>(read: () => Result | Promise<Result>): Promise<Result> => {
    assertReadable()
    try {
      const result = await read()
      assertReadable()
      return result
    } catch (error) {
      // Closed meanwhile: that says more than whatever the handle said
      if (!open) assertReadable()
      throw asSourceError(error, label)
    }
  }

  return {
    kind: 'sqlite',
    label,
    supports: {
      snapshot: true,
      aggregates: true,
      realResidues: true,
      aggregatesFirst: true,
      replacements: true,
      orphans: true,
      resume: true,
      views: true,
      conditions: true,
      ...(beside === null ? {} : { beside: true }),
    },
    readCatalog: (options = {}) =>
      reading(async () => {
        refuseAborted(options.signal, label)
        try {
          const catalog = await readSqliteCatalog(kysely, { ...options, countRows: true })
          refuseNamesOfBytes(db, catalog, label)
          return withNotes(catalog, opened)
        } catch (error) {
          refuseAborted(options.signal, label)
          throw error
        }
      }),
    async *readBatches(table, options) {
      try {
        yield* readBatches(session, table, options)
      } catch (error) {
        throw asSourceError(error, label)
      }
    },
    ...(soundness === undefined ? {} : { sound: () => reading(async () => void (await soundness)) }),
    aggregate(table, columns, first) {
      const question = JSON.stringify([table.name, columns, first])
      const asked = aggregates.get(question) ?? reading(() => aggregate(table.name, columns, first))
      aggregates.set(question, asked)
      return asked
    },
    countReplacements: (table, columns) =>
      reading(() => countReplacements(db, layoutOf(db, table.name, label), columns)),
    findOrphans: (query) => reading(() => withCache(db, lookupKilobytes, () => findOrphans(db, query, encoding))),
    fingerprint: () => reading(() => (digest ??= orOwn(beside?.digest(), () => digestOf(file.fd)))),
    async close() {
      if (!open) return
      open = false
      for (const scan of scans) scan.return?.()
      await beside?.close()
      await digest?.catch(() => {})
      opened.release()
    },
  }
}

/** Each row's parent is looked up in an index. */
const lookupKilobytes = 16 * 1024

function withNotes(catalog: Catalog, opened: Opened): Catalog {
  if (!opened.rolledBack) return catalog
  const message =
    'The application was stopped inside a transaction; as it will itself at its next start, that transaction was rolled back, in a private copy.'
  return { ...catalog, notes: [...catalog.notes, { code: 'JOURNAL_ROLLED_BACK', object: opened.file.label, message }] }
}
