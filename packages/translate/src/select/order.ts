import { collate } from '../compare.ts'
import type { Ordering } from '../syntax.ts'
import type { Term } from '../term.ts'
import { Refusal } from '../translation.ts'

/** What is equal in SQLite must be equal in PostgreSQL: as a key of GROUP BY, DISTINCT, UNION, PARTITION BY. */
export function groupKey(term: Term): string {
  if (term.fuzzy) throw new Refusal('it takes sums of floating-point numbers for equal')
  if ((term.collation?.name ?? 'BINARY') !== 'BINARY')
    throw new Refusal(`of texts that ${term.collation?.name} takes for equal SQLite keeps any`)
  if (term.mixed) throw new Refusal('its groups tell numbers from texts that look like them')
  if (term.kind === 'other' || term.kind === 'json' || term.kind === 'wide')
    throw new Refusal('equal values in SQLite may differ in PostgreSQL')
  if (term.passed) return term.passed.sql
  if (term.kind === 'double' && term.numberClass === 'unknown')
    throw new Refusal('it takes for equal what SQLite may compute in whole numbers and PostgreSQL rounds beyond 2^53')
  // A bare number or string would mean something else there
  return term.literal === null ? term.sql : `(${term.sql} IS NULL)`
}

/** NULL sorts first in SQLite, text by its bytes. */
export function orderSql(term: Term, { descending, nulls }: Pick<Ordering, 'descending' | 'nulls'>): string {
  const first = nulls === null ? !descending : nulls === 'first'
  return `${sortKey(term)}${descending ? ' DESC' : ''} NULLS ${first ? 'FIRST' : 'LAST'}`
}

/** What PostgreSQL sorts as SQLite does. */
export function sortKey(term: Term): string {
  if (term.literal !== null) return `(${term.sql} IS NULL)`
  if (term.moment) return term.moment.sql
  switch (term.kind) {
    case 'text':
      if (term.mixed) throw new Refusal('it sorts numbers among texts')
      return `${collate(term, term.collation?.name ?? 'BINARY')} COLLATE "C"`
    case 'null':
    case 'boolean':
    case 'integer':
    case 'wide':
    case 'numeric':
    case 'real':
    case 'double':
    case 'bytea':
      return term.sql
    default:
      throw new Refusal('values of that type sort differently')
  }
}
