import type { Table } from '@rowferry/introspect'
import { formatTableName, sameTable } from '@rowferry/introspect'
import type { ForeignKeyPlan, Plan } from '@rowferry/plan'
import type { Drop, ForeignKeyVerdict, Session } from '@rowferry/postgres'
import {
  checkForeignKeys,
  findOrphans,
  foreignKeyObject,
  PostgresError,
  quoteTable,
  renderPostData,
  restoreAfterLoad,
  restoreForeignKeys,
  restoreTriggers,
} from '@rowferry/postgres'
import { CrossingError } from '../failure.ts'
import type { CrossingContext } from './context.ts'
import { isGuarded } from './context.ts'
import type { OldOrphansByKey } from './old-orphans.ts'
import { definitions, renderKeys } from './pre-data.ts'
import type { TakenAway } from './pre-data.ts'

/** Keys, indexes and foreign keys of created tables; everything taken away put back; statistics; foreign keys proven by anti-join. Returns what could not be made. */
export async function postData(context: CrossingContext, taken: TakenAway): Promise<Plan['notCarried']> {
  const notCarried: Plan['notCarried'] = []
  for (const step of postDataSteps(context.plan, taken, 'together'))
    notCarried.push(...((await step.run(context)) ?? []))
  return notCarried
}

/** A part of it that can be done, and written down, by itself. */
export interface PostDataStep {
  /** Tells it from every other of the same crossing. */
  readonly name: string
  /** The foreign keys that it makes or puts back. */
  readonly foreignKeys: readonly ForeignKeyPlan[]
  /** Puts back what was taken away; null where it makes something instead. */
  readonly restore: ((session: Session) => Promise<void>) | null
  /** Gives what could not be made. */
  run(context: CrossingContext): Promise<Plan['notCarried'] | void>
}

/** In their order. `apart`: as small as they can be; `together`: in as few ways to the server and back as it takes. */
export function postDataSteps(
  plan: Plan,
  taken: Pick<TakenAway, 'triggers' | 'foreignKeys' | 'indexes'>,
  how: 'together' | 'apart',
): PostDataStep[] {
  const groups = <Part>(parts: readonly Part[]): (readonly Part[])[] =>
    how === 'apart' ? parts.map((part) => [part]) : parts.length > 0 ? [parts] : []
  const created = definitions(plan.tables)
  const { triggers, indexes, foreignKeys } = taken
  const make = (name: string, run: PostDataStep['run'], keys: readonly ForeignKeyPlan[] = []): PostDataStep => ({
    name,
    foreignKeys: keys,
    restore: null,
    run,
  })
  const putBack = (
    name: string,
    restore: (session: Session) => Promise<void>,
    keys: readonly ForeignKeyPlan[] = [],
  ): PostDataStep => ({ name, foreignKeys: keys, restore, run: ({ session }) => restore(session) })
  return [
    ...groups(created).map((tables) =>
      make(`keys and indexes of ${named(tables)}`, (context) => makeKeys(context, tables)),
    ),
    ...groups(indexes?.drops ?? []).map((drops) =>
      putBack(dropped(drops), (session) => restoreAfterLoad(session, { drops, kept: [] })),
    ),
    ...groups(created.filter((table) => table.foreignKeys.length > 0)).map((tables) =>
      make(
        `foreign keys of ${named(tables)}`,
        async ({ session }) => void (await session.query(renderPostData(tables.map(foreignKeysOnly)).join(';\n'))),
        plan.foreignKeys.filter((key) => tables.some((table) => sameTable(key.table, table.name))),
      ),
    ),
    ...groups(byTable(foreignKeys?.drops ?? [])).map((tables) => {
      const drops = tables.flat()
      const keys = plan.foreignKeys.filter((key) => drops.some((drop) => isOf(drop, key)))
      return putBack(dropped(drops), (session) => restoreForeignKeys(session, { drops, kept: [] }), keys)
    }),
    ...(triggers ? [putBack('triggers', (session) => restoreTriggers(session, triggers))] : []),
    make('statistics', analyze),
  ]
}

function byTable(drops: readonly Drop[]): Drop[][] {
  const tables: Drop[][] = []
  for (const drop of drops) {
    const same = tables.find(([first]) => sameTable(first!.table, drop.table))
    if (same) same.push(drop)
    else tables.push([drop])
  }
  return tables
}

function dropped(drops: readonly Drop[]): string {
  return drops.map(({ object, table }) => `${object} of ${formatTableName(table)}`).join(', ')
}

function isOf({ table, object }: Drop, key: ForeignKeyPlan): boolean {
  return sameTable(table, key.table) && object === foreignKeyObject(key.name ?? '')
}

