import type { Table, TableName } from '@rowferry/introspect'
import { formatTableName, sameTable } from '@rowferry/introspect'
import type { ForeignKeyPlan, TablePlan } from '@rowferry/plan'
import type { DroppedForeignKeys, DisabledTriggers, Rebuild, Session } from '@rowferry/postgres'
import {
  disableTriggers,
  dropForeignKeys,
  dropForLoad,
  planRebuild,
  quoteIdentifier,
  readUserTriggers,
  renderPostData,
  renderPreData,
  tablesWithRows,
  truncateReach,
  truncateTables,
} from '@rowferry/postgres'
import { CrossingError } from '../failure.ts'
import { makeNocase } from '../nocase.ts'
import type { CrossingContext } from './context.ts'
import { isGuarded } from './context.ts'

/** Rows from which dropping and rebuilding a table's secondary indexes pays (three times faster at 5 million rows, measured). */
const REBUILD_INDEXES_FROM_ROWS = 50_000

/** What was taken away for the load and must come back exactly. */
export interface TakenAway {
  readonly triggers: DisabledTriggers | null
  readonly foreignKeys: DroppedForeignKeys | null
  readonly indexes: Rebuild | null
  /** Targets that were created or truncated in this transaction: COPY … FREEZE is allowed there. */
  readonly fresh: (table: TablePlan) => boolean
}

/** Makes room: creates tables, empties what may be emptied, drops what the rules allow. */
export async function preData(context: CrossingContext): Promise<TakenAway> {
  const { plan, session, end } = context
  const existing = plan.tables.filter((table) => table.mode === 'existing')
  const created = definitions(plan.tables)
  const names = existing.map((table) => table.target)
  const triggers =
    plan.options.triggers === 'disable' ? await disableTriggers(session, await readUserTriggers(session, names)) : null
  const fresh = await emptyTables(context, existing)
  const guarded = isGuarded(context)
  // What is loaded plainly is checked once the checks themselves have been tried
  const bare = guarded ? created : created.map((table) => ({ ...table, checks: [] }))
  const statements = [...renderPreData(bare), ...(guarded ? renderKeys(created) : [])]
  if (created.length > 0) await makeSchema(session, plan.options.schema)
  await makeNocase(session, created, plan.options.schema)
  if (statements.length > 0) await session.query(statements.join(';\n'))
  const rebuilt = plan.foreignKeys.filter((key) => key.strategy === 'rebuilt')
  const foreignKeys = rebuilt.length > 0 ? await dropForeignKeys(session, rebuilt.map(nameOf)) : null
  if (plan.foreignKeys.some((key) => key.strategy === 'deferred')) await session.query('SET CONSTRAINTS ALL DEFERRED')
  const heavy =
    end === 'examine'
      ? []
      : existing.filter((table) => isHeavy(table) && fresh.some((name) => sameTable(name, table.target)))
  const indexes =
    heavy.length > 0
      ? await planRebuild(
          session,
          heavy.map((table) => table.target),
        )
      : null
  if (indexes) await dropForLoad(session, indexes)
  return {
    triggers,
    foreignKeys,
    indexes,
    fresh: (table) => table.mode === 'create' || fresh.some((name) => sameTable(name, table.target)),
  }
}

/** Is a table's load better off without its secondary indexes? It must also be emptied in the same transaction. */
export function isHeavy(table: TablePlan): boolean {
  return table.owned && (table.rows ?? 0) >= REBUILD_INDEXES_FROM_ROWS
}

// IF NOT EXISTS alone would ask for the right to make schemas, even where there is nothing to make
async function makeSchema(session: Session, schema: string): Promise<void> {
  if (!(await hasSchema(session, schema))) await session.query(`CREATE SCHEMA ${quoteIdentifier(schema)}`)
}

export async function hasSchema(session: Session, schema: string): Promise<boolean> {
  const found = await session.query('select from pg_catalog.pg_namespace where nspname = $1', [schema])
  return found.length > 0
}

export function definitions(tables: readonly TablePlan[]): Table[] {
  return tables.flatMap((table) => (table.mode === 'create' && table.definition ? [table.definition] : []))
}

/**
 * Primary keys, unique constraints and unique indexes of created tables. After the data they are built at once, which is fast;
 * before it they refuse each row by itself, so that it can be named or set aside.
 */
export function renderKeys(created: readonly Table[]): string[] {
  return renderPostData(
    created.map((table) => ({ ...table, foreignKeys: [], indexes: table.indexes.filter((index) => index.unique) })),
  )
}

function nameOf(key: ForeignKeyPlan): { table: TableName; name: string } {
  return { table: key.table, name: key.name! }
}

/** Truncates what the user asked for, and (for FREEZE, and so that a rolled-back load leaves no bloat) what was proven empty. */
async function emptyTables(context: CrossingContext, existing: readonly TablePlan[]): Promise<readonly TableName[]> {
  const { session, plan } = context
  await refuseRows(session, existing)
  const asked = existing.filter((table) => table.onExisting === 'truncate')
  const allowed = plan.options.allowCascade.map((name) => ({ schema: plan.options.schema, name }))
  const mustGo = [...asked.map((table) => table.target), ...(asked.length > 0 ? allowed : [])]
  const proven = existing
    .filter((table) => table.onExisting === 'empty' && table.owned && !table.partitioned)
    .map((table) => table.target)
  const both = [...mustGo, ...proven.filter((name) => !mustGo.some((other) => sameTable(name, other)))]
  const reachesOut = both.length > 0 && (await truncateReach(session, both, { only: true })).length > 0
  const chosen = reachesOut ? mustGo : both
  if (chosen.length > 0) await truncateTables(session, chosen, { only: true })
  const partitioned = (name: TableName) => existing.some((table) => table.partitioned && sameTable(table.target, name))
  return chosen.filter((name) => !partitioned(name))
}

async function refuseRows(session: Session, existing: readonly TablePlan[]): Promise<void> {
  const occupied = await tablesWithRows(
    session,
    existing.filter((table) => table.onExisting === 'empty').map((table) => table.target),
  )
  if (occupied.length === 0) return
  throw new CrossingError(
    'TARGET_NOT_EMPTY',
    `the target's ${occupied.map(formatTableName).join(', ')} already contains rows`,
    {
      table: formatTableName(occupied[0]!),
      remedy: '--on-existing truncate, append, skip or merge',
    },
  )
}
