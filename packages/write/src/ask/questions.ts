import type { TablePlan } from '@rowferry/plan'
import type { RowKey, RowRules } from '@rowferry/postgres'
import { quoteIdentifier, quoteTable } from '@rowferry/postgres'
import { writtenCasts } from '../reading.ts'
import { listedLabels } from './listed-labels.ts'

/** The name by which a question knows the rows that it is about. */
export const ROWS = 'child'

/** One thing to be asked of each row. `sql` is true for rows that do not pass (`flag`), or a 64-bit hash (`hash`), over the rows as `child`. */
export interface Question {
  readonly kind: 'flag' | 'hash'
  /** Unique within a table. */
  readonly id: string
  readonly sql: string
  /** Names of the target's columns that it looks at. */
  readonly columns: readonly string[]
  /** The ones to blame; all of them when left out. */
  readonly blamed?: readonly string[]
  readonly code: string
  /** What a refused row is told. */
  readonly reason: string
  /** All that a column may hold, where that is what is asked: the value is told, and what it may have meant. */
  readonly labels?: readonly string[] | null
  /** For a person, when it could not be asked: `constraint c`. */
  readonly subject: string
}

/** What CHECKs, domains and partitions ask of each row by itself. */
export function rowQuestions(table: TablePlan, rules: RowRules): Question[] {
  const checks = rules.checks.map(({ name, expression, columns }): Question => ({
    kind: 'flag',
    id: `check ${name}`,
    sql: `(${expression}) IS FALSE`,
    columns,
    code: 'CHECK_VIOLATION',
    reason: `check constraint ${JSON.stringify(name)}: ${expression}`,
    subject: `check constraint ${name}`,
    labels: listedLabels(expression),
  }))
  const domains = rules.columns
    .filter(({ name }) => writtenCasts(table).some(({ target }) => target === name))
    .flatMap(({ name, domainChecks }) =>
      domainChecks.map(({ domain, definition }, at): Question => ({
        kind: 'flag',
        id: `domain ${name} ${at}`,
        sql: `(${withValue(definition.replace(/^CHECK /, '').replace(/ NOT VALID$/, ''), `${ROWS}.${quoteIdentifier(name)}`)}) IS FALSE`,
        columns: [name],
        code: 'DOMAIN_VIOLATION',
        reason: `domain ${domain}: ${definition}`,
        subject: `domain ${domain}`,
      })),
    )
  const partition: Question[] =
    rules.partitions === null
      ? []
      : [
          {
            kind: 'flag',
            id: 'partition',
            sql: `(${rules.partitions}) IS NOT TRUE`,
            columns: mentioned(rules.partitions, rules),
            code: 'NO_PARTITION',
            reason: 'no partition takes the row: make one, or a DEFAULT partition',
            subject: 'its partitions',
          },
        ]
  return [...checks, ...domains, ...partition]
}

/** The same hash for rows that one key holds equal; NULL for a row that the key leaves alone. */
export function keyHash(rules: RowRules, key: RowKey): Question {
  const parts = keyParts(key)
  const complete = key.nullsNotDistinct ? [] : parts.map((part) => `${part} IS NOT NULL`)
  return {
    kind: 'hash',
    id: `key ${key.name}`,
    sql: `CASE WHEN ${[...(key.where === null ? [] : [`(${key.where})`]), ...complete, 'true'].join(' AND ')} THEN pg_catalog.hash_record_extended(ROW(${parts.join(', ')}), 0) END`,
    columns: keyColumns(rules, key),
    code: key.exclusion ? 'EXCLUSION_VIOLATION' : 'UNIQUE_VIOLATION',
    reason: `another row of the source has the same key by ${keyName(key)}`,
    subject: `unique key ${key.name}`,
  }
}

