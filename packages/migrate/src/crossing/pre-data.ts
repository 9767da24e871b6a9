import type { Table, TableName } from '@rowferry/introspect'
import { formatTableName, sameTable } from '@rowferry/introspect'
import type { ForeignKeyPlan, Plan, TablePlan } from '@rowferry/plan'
import { isRebuilt, whyKeysStay } from '@rowferry/plan'
import type { DroppedForeignKeys, DisabledTriggers, Rebuild, Session } from '@rowferry/postgres'
import {
  disableTriggers,
  dropForeignKeys,
  dropForLoad,
  planRebuild,
  quoteIdentifier,
  quoteTable,
  readUserTriggers,
  renderPostData,
  renderPreData,
  tablesWithRows,
  truncateReach,
  truncatesElsewhere,
  truncateTables,
} from '@rowferry/postgres'
import { CrossingError } from '../failure.ts'
import { makeNocase } from '../nocase.ts'
import type { CrossingContext } from './context.ts'
import { isGuarded } from './context.ts'
import { type OldOrphansByKey, readOldOrphans } from './old-orphans.ts'

/**
 * Rows from which truncating an empty table pays: TRUNCATE gives it, its indexes and its TOAST new files, which takes longer than the freezing and
 * the room of a load that was rolled back are worth.
 */
const TRUNCATE_FROM_ROWS = 2000

/** What was taken away for the load and must come back exactly. */
export interface TakenAway {
  readonly triggers: DisabledTriggers | null
  readonly foreignKeys: DroppedForeignKeys | null
  readonly indexes: Rebuild | null
  readonly oldOrphans: OldOrphansByKey
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
  const oldOrphans = await readOldOrphans(context)
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
      : existing.filter((table) => isRebuilt(table) && fresh.some((name) => sameTable(name, table.target)))
  const indexes = heavy.length > 0 ? await indexRebuild(session, plan, heavy) : null
  if (indexes) await dropForLoad(session, indexes)
  const emptied = new Set(fresh.map(quoteTable))
  return {
    triggers,
    foreignKeys,
    indexes,
    oldOrphans,
    fresh: (table) => table.mode === 'create' || emptied.has(quoteTable(table.target)),
  }
}

/** What the loads of these tables take away and what they leave, of all that is to be built over their rows. `without`: foreign keys that are still there, but go before. */
export async function indexRebuild(
  session: Session,
  plan: Plan,
  heavy: readonly TablePlan[],
  without?: DroppedForeignKeys,
): Promise<Rebuild> {
  const because = whyKeysStay(plan.options)
  return planRebuild(
    session,
    heavy.map((table) => table.target),
    because === null
      ? {
          secondaryOnly: false,
          loaded: plan.tables.filter((table) => table.mode === 'existing').map((table) => table.target),
          ...(without ? { without } : {}),
        }
      : { because },
  )
}

function isWorthTruncating(table: TablePlan): boolean {
  return (table.rows ?? TRUNCATE_FROM_ROWS) >= TRUNCATE_FROM_ROWS
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

/** Of one that is the target's already. */
export function nameOf(key: ForeignKeyPlan): { table: TableName; name: string } {
  return { table: key.table, name: key.name! }
}

async function emptyTables(context: CrossingContext, existing: readonly TablePlan[]): Promise<readonly TableName[]> {
  const { session, plan } = context
  await refuseRows(session, existing)
  const chosen = await tablesToTruncate(session, plan)
  if (chosen.length > 0) await truncateTables(session, chosen, { only: true })
  const partitioned = (name: TableName) => existing.some((table) => table.partitioned && sameTable(table.target, name))
  return chosen.filter((name) => !partitioned(name))
}

/**
 * What the user asked for, and (for FREEZE, and so that a rolled-back load leaves no bloat) what was proven empty and is large, with the small ones that
 * reference it. One that is referenced by a table that must stay is left as it is.
 */
export async function tablesToTruncate(session: Session, plan: Plan): Promise<readonly TableName[]> {
  const existing = plan.tables.filter((table) => table.mode === 'existing')
  const asked = existing.filter((table) => table.onExisting === 'truncate').map((table) => table.target)
  const allowed = plan.options.allowCascade.map((name) => ({ schema: plan.options.schema, name }))
  const mustGo = [...asked, ...(asked.length > 0 ? allowed : [])]
  const may = existing.filter((table) => table.onExisting === 'empty' && table.owned && !table.partitioned)
  const sent = await truncatesElsewhere(
    session,
    may.map((table) => table.target),
  )
  const empty = may.filter((table) => !sent.some((name) => sameTable(name, table.target)))
  const large = empty.filter(isWorthTruncating).map((table) => table.target)
  const mayGo = (name: TableName) =>
    mustGo.some((other) => sameTable(name, other)) || empty.some((table) => sameTable(name, table.target))
  const reachOf = (names: readonly TableName[]) => truncateReach(session, names, { only: true })
  const all = unique([...mustGo, ...large])
  if (all.length === 0) return []
  const reached = await reachOf(all)
  if (reached.every(mayGo)) return [...all, ...reached]
  const chosen = [...mustGo]
  for (const name of large) {
    const emptied = [name, ...(await reachOf([name]))]
    if (emptied.every(mayGo)) chosen.push(...emptied)
  }
  return unique(chosen)
}

function unique(names: readonly TableName[]): TableName[] {
  return names.filter((name, at) => names.findIndex((other) => sameTable(name, other)) === at)
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
