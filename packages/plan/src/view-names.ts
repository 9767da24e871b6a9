import type { TableName } from '@rowferry/introspect'
import { keepableName, recase } from './names.ts'
import type { PlanOptions } from './options.ts'

/** A view's name, and its columns', are carried as a table's are: `rename` first, then `case`. */
export function targetViewName(view: TableName, options: PlanOptions): TableName {
  const renamed = options.rename.find((rule) => rule.from === view.name)
  return { schema: options.schema, name: renamed?.to ?? keepableName(recase(view.name, options.case), 'table') }
}

/** `said`: the user has renamed that very column. */
export function targetViewColumn(
  view: TableName,
  column: string,
  options: PlanOptions,
): { name: string; said: boolean } {
  const renamed = options.rename.find((rule) => rule.from === `${view.name}.${column}`)
  return { name: renamed?.to ?? keepableName(recase(column, options.case), 'column'), said: renamed !== undefined }
}
