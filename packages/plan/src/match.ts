import type { Catalog, CatalogNote, Column, Table, TableName } from '@rowferry/introspect'
import { formatTableName, sameTable } from '@rowferry/introspect'
import type { Finding } from './finding.ts'
import { finding } from './finding.ts'
import { nameTrouble, nearName, snakeCase, tableId, targetColumnName, targetTableName } from './names.ts'
import type { PlanOptions } from './options.ts'

/** One source table and where it goes. `target` is null when the table is to be created. */
export interface TableMatch {
  readonly source: Table
  readonly name: TableName
  readonly target: Table | null
  readonly columns: readonly ColumnMatch[]
}

export interface ColumnMatch {
  readonly source: Column
  readonly name: string
  readonly target: Column | null
}

export interface SkippedTable {
  readonly table: TableName
  readonly rows: number | null
  readonly why: string
  /** The user left it out of the selection: not a loss. */
  readonly asked: boolean
}

export interface Matching {
  readonly matches: readonly TableMatch[]
  readonly skipped: readonly SkippedTable[]
  readonly findings: readonly Finding[]
}

/**
 * Which source table goes into which target table. A table is created when the target holds none of the selected tables;
 * in a target that holds some, a missing one is a finding unless `missingTables` says otherwise. Names are never guessed:
 * near misses are proposed as `--rename`.
 */
export function matchTables(source: Catalog, target: Catalog | null, options: PlanOptions): Matching {
  const findings: Finding[] = []
  const skipped: SkippedTable[] = []
  const unreadable = source.notes.filter((note) => note.code === 'VIRTUAL_TABLE_UNREADABLE')
  const selected = selectTables(source, unreadable, options, findings, skipped).map((table) =>
    readable(table, source.notes),
  )
  const targets = (target?.tables ?? []).filter((table) => table.name.schema === options.schema)
  const find = (name: TableName) => targets.find((table) => sameTable(table.name, name)) ?? null
  const anyExists = selected.some(
    (table) => find(targetTableName(table, options)) !== null || nearTables(table, targets, options).length > 0,
  )
  const matches: TableMatch[] = []
  for (const table of selected) {
    const name = targetTableName(table, options)
    const there = find(name)
    if (there) {
      findings.push(...unreadableColumns(source, table, there, options))
      matches.push(matchColumns(table, name, there, options, findings))
      continue
    }
    const near = nearTables(table, targets, options)
    if (near.length > 0 && options.missingTables !== 'skip') {
      findings.push(nearTable(table, near))
      continue
    }
    if (!anyExists || options.missingTables === 'create') {
      matches.push(matchColumns(table, name, null, options, findings))
      continue
    }
    const holdsRows = table.rowEstimate !== 0
    if (holdsRows && options.missingTables === 'refuse') findings.push(missingTable(table, name))
    else
      skipped.push({
        table: table.name,
        rows: table.rowEstimate,
        why: `the target has no table ${formatTableName(name)}`,
        asked: false,
      })
  }
  checkCollisions(matches, findings)
  if (selected.length === 0)
    findings.push(
      finding({
        code: 'NOTHING_TO_CARRY',
        severity: 'refuse',
        message: 'the source holds no table to carry',
        remedy: 'check the path of the source, --tables and --exclude-tables',
      }),
    )
  // Of tables that would meet in one, the later is only named
  const names = matches.map((match) => tableId(match.name))
  return { matches: matches.filter((_, at) => names.indexOf(names[at]!) === at), skipped, findings }
}

/** Of a generated column whose function only the application has, nothing can be read: it is none of the columns to carry. */
function readable(table: Table, notes: readonly CatalogNote[]): Table {
  return { ...table, columns: table.columns.filter((column) => complaintOf(table, column, notes) === undefined) }
}

function complaintOf(table: Table, column: Column, notes: readonly CatalogNote[]): string | undefined {
  const object = `${table.name.name}.${column.name}`
  return notes.find((note) => note.code === 'GENERATED_UNREADABLE' && note.object === object)?.message
}

