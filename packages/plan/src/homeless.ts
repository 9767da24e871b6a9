import type { Column, Table, TableName } from '@rowferry/introspect'
import { formatTableName } from '@rowferry/introspect'
import type { NotCarried } from './definition/input.ts'
import type { Finding } from './finding.ts'
import { finding } from './finding.ts'
import { columnWords, renameWords } from './option-words.ts'

/** A column of the source that goes nowhere: the target has none like it, or `dropColumn` names it. */
export interface HomelessColumn {
  readonly table: Table
  readonly column: Column
  /** Named by `dropColumn`. */
  readonly asked: boolean
  /** The target table, and the name that it has no column of; null where the column was only dropped. */
  readonly lacks: { readonly table: TableName; readonly column: string } | null
}

/** The identity of a source column in a Map. */
export function columnId(table: Table, column: string): string {
  return JSON.stringify([table.name.schema, table.name.name, column])
}

/**
 * What it means that these columns go nowhere. `stored` counts, by `columnId`, the values in each that are not NULL; a column that
 * is not in it is taken to hold some.
 */
export function homelessFindings(
  homeless: readonly HomelessColumn[],
  stored: ReadonlyMap<string, number>,
  notCarried: NotCarried[],
): Finding[] {
  return homeless.map((each) => {
    const { table, column, asked, lacks } = each
    const count = table.rowEstimate === 0 ? 0 : (stored.get(columnId(table, column.name)) ?? null)
    const full = `${table.name.name}.${column.name}`
    const of = { table: table.name.name, column: column.name }
    const values = count === 1 ? '1 value' : `${count ?? 'an unknown number of'} values`
    if (asked) {
      const why = `left out by --drop-column${count === 0 ? ', and it holds no value' : `, with ${values}`}`
      notCarried.push({ object: `column ${full}`, definition: column.declaredType, why, suggestion: null })
      const message = `${full} is not carried, as --drop-column says: ${count === 0 ? 'it holds no value' : `${values} stay behind`}`
      return finding({ ...of, code: 'COLUMN_DROPPED', severity: count === 0 ? 'note' : 'lossy', count, message })
    }
    const message = `the target's ${formatTableName(lacks?.table ?? table.name)} has no column ${JSON.stringify(lacks?.column ?? column.name)}`
    if (column.generated)
      return finding({
        ...of,
        code: 'COLUMN_MISSING',
        severity: 'note',
        message: `${message}, which the source computes`,
      })
    if (count === 0)
      return finding({
        ...of,
        code: 'COLUMN_EMPTY',
        severity: 'note',
        message: `${message}, and the source holds no value there`,
      })
    return finding({
      ...of,
      code: 'COLUMN_MISSING',
      severity: 'refuse',
      message: `${message}, and the source holds ${values} there`,
      remedy: `add the column to the target, name another with ${renameWords([{ from: full, to: '…' }])}, or leave it behind with ${columnWords('--drop-column', [full])}`,
    })
  })
}