function named(tables: readonly Table[]): string {
  return tables.map((table) => formatTableName(table.name)).join(', ')
}

/** Never the catalog's word: every foreign key of the loaded tables is proven by an anti-join. Returns how many hold. */
export async function proveForeignKeys(context: CrossingContext, old: OldOrphansByKey): Promise<number> {
  const keys = await checkForeignKeys(
    context.session,
    context.plan.tables.map((table) => table.target),
  )
  const broken: ForeignKeyVerdict[] = []
  for (const key of keys.filter(({ orphans }) => orphans > 0)) {
    const orphans = key.validated ? key.orphans : await newOrphans(context, key, old)
    if (orphans > 0) broken.push({ ...key, orphans })
  }
  const first = broken[0]
  if (!first) return keys.filter((key) => key.orphans === 0).length
  throw new CrossingError(
    'FOREIGN_KEY_VIOLATION',
    broken
      .map((key) => `${formatTableName(key.table)} has ${key.orphans} rows whose ${key.name} meets no parent`)
      .join('; '),
    {
      table: formatTableName(first.table),
      remedy: 'mend the rows in the source, or --on-bad-row quarantine',
    },
  )
}

/** One that is not valid judges new rows only: those that came while it was away would have been refused. */
async function newOrphans(
  { plan, session }: CrossingContext,
  key: ForeignKeyVerdict,
  old: OldOrphansByKey,
): Promise<number> {
  const away = plan.foreignKeys.find(
    (each) => each.strategy === 'rebuilt' && each.name === key.name && sameTable(each.table, key.table),
  )
  if (!key.enforced || away === undefined) return 0
  return (await findOrphans(session, key, [], 0, old.get(away))).count
}

async function makeKeys(context: CrossingContext, created: readonly Table[]): Promise<Plan['notCarried']> {
  const { session } = context
  const needed = isGuarded(context) ? [] : renderKeys(created)
  if (needed.length > 0) await session.query(needed.join(';\n'))
  const optional = created.flatMap((table) =>
    table.indexes
      .filter((index) => !index.unique)
      .map((index) => ({ index, statements: renderPostData([{ ...bare(table), indexes: [index] }]) })),
  )
  if (optional.length === 0) return []
  await session.query('SAVEPOINT plain_indexes')
  try {
    await session.query(optional.flatMap((each) => each.statements).join(';\n'))
    await session.query('RELEASE SAVEPOINT plain_indexes')
    return []
  } catch (error) {
    if (!(error instanceof PostgresError)) throw error
    await session.query('ROLLBACK TO SAVEPOINT plain_indexes')
  }
  // An index is no data: one that PostgreSQL refuses (a row too wide for btree, say) is left off and said.
  const notCarried: Plan['notCarried'] = []
  for (const { index, statements } of optional) {
    try {
      await session.query(statements.join(';\n'))
      await session.query('RELEASE SAVEPOINT plain_indexes')
    } catch (error) {
      if (!(error instanceof PostgresError)) throw error
      await session.query('ROLLBACK TO SAVEPOINT plain_indexes')
      await session.query('RELEASE SAVEPOINT plain_indexes')
      notCarried.push({
        object: `index ${index.name}`,
        definition: statements.join('; '),
        why: error.message,
        suggestion: null,
      })
    }
    await session.query('SAVEPOINT plain_indexes')
  }
  await session.query('RELEASE SAVEPOINT plain_indexes')
  return notCarried
}

function bare(table: Table): Table {
  return {
    ...table,
    primaryKey: null,
    uniques: [],
    checks: [],
    indexes: [],
    foreignKeys: [],
    comment: null,
    columns: table.columns.map((column) => ({ ...column, comment: null })),
  }
}

function foreignKeysOnly(table: Table): Table {
  return { ...bare(table), foreignKeys: table.foreignKeys }
}

async function analyze(context: CrossingContext): Promise<void> {
  const owned = context.plan.tables.filter((table) => table.owned)
  if (owned.length > 0)
    await context.session.query(`ANALYZE ${owned.map((table) => quoteTable(table.target)).join(', ')}`)
  const others = context.plan.tables.filter((table) => !table.owned)
  if (others.length > 0)
    context.onEvent({
      type: 'notice',
      message: `ANALYZE needs ownership: run it on ${others.map((table) => formatTableName(table.target)).join(', ')}`,
    })
}

/** The foreign keys whose children follow a row that was set aside: created ones, dropped ones, and deferred ones. */
export function followingKeys(plan: Plan): ForeignKeyPlan[] {
  return plan.foreignKeys.filter(
    (key) => key.strategy !== 'kept' && plan.tables.some((table) => sameTable(table.target, key.table)),
  )
}
