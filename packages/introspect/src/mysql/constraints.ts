import { sql } from 'kysely'
import type { Check, ForeignKey, ForeignKeyAction } from '../catalog.ts'
import { plainExpression } from './columns.ts'
import { grouped, type Reading } from './query.ts'

interface ForeignKeyRow {
  readonly table_name: string
  readonly name: string
  readonly column_name: string
  readonly parent_schema: string
  readonly parent: string
  readonly parent_column: string
  readonly on_delete: string
  readonly on_update: string
}

export async function readForeignKeys(reading: Reading): Promise<ReadonlyMap<string, readonly ForeignKey[]>> {
  const rows = await reading.query(sql<ForeignKeyRow>`
    select k.table_name as table_name, k.constraint_name as name, k.column_name as column_name, k.referenced_table_schema as parent_schema,
      k.referenced_table_name as parent, k.referenced_column_name as parent_column, r.delete_rule as on_delete, r.update_rule as on_update
    from information_schema.key_column_usage k join information_schema.referential_constraints r
      on r.constraint_schema = k.constraint_schema and r.constraint_name = k.constraint_name and r.table_name = k.table_name
    where k.table_schema = ${reading.schema} and k.referenced_table_name is not null
    order by k.table_name, k.constraint_name, k.ordinal_position`)
  const keys = new Map<string, ForeignKey[]>()
  for (const parts of grouped(rows, (row) => JSON.stringify([row.table_name, row.name])).values()) {
    const [first] = parts
    const of = keys.get(first!.table_name) ?? []
    keys.set(first!.table_name, of)
    of.push({
      name: first!.name,
      columns: parts.map((part) => part.column_name),
      references: { schema: first!.parent_schema, name: first!.parent },
      referencedColumns: parts.map((part) => part.parent_column),
      onDelete: actionOf(first!.on_delete),
      onUpdate: actionOf(first!.on_update),
      match: 'simple',
      deferrability: 'not deferrable',
      validated: true,
    })
  }
  return keys
}

/** To InnoDB NO ACTION and RESTRICT are one. */
function actionOf(rule: string): ForeignKeyAction {
  const action = rule.toLowerCase() as ForeignKeyAction
  return action === 'restrict' ? 'no action' : action
}

interface CheckRow {
  readonly table_name: string
  readonly name: string
  readonly expression: string
}

/** Those that are enforced; a column's own of MariaDB, named as the column, have no name here. */
export async function readChecks(reading: Reading): Promise<ReadonlyMap<string, readonly Check[]>> {
  const statement = reading.mariadb
    ? sql<CheckRow>`
      select table_name as table_name, if(level = 'Column', '', constraint_name) as name, check_clause as expression
      from information_schema.check_constraints where constraint_schema = ${reading.schema} order by table_name, level, constraint_name`
    : sql<CheckRow>`
      select t.table_name as table_name, c.constraint_name as name, c.check_clause as expression
      from information_schema.check_constraints c join information_schema.table_constraints t
        on t.constraint_schema = c.constraint_schema and t.constraint_name = c.constraint_name
      where c.constraint_schema = ${reading.schema} and t.constraint_type = 'CHECK' and t.enforced = 'YES'
      order by t.table_name, c.constraint_name`
  const rows = await reading.query(statement)
  return new Map(
    [...grouped(rows, (row) => row.table_name)].map(([table, of]) => [
      table,
      of.map(({ name, expression }) => ({
        name: name === '' ? null : name,
        expression: plainExpression(expression, reading.mariadb),
        validated: true,
      })),
    ]),
  )
}
