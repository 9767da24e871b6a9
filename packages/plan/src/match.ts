import type { Catalog, Column, Table, TableName } from '@rowferry/introspect'
import { formatTableName, sameTable } from '@rowferry/introspect'
import type { Finding } from './finding.ts'
import { finding } from './finding.ts'
import type { Fill } from './fills.ts'
import { fillFindings, withFills } from './fills.ts'
import type { HomelessColumn } from './homeless.ts'
import { createdColumns, existingColumns } from './match-columns.ts'
import { excludeWords, missingRecords } from './migration-records.ts'
import { tableId } from './names.ts'
import type { Home } from './near-names.ts'
import { tableHomes } from './near-names.ts'
import { listWords, renameWords } from './option-words.ts'
import type { PlanOptions } from './options.ts'
import { proposeNames } from './propose-names.ts'
import type { SkippedTable } from './select-tables.ts'
import { droppedColumns, selectTables } from './select-tables.ts'
import { settleNames } from './settle-names.ts'
import { targetOnlyColumns, targetOnlyTables } from './target-only.ts'
import { unknownNames } from './unknown-names.ts'

/** One source table and where it goes. `target` is null when the table is to be created. */
export interface TableMatch {
  readonly source: Table
  readonly name: TableName
  readonly target: Table | null
  readonly columns: readonly ColumnMatch[]
  /** What `fill` says of columns that only the target has. */
  readonly fills: readonly Fill[]
}

export interface ColumnMatch {
  readonly source: Column
  readonly name: string
  readonly target: Column | null
}

export interface Matching {
  readonly matches: readonly TableMatch[]
  readonly skipped: readonly SkippedTable[]
  /** Source columns that go nowhere: whether that loses anything, their values tell. */
  readonly homeless: readonly HomelessColumn[]
  /** A tool's records of its migrations, for which a target that holds other tables has no home. */
  readonly missingRecords: readonly Table[]
  readonly findings: readonly Finding[]
}

const NAMES = new Set(['TABLE_NAME_DIFFERS', 'COLUMN_NAME_DIFFERS'])

/**
 * Which source table goes into which target table. A table is created when the target holds none of the selected tables;
 * in a target that holds some, a missing one is a finding unless `missingTables` says otherwise. Names are never guessed:
 * what is nearly called so is refused, and proposed as `--case` and `--rename`, in one line for all.
 */
export function matchTables(source: Catalog, target: Catalog | null, options: PlanOptions): Matching {
  const skipped: SkippedTable[] = []
  const selected = selectTables(source, options, skipped)
  const findings: Finding[] = unknownNames(source, target, options)
  const names = settleNames(source, options)
  const targets = (target?.tables ?? []).filter((table) => table.name.schema === options.schema)
  const homes = tableHomes(selected, targets, names)
  const anyExists = homes.some(({ exact, near }) => exact !== null || near.length > 0)
  const homeless: HomelessColumn[] = droppedColumns(source, selected, options)
  const matched: Omit<TableMatch, 'fills'>[] = []
  const missing: Table[] = []
  for (const { item: table, name: wanted, exact, near, only } of homes) {
    const name = { schema: options.schema, name: wanted }
    const isNear = near.length > 0 && options.missingTables !== 'skip'
    if (exact === null && isNear) findings.push(nearTable(table, name, near))
    const home = exact ?? (isNear ? only : null)
    const view = target?.views.find((each) => sameTable(each.name, name))
    if (home) matched.push(existingColumns(table, home, names, { findings, homeless }))
    else if (isNear) continue
    else if (!anyExists || options.missingTables === 'create')
      matched.push(createdColumns(table, name, names, findings))
    else if (table.rowEstimate !== 0 && view) findings.push(viewThere(table, name, view.materialized))
    else if (table.rowEstimate !== 0 && options.missingTables === 'refuse') missing.push(table)
    else {
      const why = `the target has no table ${formatTableName(name)}`
      skipped.push({ table: table.name, rows: table.rowEstimate, why, asked: false })
    }
  }
  const matches = withFills(matched, options)
  const { records, tables: lacking } = missingRecords(missing)
  findings.push(
    ...matches.flatMap((match) => targetOnlyColumns(match, source, names)),
    ...fillFindings(matches, options),
    ...targetOnlyTables(targets, takenTargets(tableHomes(source.tables, targets, names))),
    ...lacking.map((table) =>
      missingTable(
        table,
        { schema: options.schema, name: names.table(table).name },
        excludeWords(
          options,
          lacking.map((each) => each.name.name),
        ),
      ),
    ),
    ...proposeNames(
      source,
      selected,
      targets,
      options,
      findings.filter((each) => NAMES.has(each.code) && each.severity === 'refuse'),
    ),
    ...tableCollisions(matches),
  )
  if (selected.length === 0) findings.push(nothing)
  // Of tables that would meet in one, the later is only named
  const ids = matches.map((match) => tableId(match.name))
  const once = matches.filter((_, at) => ids.indexOf(ids[at]!) === at)
  return { matches: once, skipped, homeless, missingRecords: records, findings }
}