function unreadableColumns(source: Catalog, table: Table, target: Table, options: PlanOptions): Finding[] {
  const all = source.tables.find((each) => sameTable(each.name, table.name))?.columns ?? []
  return all.flatMap((column) => {
    const message = complaintOf(table, column, source.notes)
    const home = target.columns.find((candidate) => candidate.name === targetColumnName(table, column, options))
    if (message === undefined || home === undefined || home.generated !== null) return []
    return [
      finding({
        code: 'COLUMN_UNREADABLE',
        severity: 'refuse',
        table: table.name.name,
        column: column.name,
        message: `${table.name.name}.${column.name} cannot be computed here, so the target's ${home.name} would stay empty: ${message}`,
        remedy: 'let the target generate the column too, or let the application write its values into an ordinary one',
      }),
    ]
  })
}

function selectTables(
  source: Catalog,
  unreadable: readonly CatalogNote[],
  options: PlanOptions,
  findings: Finding[],
  skipped: SkippedTable[],
): Table[] {
  const isChosen = (name: string) =>
    (options.tables.length === 0 || options.tables.includes(name)) && !options.excludeTables.includes(name)
  for (const { object, message } of unreadable) {
    const name = { schema: source.tables[0]?.name.schema ?? 'main', name: object }
    skipped.push({ table: name, rows: null, why: message, asked: !isChosen(object) })
  }
  const named = (list: readonly string[], option: string) => {
    for (const name of list) {
      if (unreadable.some((note) => note.object === name)) continue
      if (!source.tables.some((table) => table.name.name === name)) {
        const near = source.tables.find((table) => nearName(table.name.name, name))
        findings.push(
          finding({
            code: 'TABLE_UNKNOWN',
            severity: 'refuse',
            table: name,
            message: `${option} names ${JSON.stringify(name)}, which the source does not have`,
            remedy: near ? `did you mean ${JSON.stringify(near.name.name)}?` : null,
          }),
        )
      }
    }
  }
  named(options.tables, '--tables')
  named(options.excludeTables, '--exclude-tables')
  return source.tables.filter((table) => {
    const chosen = isChosen(table.name.name)
    if (!chosen)
      skipped.push({
        table: table.name,
        rows: table.rowEstimate,
        why: 'left out by --tables or --exclude-tables',
        asked: true,
      })
    return chosen
  })
}

function nearTables(table: Table, targets: readonly Table[], options: PlanOptions): Table[] {
  const wanted = targetTableName(table, options).name
  return targets.filter((candidate) => candidate.name.name !== wanted && nearName(candidate.name.name, wanted))
}

function nearTable(table: Table, near: readonly Table[]): Finding {
  const names = near.map((candidate) => candidate.name.name)
  const snake = names.length === 1 && names[0] === snakeCase(table.name.name)
  return finding({
    code: 'TABLE_NAME_DIFFERS',
    severity: 'refuse',
    table: table.name.name,
    examples: names,
    message: `the target has no table ${JSON.stringify(table.name.name)}, but ${names.map((name) => JSON.stringify(name)).join(', ')}`,
    remedy: snake
      ? `--case snake, or --rename '${table.name.name}=${names[0]}'`
      : `--rename '${table.name.name}=${names[0]}', or --missing-tables skip`,
  })
}

function missingTable(table: Table, name: TableName): Finding {
  return finding({
    code: 'TABLE_MISSING',
    severity: 'refuse',
    table: table.name.name,
    count: table.rowEstimate,
    message: `the target lacks table ${formatTableName(name)}; the source's ${table.name.name} holds ${table.rowEstimate === 1 ? '1 row' : `${table.rowEstimate ?? 'an unknown number of'} rows`}`,
    remedy: `run the application's migrations first, or --missing-tables create, --missing-tables skip, or --exclude-tables '${table.name.name}'`,
  })
}

function matchColumns(
  table: Table,
  name: TableName,
  target: Table | null,
  options: PlanOptions,
  findings: Finding[],
): TableMatch {
  const columns: ColumnMatch[] = table.columns.map((column) => {
    const wanted = targetColumnName(table, column, options)
    return {
      source: column,
      name: wanted,
      target: target?.columns.find((candidate) => candidate.name === wanted) ?? null,
    }
  })
  if (target) {
    findings.push(...unmatchedSource(table, target, columns), ...unmatchedTarget(table, target, columns))
  } else {
    findings.push(...unkeepable(table, name, columns))
  }
  return { source: table, name, target, columns: target ? columns.filter((column) => column.target !== null) : columns }
}

