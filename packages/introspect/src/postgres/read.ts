import type { RawBuilder } from 'kysely'
import type { Catalog, Table, TableName } from '../catalog.ts'
import type { AnyDatabase } from '../database.ts'
import { IntrospectError } from '../error.ts'
import { readColumns } from './columns.ts'
import { noConstraints, readConstraints } from './constraints.ts'
import { readIndexes } from './indexes.ts'
import { readServer, restorePrinting, type Reading, type Scope } from './query.ts'
import { readRelations } from './relations.ts'
import { readSequences } from './sequences.ts'
import { readTriggers } from './triggers.ts'
import { readTypes } from './types.ts'

export interface ReadPostgresOptions {
  /** Which schemas. Default `['public']`. */
  readonly schemas?: readonly string[]
  /** Only these tables and views, in whichever schema, with the sequences and types that they use; `schemas` then says nothing. */
  readonly tables?: readonly TableName[]
  /** Looked at between queries; its reason is thrown. */
  readonly signal?: AbortSignal
}

/**
 * Describes a PostgreSQL database (13 or newer, or PGlite) in nine queries, however many tables there are. Nothing is written and no
 * transaction is begun: take one on the handle for one moment of a schema that others change. What belongs to the system, to an extension
 * or to a session's temporary schema is left out. Names in types and expressions carry their schema unless it is `pg_catalog`.
 * Throws `IntrospectError` (`POSTGRES_TOO_OLD`), the signal's reason, or what the handle says.
 */
export async function readPostgresCatalog(caller: AnyDatabase, options: ReadPostgresOptions = {}): Promise<Catalog> {
  // A plugin of the caller's may rename columns or parse texts that look like JSON
  const db = caller.withoutPlugins()
  options.signal?.throwIfAborted()
  const server = await readServer(db)
  if (server.version < 130000) {
    throw new IntrospectError(
      'POSTGRES_TOO_OLD',
      `PostgreSQL ${server.versionText} is not supported`,
      'Use PostgreSQL 13 or newer.',
    )
  }
  const scope: Scope = options.tables ? { tables: options.tables } : { schemas: options.schemas ?? ['public'] }
  const reading: Reading = {
    version: server.version,
    scope,
    async query<Row>(statement: RawBuilder<Row>) {
      options.signal?.throwIfAborted()
      return (await statement.execute(db)).rows
    },
  }
  try {
    return { dialect: 'postgres', version: server.versionText, ...(await readObjects(reading)), notes: [] }
  } finally {
    // In a transaction that failed there is nothing left to restore; the error on its way says more
    await restorePrinting(db, server.settings).catch(() => {})
  }
}

async function readObjects(reading: Reading): Promise<Omit<Catalog, 'dialect' | 'version' | 'notes'>> {
  const relations = await readRelations(reading)
  const oids = relations.flatMap((one) => ('table' in one ? one.oid : []))
  const types = await readTypes(reading, oids)
  const sequences = await readSequences(reading, oids)
  const columns = await readColumns(reading, oids, types, sequences)
  const constraints = await readConstraints(reading, oids)
  const indexes = await readIndexes(reading, oids)
  const triggers = await readTriggers(
    reading,
    relations.map((one) => one.oid),
  )
  const tables = relations.flatMap((one): Table[] =>
    'table' in one
      ? [
          {
            ...one.table,
            columns: columns.get(one.oid) ?? [],
            ...(constraints.get(one.oid) ?? noConstraints()),
            indexes: indexes.get(one.oid) ?? [],
            enforcesTypes: true,
            rowIdentifier: null,
            highWaterMark: null,
            withoutRowid: false,
            definition: null,
          },
        ]
      : [],
  )
  const views = relations.flatMap((one) => ('view' in one ? one.view : []))
  return { tables, views, triggers, sequences: sequences.list, types: types.listed }
}
