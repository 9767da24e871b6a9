import type { Column, Table, TableName } from '@rowferry/introspect'
import { formatTableName } from '@rowferry/introspect'
import type { Finding } from './finding.ts'
import { finding } from './finding.ts'
import type { ColumnMatch, TableMatch } from './match.ts'
import type { HomelessColumn } from './homeless.ts'
import { nameTrouble } from './names.ts'
import { columnHomes } from './near-names.ts'
import { renameWords } from './option-words.ts'
import type { SettledName, SettledNames } from './settle-names.ts'

const MAX_COLUMNS = 1600

/** The columns of a table that is to be made, with a note for each name that could not stay. */
export function createdColumns(
  table: Table,
  name: TableName,
  names: SettledNames,
  findings: Finding[],
): Omit<TableMatch, 'fills'> {
  const columns = table.columns.map((column) => ({
    source: column,
    name: names.column(table, column.name).name,
    target: null,
  }))
  findings.push(...nameNotes(table, null, names.table(table)))
  for (const { source } of columns) findings.push(...nameNotes(table, source, names.column(table, source.name)))
  findings.push(...columnCollisions(table, columns))
  if (columns.length > MAX_COLUMNS)
    findings.push(
      finding({
        code: 'TOO_MANY_COLUMNS',
        severity: 'refuse',
        table: table.name.name,
        message: `${formatTableName(table.name)} has ${columns.length} columns, and a table of PostgreSQL at most ${MAX_COLUMNS}`,
        remedy:
          'leave columns behind with --drop-column, split the table in the source, or leave it out with --exclude-tables',
      }),
    )
  return { source: table, name, target: null, columns }
}

/** What becomes of a name that is to be made: refused where `rename` gives one that cannot be, a note where another had to be found. */
function nameNotes(table: Table, column: Column | null, { name, changed, given }: SettledName): Finding[] {
  const kind = column ? 'column' : 'table'
  const own = column ? column.name : table.name.name
  const from = column ? `${table.name.name}.${column.name}` : table.name.name
  const trouble = given ? nameTrouble(name, kind) : null
  const what = column ? `column ${JSON.stringify(own)} of ${formatTableName(table.name)}` : formatTableName(table.name)
  const of = { table: table.name.name, column: column?.name ?? null }
  if (trouble)
    return [
      finding({
        ...of,
        code: trouble.code,
        severity: 'refuse',
        message: `${what} cannot be called ${JSON.stringify(name)}, as --rename says: ${trouble.message}`,
        remedy: renameWords([{ from, to: '…' }]),
      }),
    ]
  if (changed === null) return []
  return [
    finding({
      ...of,
      code: 'NAME_CHANGED',
      severity: 'note',
      message: `${what} becomes ${JSON.stringify(name)}: ${changed}`,
      remedy: `to choose another name: ${renameWords([{ from, to: '…' }])}`,
    }),
  ]
}

/** Only names that were given can meet: all others make way. */
function columnCollisions(table: Table, columns: readonly ColumnMatch[]): Finding[] {
  const seen = new Map<string, string>()
  return columns.flatMap((column) => {
    const twin = seen.get(column.name)
    seen.set(column.name, column.source.name)
    if (twin === undefined) return []
    return [
      finding({
        code: 'NAME_COLLISION',
        severity: 'refuse',
        table: table.name.name,
        column: column.source.name,
        message: `columns ${JSON.stringify(twin)} and ${JSON.stringify(column.source.name)} would both become ${JSON.stringify(column.name)}`,
        remedy: renameWords([{ from: `${table.name.name}.${column.source.name}`, to: '…' }]),
      }),
    ]
  })
}

/** The columns of a table that is there. One that is only nearly called so is matched too, so that its data is looked at, and refused. */
export function existingColumns(
  table: Table,
  target: Table,
  names: SettledNames,
  found: { readonly findings: Finding[]; readonly homeless: HomelessColumn[] },
): Omit<TableMatch, 'fills'> {
  const homes = columnHomes(table, target, names)
  const columns = homes.map(({ item, name, exact, only }): ColumnMatch => ({
    source: item,
    name: only?.name ?? name,
    target: exact ?? only,
  }))
  for (const { item, name, near } of homes.filter((home) => home.exact === null)) {
    if (near.length > 0) found.findings.push(nearColumn(table, item, target, name, near))
    else found.homeless.push({ table, column: item, asked: false, lacks: { table: target.name, column: name } })
  }
  found.findings.push(...columnCollisions(table, columns))
  return { source: table, name: target.name, target, columns: columns.filter((column) => column.target !== null) }
}

function nearColumn(table: Table, column: Column, target: Table, name: string, near: readonly Column[]): Finding {
  return finding({
    code: 'COLUMN_NAME_DIFFERS',
    severity: table.rowEstimate === 0 ? 'note' : 'refuse',
    table: table.name.name,
    column: column.name,
    examples: near.map((each) => each.name),
    message: `the target's ${formatTableName(target.name)} has no column ${JSON.stringify(name)}, but ${near.map((each) => JSON.stringify(each.name)).join(', ')}`,
    remedy: renameWords([{ from: `${table.name.name}.${column.name}`, to: near[0]!.name }]),
  })
}
