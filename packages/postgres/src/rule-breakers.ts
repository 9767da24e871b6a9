import type { TableName } from '@rowferry/introspect'
import { quoteIdentifier, quoteTable } from './quote.ts'
import type { RowKey, RowRules } from './row-rules.ts'
import type { Session } from './session.ts'

/** Rows that a rule of their own table refuses, which only a rule that was off, not validated or broken lets stay. */
export interface RuleBreakers {
  readonly rule: 'not null' | 'check' | 'unique'
  /** Of a CHECK or a key; of NOT NULL the column. */
  readonly name: string
  /** Rows; of a key, how many values are there more than once. */
  readonly count: number
}

/** Counts what breaks the table's NOT NULL, CHECK and UNIQUE by reading its rows, never by the catalog's word. Exclusions are not looked at. */
export async function findRuleBreakers(
  session: Session,
  table: TableName,
  rules: RowRules,
  notNull: readonly string[],
): Promise<RuleBreakers[]> {
  const asked = [
    ...notNull.map((name) => ({ rule: 'not null' as const, name, broken: `${quoteIdentifier(name)} is null` })),
    ...rules.checks.map(({ name, expression }) => ({ rule: 'check' as const, name, broken: `not (${expression})` })),
  ]
  const found: RuleBreakers[] = []
  if (asked.length > 0) {
    const [row] = await session.query(
      `select ${asked.map(({ broken }, at) => `count(*) filter (where ${broken}) as r${at}`).join(', ')} from ${quoteTable(table)}`,
    )
    for (const [at, { rule, name }] of asked.entries()) found.push({ rule, name, count: Number(row?.[`r${at}`]) })
  }
  for (const key of rules.keys.filter(({ exclusion }) => !exclusion)) {
    const [row] = await session.query(repeated(table, key))
    found.push({ rule: 'unique', name: key.name, count: Number(row?.['repeated']) })
  }
  return found.filter(({ count }) => count > 0)
}

function repeated(table: TableName, { keys, where, nullsNotDistinct }: RowKey): string {
  const values = keys.map(({ expression, collation }) =>
    collation === null ? `(${expression})` : `(${expression}) collate ${collation}`,
  )
  const conditions = [
    ...(where === null ? [] : [`(${where})`]),
    ...(nullsNotDistinct ? [] : values.map((value) => `${value} is not null`)),
  ]
  const only = conditions.length === 0 ? '' : ` where ${conditions.join(' and ')}`
  return `select count(*) as repeated from (
    select from ${quoteTable(table)}${only} group by ${values.join(', ')} having count(*) > 1) as twice`
}