/** Does a row meet one that is there already? With `mergedBy`, rows of the same primary key take each other's place instead. */
export function occupied(table: TablePlan, rules: RowRules, key: RowKey, mergedBy: RowKey | null): Question {
  const there = `${table.partitioned ? '' : 'ONLY '}${quoteTable(table.target)}`
  const all = [...keyParts(key), ...(mergedBy ? keyParts(mergedBy) : [])]
  const inner = all.map((part, at) => `${part} AS "rowferry k${at}"`).join(', ')
  const meets = matches(key, (at) => `there."rowferry k${at}"`, keyParts(key))
  const offset = key.keys.length
  const same = mergedBy ? matches(mergedBy, (at) => `same."rowferry k${offset + at}"`, keyParts(mergedBy)) : null
  const from = `(SELECT ${inner} FROM ${there} AS rowferry_there${key.where === null ? '' : ` WHERE (${key.where})`})`
  const fresh = same
    ? ` AND NOT EXISTS (SELECT FROM (SELECT ${inner} FROM ${there} AS rowferry_there) AS same WHERE ${same})`
    : ''
  return {
    kind: 'flag',
    id: `occupied ${key.name}`,
    sql: `(${key.where === null ? 'true' : `(${key.where})`} AND EXISTS (SELECT FROM ${from} AS there WHERE ${meets})${fresh}) IS TRUE`,
    columns: [...keyColumns(rules, key), ...(mergedBy ? keyColumns(rules, mergedBy) : [])],
    blamed: keyColumns(rules, key),
    code: key.exclusion ? 'EXCLUSION_VIOLATION' : 'UNIQUE_VIOLATION',
    reason: `a row that the target holds already has the same key by ${keyName(key)}`,
    subject: `${key.exclusion ? 'exclusion constraint' : 'unique key'} ${key.name}`,
  }
}

/** The operators of a key between `left(at)` and the right sides. */
export function matches(key: RowKey, left: (at: number) => string, right: readonly string[]): string {
  return key.keys
    .map(({ operator, collation }, at) => {
      const collated = collation === null ? '' : ` COLLATE ${collation}`
      const equal = `${left(at)}${collated} ${operator ?? 'operator(pg_catalog.=)'} ${right[at]}`
      return key.nullsNotDistinct ? `(${equal} OR ${left(at)} IS NULL AND ${right[at]} IS NULL)` : equal
    })
    .join(' AND ')
}

export function keyParts(key: RowKey): string[] {
  return key.keys.map(
    ({ expression, collation }) => `(${expression})${collation === null ? '' : ` COLLATE ${collation}`}`,
  )
}

export function keyColumns(rules: RowRules, key: RowKey): string[] {
  if (key.columns && key.where === null) return [...key.columns]
  return mentioned([...key.keys.map(({ expression }) => expression), key.where ?? ''].join(' '), rules)
}

function keyName({ name, columns }: RowKey): string {
  return columns === null ? name : `${name} (${columns.join(', ')})`
}

/** These columns, and what generated ones among them are made of. */
export function withSources(columns: readonly string[], rules: RowRules): string[] {
  const generated = columns.map((name) => rules.columns.find((column) => column.name === name)?.generated ?? '')
  return [...new Set([...columns, ...generated.flatMap((expression) => mentioned(expression, rules))])]
}

/** Columns whose name stands in an expression, and those that a generated column among them is made of: rather one too many. */
function mentioned(expression: string, rules: RowRules): string[] {
  const found = new Set<string>()
  const look = (text: string): void => {
    for (const { name, generated } of rules.columns) {
      if (found.has(name) || !(text.includes(name) || text.includes(quoteIdentifier(name).slice(1, -1)))) continue
      found.add(name)
      if (generated !== null) look(generated)
    }
  }
  look(expression)
  return [...found]
}

/** A domain's expression about a column: the word VALUE, where it is no part of a text or of a quoted name. */
export function withValue(expression: string, value: string): string {
  return expression.replaceAll(/E'(?:[^'\\]|\\.|'')*'|'(?:[^']|'')*'|"(?:[^"]|"")*"|\bVALUE\b/g, (token) =>
    token === 'VALUE' ? value : token,
  )
}
