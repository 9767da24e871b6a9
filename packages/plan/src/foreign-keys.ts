import type { ForeignKey, Table, TableName } from '@rowferry/introspect'
import { formatTableName, sameTable } from '@rowferry/introspect'
import type { LoadOrder } from '@rowferry/order'
import { orderTables } from '@rowferry/order'
import type { Finding } from './finding.ts'
import { finding } from './finding.ts'
import { tableId } from './names.ts'
import type { PlanOptions } from './options.ts'
import type { ForeignKeyPlan, TablePlan } from './plan.ts'
import { isRebuilt, REBUILD_FROM_ROWS, whyKeysStay } from './rebuilds.ts'
import { nearest } from './unknown-names.ts'

export interface ForeignKeyInput {
  readonly tables: readonly TablePlan[]
  /** The target's tables, by name, as far as they exist. */
  readonly existing: readonly Table[]
  readonly options: PlanOptions
}

/** Load order of the tables and what becomes of each foreign key among them. */
export function planForeignKeys(input: ForeignKeyInput): {
  order: readonly TableName[]
  foreignKeys: ForeignKeyPlan[]
  findings: Finding[]
} {
  const shapes = input.tables.map((table) => ({
    name: table.target,
    foreignKeys: foreignKeysOf(table, input.existing),
    nullableColumns: table.casts.filter((cast) => !cast.notNull).map((cast) => cast.target),
  }))
  const findings: Finding[] = []
  const explicit = explicitOrder(input, findings)
  const load = orderTables(shapes, explicit.length > 0 ? { explicit } : {})
  const foreignKeys = input.tables.flatMap((table) =>
    foreignKeysOf(table, input.existing).map((key) => strategy(table, key, input, load, findings)),
  )
  return { order: load.order, foreignKeys, findings }
}

function explicitOrder(input: ForeignKeyInput, findings: Finding[]): TableName[] {
  return input.options.order.flatMap((name) => {
    const table = input.tables.find((candidate) => candidate.source.name === name || candidate.target.name === name)
    if (!table) {
      const near = nearest(
        name,
        input.tables.map(({ source }) => source.name),
      )
      findings.push(
        finding({
          code: 'TABLE_UNKNOWN',
          severity: 'refuse',
          table: name,
          message: `--order names ${JSON.stringify(name)}, which is not among the tables to carry`,
          remedy: near === null ? 'check the names that follow --order' : `did you mean ${JSON.stringify(near)}?`,
        }),
      )
    }
    return table ? [table.target] : []
  })
}

function foreignKeysOf(table: TablePlan, existing: readonly Table[]): readonly ForeignKey[] {
  return (table.definition ?? existing.find((candidate) => sameTable(candidate.name, table.target)))?.foreignKeys ?? []
}

function strategy(
  table: TablePlan,
  key: ForeignKey,
  input: ForeignKeyInput,
  load: LoadOrder,
  findings: Finding[],
): ForeignKeyPlan {
  const plan = (how: ForeignKeyPlan['strategy'], why: string): ForeignKeyPlan => ({
    table: table.target,
    name: key.name,
    columns: [...key.columns],
    references: key.references,
    referencedColumns: [...(key.referencedColumns ?? [])],
    match: key.match === 'full' ? 'full' : 'simple',
    strategy: how,
    why,
  })
  if (table.mode === 'create') return plan('created', 'made after the data, checked over all rows at once')
  const parent = input.tables.find((candidate) => sameTable(candidate.target, key.references))
  const rank = new Map(load.order.map((name, index) => [tableId(name), index]))
  const backward =
    parent !== undefined && parent !== table && rank.get(tableId(parent.target))! > rank.get(tableId(table.target))!
  const parentOwned =
    parent?.owned ??
    input.existing.find((candidate) => sameTable(candidate.name, key.references))?.postgres?.owned ??
    false
  const mayRebuild = table.owned && parentOwned && key.name !== null && !table.partitioned
  // Made again, one that is not valid would not look at the new rows
  const frees =
    mayRebuild && key.validated && parent !== undefined && isRebuilt(parent) && whyKeysStay(input.options) === null
  if (input.options.resumable && mayRebuild)
    return plan('rebuilt', 'the load is committed in parts, so its rows are checked when all of them are there')
  if (input.options.resumable && (backward || parent === table)) {
    findings.push(
      finding({
        code: 'FOREIGN_KEY_IN_PARTS',
        severity: 'refuse',
        table: formatTableName(table.source),
        message: `foreign key ${key.name ?? key.columns.join(', ')} points at rows of ${formatTableName(key.references)} that may be committed later, and only the owner of both tables could drop and re-add it`,
        remedy: 'run as the owner, or without --resumable',
      }),
    )
  }
  if (key.deferrability !== 'not deferrable' && (backward || parent === table) && !frees)
    return plan('deferred', 'its parent loads later; it is deferrable, so it is checked after the data')
  const setsAside = input.options.onBadRow === 'quarantine'
  // A row that merges is to be refused before it takes another's place, not after
  const merges = setsAside && table.onExisting === 'merge'
  if (mayRebuild && setsAside && !merges)
    return plan('rebuilt', 'rows may be set aside, so their children are found after the data')
  if (backward && mayRebuild)
    return plan(
      'rebuilt',
      'its tables reference each other: dropped, and added back after the data in the same transaction',
    )
  if (backward) {
    findings.push(
      finding({
        code: 'FOREIGN_KEY_CYCLE',
        severity: 'refuse',
        table: formatTableName(table.source),
        message: `foreign key ${key.name ?? key.columns.join(', ')} points at ${formatTableName(key.references)}, which loads later, is not deferrable, and only the owner of both tables could drop and re-add it`,
        remedy: `run as the owner, or ALTER TABLE … ALTER CONSTRAINT ${JSON.stringify(key.name)} DEFERRABLE`,
      }),
    )
  }
  if (mayRebuild && !merges && key.validated && (table.rows ?? 0) >= REBUILD_FROM_ROWS)
    return plan('rebuilt', `${table.rows} rows: checked at once after the data is faster than row by row`)
  if (frees)
    return plan('rebuilt', 'it rests on a key that is itself dropped while many rows load, and built over them again')
  return plan(
    'kept',
    parent === table ? 'all rows arrive in one COPY, after which it is checked' : 'parents load first',
  )
}
