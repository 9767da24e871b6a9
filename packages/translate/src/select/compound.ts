import { quoteName } from '../quote.ts'
import type { CompoundOperator, Select } from '../syntax.ts'
import { Refusal } from '../translation.ts'
import { unify } from '../unify.ts'
import { groupKey } from './order.ts'
import type { Query } from './query.ts'
import { affinityAlone, resultOf } from './relation.ts'

/** UNION, UNION ALL, INTERSECT and EXCEPT: the parts' columns meet in one type that holds both. */
export function joinParts(select: Select, queries: readonly [Query, ...Query[]]): Query {
  let [whole] = queries
  queries.slice(1).forEach((next, index) => {
    const operator = select.operators[index] ?? 'union'
    if (next.columns.length !== whole.columns.length) throw new Refusal('its parts differ in their columns')
    const columns = whole.columns.map((column, at) => joinColumns(column, next.columns[at]!, operator))
    whole = {
      sql: `(${castTo(whole, columns)}) ${operator.toUpperCase()} (${castTo(next, columns)})`,
      columns,
      keys: [],
      single: false,
    }
  })
  return whole
}

type Column = Query['columns'][number]

function joinColumns(column: Column, other: Column, operator: CompoundOperator): Column {
  const [one, two] = [column.term, other.term]
  if (operator !== 'union all') for (const term of [one, two]) groupKey(term)
  if ((one.collation?.name ?? 'BINARY') !== (two.collation?.name ?? 'BINARY'))
    throw new Refusal('its parts compare by different collations')
  const fuzzy = one.fuzzy || two.fuzzy
  // The first affinity that a part has is the whole's; which side's collation it has is not said
  const facts = { column: affinityAlone(one) ?? affinityAlone(two), collation: null, fuzzy }
  if (two.kind === 'null') return { ...column, term: { ...one, ...facts } }
  if (one.kind === 'null') return { ...column, type: other.type, term: { ...two, ...facts } }
  if (one.moment?.spelling !== two.moment?.spelling || (one.moment && column.type !== other.type))
    throw new Refusal('its parts spell dates differently')
  const said = unify([one, two], true)
  if (column.type === other.type && one.passed && two.passed)
    return { ...column, term: { ...one, ...facts, bound: said.as.bound, numberClass: said.as.numberClass } }
  if (one.moment) throw new Refusal('its parts hold dates and other text in one column')
  const result = resultOf({ ...said.as, sql: 'NULL' })
  return { ...column, type: result.type, term: { ...result.term, ...facts } }
}

function castTo(query: Query, columns: readonly Column[]): string {
  if (query.columns.every(({ type }, at) => type === columns[at]?.type)) return query.sql
  const list = query.columns.map(({ target }, at) => `${quoteName(target)}::${columns[at]?.type}`)
  return `SELECT ${list.join(', ')} FROM (${query.sql}) AS "q"`
}
