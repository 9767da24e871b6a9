import type { Catalog, Column, Table } from '@rowferry/introspect'
import { formatTableName } from '@rowferry/introspect'
import type { Finding } from './finding.ts'
import { finding } from './finding.ts'
import type { TableMatch } from './match.ts'
import { fillWords } from './option-words.ts'
import { unreadableColumns } from './select-tables.ts'
import type { SettledNames } from './settle-names.ts'

/** Names in a message. */
const SHOWN = 10

/** Columns that only the target has: one that must be given a value, and for the others what PostgreSQL puts there. */
export function targetOnlyColumns(match: TableMatch, catalog: Catalog, names: SettledNames): Finding[] {
  const { source, target, columns, fills } = match
  if (!target) return []
  return target.columns
    .filter((column) => !columns.some((each) => each.target === column) && column.generated === null)
    .filter((column) => !fills.some((fill) => fill.column === column))
    .flatMap((column) => {
      const lost = unreadableColumns(catalog, source).find(
        (each) => names.column(source, each.column.name).name === column.name,
      )
      if (lost) return [unreadable(match, column, lost)]
      const isNeeded = !column.nullable && column.default === null && column.identity === null
      if (isNeeded) return [needed(match, column)]
      return source.rowEstimate === 0 ? [] : [defaulted(match, column)]
    })
}

/** Tables of the target's schema that nothing of the source goes into, in one note; partitions count as what they are part of. */
export function targetOnlyTables(targets: readonly Table[], taken: ReadonlySet<Table>): Finding[] {
  const left = targets.filter((table) => !taken.has(table) && !table.postgres?.partitionOf)
  if (taken.size === 0 || left.length === 0) return []
  const names = left.map(({ name }) => name.name)
  const more = names.length > SHOWN ? ` and ${names.length - SHOWN} more` : ''
  const tables = names.length === 1 ? '1 table' : `${names.length} tables`
  return [
    finding({
      code: 'TARGET_ONLY_TABLES',
      severity: 'note',
      message: `the target has ${tables} that nothing of the source goes into, left as ${names.length === 1 ? 'it is' : 'they are'}: ${names.slice(0, SHOWN).join(', ')}${more}`,
    }),
  ]
}

function needed({ source, name }: TableMatch, column: Column): Finding {
  const own = source.name.name
  return finding({
    code: 'TARGET_COLUMN_NEEDED',
    severity: source.rowEstimate === 0 ? 'note' : 'refuse',
    table: own,
    column: column.name,
    targetType: column.declaredType,
    message: `the target's ${formatTableName(name)}.${column.name} takes no NULL and has no default, and the source has no such column`,
    remedy: `${fillWords(`${own}.${column.name}`, '…')} gives every row a value; or name the source's column with --rename '${own}.…=${column.name}', or give the column a default in the target`,
  })
}

function defaulted({ source, name }: TableMatch, column: Column): Finding {
  const what =
    column.identity !== null || column.sequence !== null
      ? 'takes the next values of its sequence'
      : column.default === null
        ? 'stays NULL'
        : `takes its default ${column.default}`
  const rows = source.rowEstimate === 1 ? '1 row' : `${source.rowEstimate ?? 'all'} rows`
  return finding({
    code: 'COLUMN_DEFAULTED',
    severity: 'note',
    table: source.name.name,
    column: column.name,
    count: source.rowEstimate,
    targetType: column.declaredType,
    message: `nothing of the source goes into the target's ${formatTableName(name)}.${column.name}: it ${what} in ${rows}`,
    remedy: `for another value: ${fillWords(`${source.name.name}.${column.name}`, '…')}`,
  })
}

function unreadable({ source }: TableMatch, home: Column, { column, why }: { column: Column; why: string }): Finding {
  return finding({
    code: 'COLUMN_UNREADABLE',
    severity: 'refuse',
    table: source.name.name,
    column: column.name,
    message: `${source.name.name}.${column.name} cannot be computed here, so the target's ${home.name} would stay empty: ${why}`,
    remedy: `let the target generate the column too, or let the application write its values into an ordinary one, or ${fillWords(`${source.name.name}.${home.name}`, '…')}`,
  })
}