/** Those with the name of a source table, carried or not, or nearly so: that is another finding's matter. */
function takenTargets(homes: readonly Home<Table, Table>[]): ReadonlySet<Table> {
  return new Set(homes.flatMap(({ exact, near }) => (exact ? [exact] : near)))
}

const nothing = finding({
  code: 'NOTHING_TO_CARRY',
  severity: 'refuse',
  message: 'the source holds no table to carry',
  remedy: 'check the path of the source, --tables and --exclude-tables',
})

function nearTable(table: Table, wanted: TableName, near: readonly Table[]): Finding {
  const names = near.map((candidate) => candidate.name.name)
  const each = names.map((to) => renameWords([{ from: table.name.name, to }]))
  return finding({
    code: 'TABLE_NAME_DIFFERS',
    severity: 'refuse',
    table: table.name.name,
    examples: names,
    message: `the target has no table ${JSON.stringify(wanted.name)}, but ${names.map((name) => JSON.stringify(name)).join(', ')}`,
    remedy: each.join(', or '),
  })
}

function missingTable(table: Table, name: TableName, exclude: string): Finding {
  const rows = table.rowEstimate === 1 ? '1 row' : `${table.rowEstimate ?? 'an unknown number of'} rows`
  return finding({
    code: 'TABLE_MISSING',
    severity: 'refuse',
    table: table.name.name,
    count: table.rowEstimate,
    message: `the target lacks table ${formatTableName(name)}; the source's ${table.name.name} holds ${rows}`,
    remedy: `run the application's migrations first, or --missing-tables create, --missing-tables skip, or ${exclude}`,
  })
}

function viewThere(table: Table, name: TableName, materialized: boolean): Finding {
  return finding({
    code: 'TARGET_IS_VIEW',
    severity: 'refuse',
    table: table.name.name,
    message: `the target's ${formatTableName(name)} is a ${materialized ? 'materialized view' : 'view'}, which takes no rows`,
    remedy: `name the table behind it with ${renameWords([{ from: table.name.name, to: '…' }])}, or ${listWords('--exclude-tables', [table.name.name])}`,
  })
}

/** Only names that were given can meet: all others make way. */
function tableCollisions(matches: readonly TableMatch[]): Finding[] {
  const seen = new Map<string, string>()
  return matches.flatMap(({ source, name }) => {
    const other = seen.get(tableId(name))
    seen.set(tableId(name), source.name.name)
    if (other === undefined) return []
    return [
      finding({
        code: 'NAME_COLLISION',
        severity: 'refuse',
        table: source.name.name,
        message: `${JSON.stringify(other)} and ${JSON.stringify(source.name.name)} would both become ${formatTableName(name)}`,
        remedy: renameWords([{ from: source.name.name, to: '…' }]),
      }),
    ]
  })
}