function unmatchedSource(table: Table, target: Table, columns: readonly ColumnMatch[]): Finding[] {
  return columns
    .filter((column) => column.target === null)
    .map(({ source, name }) => {
      const near = target.columns.filter((candidate) => nearName(candidate.name, name))
      const empty = table.rowEstimate === 0 || source.generated !== null
      return finding({
        code: near.length > 0 ? 'COLUMN_NAME_DIFFERS' : 'COLUMN_MISSING',
        severity: empty ? 'note' : 'refuse',
        table: table.name.name,
        column: source.name,
        message: `the target's ${formatTableName(target.name)} has no column ${JSON.stringify(name)}`,
        remedy:
          near.length > 0
            ? `--rename '${table.name.name}.${source.name}=${near[0]!.name}'${near[0]!.name === snakeCase(source.name) ? ', or --case snake' : ''}`
            : `add the column to the target, or name another with --rename '${table.name.name}.${source.name}=…'`,
      })
    })
}

function unmatchedTarget(table: Table, target: Table, columns: readonly ColumnMatch[]): Finding[] {
  return target.columns
    .filter((column) => !columns.some((match) => match.target === column))
    .filter(
      (column) => !column.nullable && column.default === null && column.identity === null && column.generated === null,
    )
    .map((column) =>
      finding({
        code: 'TARGET_COLUMN_NEEDED',
        severity: table.rowEstimate === 0 ? 'note' : 'refuse',
        table: table.name.name,
        column: column.name,
        targetType: column.declaredType,
        message: `the target's ${formatTableName(target.name)}.${column.name} takes no NULL and has no default, and the source has no such column`,
        remedy: `give the column a default in the target, or name the source's column with --rename '${table.name.name}.…=${column.name}'`,
      }),
    )
}

function unkeepable(table: Table, name: TableName, columns: readonly ColumnMatch[]): Finding[] {
  const out: Finding[] = []
  const add = (code: string, message: string, column: string | null, from: string) =>
    out.push(
      finding({
        code,
        severity: 'refuse',
        table: table.name.name,
        column,
        message,
        remedy:
          code === 'TOO_MANY_COLUMNS'
            ? 'split the table in the source, or leave it out with --exclude-tables'
            : `--rename '${from}=…'`,
      }),
    )
  const trouble = nameTrouble(name.name, 'table')
  if (trouble) add(trouble.code, trouble.message, null, table.name.name)
  for (const column of columns) {
    const reason = nameTrouble(column.name, 'column')
    if (reason) add(reason.code, reason.message, column.source.name, `${table.name.name}.${column.source.name}`)
  }
  if (columns.length > 1600)
    add('TOO_MANY_COLUMNS', `the table has ${columns.length} columns and PostgreSQL takes 1600`, null, '')
  return out
}

function checkCollisions(matches: readonly TableMatch[], findings: Finding[]): void {
  const seen = new Map<string, string>()
  for (const match of matches) {
    const id = tableId(match.name)
    const other = seen.get(id)
    if (other !== undefined) {
      findings.push(
        finding({
          code: 'NAME_COLLISION',
          severity: 'refuse',
          table: match.source.name.name,
          message: `${JSON.stringify(other)} and ${JSON.stringify(match.source.name.name)} would both become ${formatTableName(match.name)}`,
          remedy: `--rename '${match.source.name.name}=…'`,
        }),
      )
    }
    seen.set(id, match.source.name.name)
    const columns = new Map<string, string>()
    for (const column of match.columns) {
      const twin = columns.get(column.name)
      if (twin !== undefined) {
        findings.push(
          finding({
            code: 'NAME_COLLISION',
            severity: 'refuse',
            table: match.source.name.name,
            column: column.source.name,
            message: `columns ${JSON.stringify(twin)} and ${JSON.stringify(column.source.name)} would both become ${JSON.stringify(column.name)}`,
            remedy: `--rename '${match.source.name.name}.${column.source.name}=…'`,
          }),
        )
      }
      columns.set(column.name, column.source.name)
    }
  }
}
