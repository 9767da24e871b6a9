import { createHash } from 'node:crypto'
import type { Catalog, Structure, TableName } from '@rowferry/introspect'
import { describeStructure, formatTableName, sameTable } from '@rowferry/introspect'
import { readPostgresCatalog } from '@rowferry/introspect/postgres'
import type { Session } from '@rowferry/postgres'
import type { Proof } from '@rowferry/report'
import { digestTable } from '@rowferry/verify'
import type { CrossingContext, TableOutcome } from '../crossing/context.ts'

export type ProofTables = Pick<Proof, 'settings' | 'chunkRows' | 'tables' | 'sha256' | 'structure'>

const CHUNK_ROWS = 10_000

/** How a session must print; every crossing's is set so but for the last. */
const PROOF_SETTINGS: Readonly<Record<string, string>> = {
  bytea_output: 'hex',
  client_encoding: 'UTF8',
  datestyle: 'ISO, MDY',
  extra_float_digits: '1',
  intervalstyle: 'postgres',
  timezone: 'UTC',
  search_path: '',
  lc_monetary: 'C',
}

/** Digests of what was proven, in the transaction in which it was. */
export async function makeProof(context: CrossingContext, outcomes: readonly TableOutcome[]): Promise<ProofTables> {
  const { session, plan } = context
  await printAsProofsDo(session)
  const catalog = await readPostgresCatalog(session.kysely, { schemas: [plan.options.schema] })
  const tables: Proof['tables'] = []
  for (const { plan: table, read, rejected, verdict } of outcomes) {
    const name = formatTableName(table.source)
    const columns = [...table.casts, ...table.generated, ...table.fills.map(({ cast }) => cast)].map(
      ({ target }) => target,
    )
    const own = catalog.tables.find((each) => sameTable(each.name, table.target))?.primaryKey?.columns ?? []
    const key = own.every((column) => columns.includes(column)) ? [...own] : []
    const digest = await digestTable({
      session,
      table: table.target,
      columns,
      key,
      chunkRows: CHUNK_ROWS,
      ...(context.signal && { signal: context.signal }),
      onProgress: (rows) =>
        context.onEvent({ type: 'table', phase: 'verify', table: name, rows, total: null, done: false }),
    })
    tables.push({
      source: name,
      ...table.target,
      query: digest.query,
      columns,
      key,
      sourceRows: verdict?.sourceRows ?? read,
      rejected,
      rows: digest.rows,
      sha256: digest.sha256,
      chunks: digest.chunks.map((chunk) => ({ ...chunk })),
    })
  }
  return {
    settings: { ...PROOF_SETTINGS },
    chunkRows: CHUNK_ROWS,
    tables,
    sha256: digestOf(tables),
    structure: structureOf(
      catalog,
      outcomes.map((each) => each.plan.target),
    ),
  }
}

export function printAsProofsDo(session: Session): Promise<unknown> {
  return session.query("select pg_catalog.set_config('lc_monetary', 'C', true)")
}

export function digestOf(tables: readonly { readonly sha256: string }[]): string {
  const all = createHash('sha256')
  for (const table of tables) all.update(table.sha256, 'hex')
  return all.digest('hex')
}

/** What the catalog says of these tables, of their triggers and sequences, and of the types of their columns. */
export function structureOf(catalog: Catalog, tables: readonly TableName[]): Structure {
  const isOurs = (name: TableName | undefined): boolean =>
    name !== undefined && tables.some((each) => sameTable(each, name))
  return describeStructure({
    ...catalog,
    tables: catalog.tables.filter((table) => isOurs(table.name)),
    triggers: catalog.triggers.filter((trigger) => isOurs(trigger.table)),
    sequences: catalog.sequences.filter((sequence) => isOurs(sequence.ownedBy?.table)),
    types: [],
    views: [],
  })
}
