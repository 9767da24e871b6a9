import type { TableName } from '@rowferry/introspect'
import { inOneGo } from './in-one-go.ts'
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

export interface RuledTable {
  readonly table: TableName
  readonly rules: RowRules
  /** Columns that are NOT NULL. */
  readonly notNull: readonly string[]
}

/**
 * Counts what breaks each table's NOT NULL, CHECK and UNIQUE by reading its rows, never by the catalog's word; tables in their order. Exclusions are not
 * looked at.
 */
export async function findRuleBreakers(
  session: Session,
  tables: readonly RuledTable[],
): Promise<(readonly RuleBreakers[])[]> {
  const asked = tables.flatMap((each, at) => questionsOf(each).map((question) => ({ at, ...question })))
  const answers = await inOneGo(
    session,
    asked.map(({ sql }) => sql),
  )
  const found: RuleBreakers[][] = tables.map(() => [])
  for (const [place, { at, rules }] of asked.entries()) {
    const counts = answers[place]!.slice(1, -1).split(',').map(Number)
    found[at]!.push(
      ...rules.map(({ rule, name }, of) => ({ rule, name, count: counts[of]! })).filter(({ count }) => count > 0),
    )
  }
  return found
}

interface Asked {
  /** As text, an array with a count for each rule. */
  readonly sql: string
  readonly rules: readonly Pick<RuleBreakers, 'rule' | 'name'>[]
}

function questionsOf({ table, rules, notNull }: RuledTable): Asked[] {
  const broken = [
    ...notNull.map((name) => ({ rule: 'not null' as const, name, when: `${quoteIdentifier(name)} is null` })),
    ...rules.checks.map(({ name, expression }) => ({ rule: 'check' as const, name, when: `not (${expression})` })),
  ]
  const keys = rules.keys.filter(({ exclusion }) => !exclusion)
  const counts = broken.map(({ when }) => `count(*) filter (where ${when})`)
  return [
    ...(broken.length === 0
      ? []
      : [{ rules: broken, sql: `array[${counts.join(', ')}]::text as value from ${quoteTable(table)}` }]),
    ...keys.map((key) => ({ rules: [{ rule: 'unique' as const, name: key.name }], sql: repeated(table, key) })),
  ]
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
  return `array[count(*)]::text as value from (
    select from ${quoteTable(table)}${only} group by ${values.join(', ')} having count(*) > 1) as twice`
}
