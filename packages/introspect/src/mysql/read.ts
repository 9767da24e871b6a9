import { sql } from 'kysely'
import type { Catalog, CatalogNote, Check, Column, Table, Trigger, View } from '../catalog.ts'
import type { AnyDatabase } from '../database.ts'
import { readColumns } from './columns.ts'
import { readChecks, readForeignKeys } from './constraints.ts'
import { readIndexes } from './indexes.ts'
import { noteEngine, noteRest } from './notes.ts'
import { plainName, readServer, type Reading } from './query.ts'

export interface ReadMysqlOptions {
  /** Looked at between queries; its reason is thrown. */
  readonly signal?: AbortSignal
  /** Count every table's rows (one scan each). Default false: `rowEstimate` is InnoDB's estimate, which may be far off. */
  readonly countRows?: boolean
}

export interface TableRow {
  readonly name: string
  /** `BASE TABLE`, `VIEW`, `SYSTEM VERSIONED`, `SEQUENCE` … */
  readonly kind: string
  readonly engine: string | null
  readonly estimate: string | null
  /** The next value of AUTO_INCREMENT. */
  readonly next: string | null
  readonly comment: string
  readonly options: string
}

/**
 * Describes the database that the connection has chosen: MySQL 8.0.16 or MariaDB 10.6 and newer. A table's schema is that database's name.
 * Begin a snapshot on the connection beforehand when others may write meanwhile; MySQL 8 tells AUTO_INCREMENT from a cache of a day unless
 * `information_schema_stats_expiry` is 0.
 * Throws `IntrospectError` (`MYSQL_TOO_OLD`, `MYSQL_NO_DATABASE`), the signal's reason, or what the server says.
 */
export async function readMysqlCatalog(db: AnyDatabase, options: ReadMysqlOptions = {}): Promise<Catalog> {
  options.signal?.throwIfAborted()
  const { version, mariadb, schema } = await readServer(db)
  const reading: Reading = {
    mariadb,
    schema,
    async query(statement) {
      options.signal?.throwIfAborted()
      return (await statement.execute(db)).rows
    },
  }
  const notes: CatalogNote[] = []
  const note = (found: CatalogNote): void => void notes.push(found)
  const rows = await reading.query(sql<TableRow>`
    select table_name as name, table_type as kind, engine as engine, cast(table_rows as char) as estimate, cast(auto_increment as char) as next,
      table_comment as comment, create_options as options
    from information_schema.tables where table_schema = ${schema} order by table_name`)
  const columns = await readColumns(reading, note)
  const keys = await readIndexes(reading, columns)
  const foreignKeys = await readForeignKeys(reading)
  const checks = await readChecks(reading)

  const tables: Table[] = []
  for (const row of rows.filter(({ kind }) => kind === 'BASE TABLE' || kind === 'SYSTEM VERSIONED')) {
    noteEngine(row, note)
    const own = keys.get(row.name)
    tables.push({
      name: { schema, name: row.name },
      kind: 'table',
      columns: columns.get(row.name) ?? [],
      primaryKey: own?.primaryKey ?? null,
      uniques: own?.uniques ?? [],
      foreignKeys: foreignKeys.get(row.name) ?? [],
      checks: [...(checks.get(row.name) ?? []), ...labelChecks(columns.get(row.name) ?? [])],
      exclusions: [],
      indexes: own?.indexes ?? [],
      enforcesTypes: true,
      rowIdentifier: null,
      rowEstimate: options.countRows === true ? await countOf(reading, row.name) : numberOf(row.estimate),
      highWaterMark: markOf(row.next),
      withoutRowid: false,
      definition: null,
      comment: row.comment === '' ? null : row.comment,
      postgres: null,
    })
  }
  const views = await readViews(reading, columns)
  const triggers = await readTriggers(reading)
  await noteRest(reading, rows, note)
  return { dialect: 'mysql', version, tables, views, triggers, sequences: [], types: [], notes }
}

/** What an enum holds to, said as the CHECK that it amounts to. */
function labelChecks(columns: readonly Column[]): Check[] {
  return columns.flatMap(({ name, declaredType }) => {
    const labels = /^enum\((.*)\)$/is.exec(declaredType)?.[1]
    return labels === undefined
      ? []
      : [{ name: null, expression: `${plainName(name)} in (${labels})`, validated: true }]
  })
}

const numberOf = (text: string | null): number | null => (text === null ? null : Number(text))

/** What was handed out last; nothing yet where the next is the first. */
function markOf(next: string | null): string | null {
  if (next === null || BigInt(next) <= 1n) return null
  return String(BigInt(next) - 1n)
}

async function countOf(reading: Reading, table: string): Promise<number> {
  const name = `${plainName(reading.schema)}.${plainName(table)}`
  const [row] = await reading.query(sql<{ n: string }>`select cast(count(*) as char) as n from ${sql.raw(name)}`)
  return Number(row!.n)
}

async function readViews(reading: Reading, columns: Awaited<ReturnType<typeof readColumns>>): Promise<readonly View[]> {
  const rows = await reading.query(sql<{ name: string; definition: string | null }>`
    select table_name as name, view_definition as definition from information_schema.views where table_schema = ${reading.schema} order by table_name`)
  return rows.map(({ name, definition }) => ({
    name: { schema: reading.schema, name },
    definition: definition ?? '',
    columns: (columns.get(name) ?? []).map((column) => column.name),
    materialized: false,
  }))
}

interface TriggerRow {
  readonly name: string
  readonly table_name: string
  readonly timing: string
  readonly event: string
  readonly action: string
}

async function readTriggers(reading: Reading): Promise<readonly Trigger[]> {
  const rows = await reading.query(sql<TriggerRow>`
    select trigger_name as name, event_object_table as table_name, action_timing as timing, event_manipulation as event, action_statement as action
    from information_schema.triggers where trigger_schema = ${reading.schema}
    order by event_object_table, action_timing, event_manipulation, action_order`)
  return rows.map(({ name, table_name: table, timing, event, action }) => ({
    name,
    table: { schema: reading.schema, name: table },
    definition: `CREATE TRIGGER ${plainName(name)} ${timing} ${event} ON ${plainName(table)} FOR EACH ROW ${action}`,
    enabled: null,
  }))
}
