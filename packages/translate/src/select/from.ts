import { compare } from '../compare.ts'
import { quoteName } from '../quote.ts'
import { foldName, sameName } from '../scope.ts'
import type { Expression, From, Select } from '../syntax.ts'
import { type Term, truthOf } from '../term.ts'
import { both } from '../term-of.ts'
import { Refusal } from '../translation.ts'
import type { Condition } from './determine.ts'
import { type Environment, type Level, locate, type Source } from './level.ts'
import { type Query, relationOf } from './query.ts'
import { referTo, type Relation } from './relation.ts'

type Say = (tree: Expression) => Term

/** The FROM clause from left to right; what it reads is added to the level. */
export function joinOf(
  from: From,
  level: Level,
  say: Say,
  conditions: Condition[],
  translate: (select: Select, environment: Environment) => Query,
): string {
  if (from.kind === 'table') return tableOf(from, level)
  if (from.kind === 'query') return queryOf(from, level, translate)
  const left = joinOf(from.left, level, say, conditions, translate)
  const before = new Set(level.sources)
  const right = joinOf(from.right, level, say, conditions, translate)
  const added = level.sources.filter((source) => !before.has(source))
  const names = from.natural ? sharedNames([...before], added) : from.using
  const terms = names.map((name) => equal(name, [...before], added, from, conditions))
  if (from.on) {
    terms.push(truthOf(say(from.on)))
    if (from.how === 'inner') conditions.push({ tree: from.on, outer: null })
    if (from.how === 'left') conditions.push({ tree: from.on, outer: new Set(added) })
  }
  const said = from.right.kind === 'join' ? `(${right})` : right
  if (terms.length === 0) {
    if (from.how === 'inner') return `${left} CROSS JOIN ${said}`
    return `${left} ${from.how.toUpperCase()} JOIN ${said} ON true`
  }
  return `${left} ${from.how === 'inner' ? '' : `${from.how.toUpperCase()} `}JOIN ${said} ON ${both(terms).sql}`
}

function tableOf(from: From & { kind: 'table' }, level: Level): string {
  const { environment } = level
  const { name, schema } = from
  if (schema !== null && !sameName(schema, 'main')) throw new Refusal(`it reads from another database, ${schema}`)
  const common = schema === null ? environment.tables.findLast((one) => sameName(one.name, name)) : undefined
  const relation = common ?? environment.relation(name)
  if (!relation) throw new Refusal(`it reads ${name}, which is not carried`)
  if (!common) environment.reads.add(relation.name)
  return `${relation.sql} AS ${quoteName(add(level, relation, from.alias ?? name))}`
}

function queryOf(
  from: From & { kind: 'query' },
  level: Level,
  translate: (select: Select, environment: Environment) => Query,
): string {
  const query = translate(from.select, level.environment)
  const alias = from.alias ?? `subquery-${level.sources.length + 1}`
  return `(${query.sql}) AS ${quoteName(add(level, relationOf(alias, query), alias))}`
}

function add(level: Level, relation: Relation, alias: string): string {
  if (Buffer.byteLength(alias) > 63) throw new Refusal('it has a name longer than 63 bytes')
  // Names that differ in nothing but their case are one to SQLite
  const target = alias
  if (level.sources.some((source) => sameName(source.alias, alias)))
    throw new Refusal('two of its tables have one name')
  level.sources.push({ alias, target, relation, merged: new Set() })
  return target
}

function sharedNames(left: readonly Source[], right: readonly Source[]): string[] {
  const names = (sources: readonly Source[]): string[] =>
    sources.flatMap(({ relation, merged }) =>
      relation.columns.map(({ name }) => name).filter((name) => !merged.has(foldName(name))),
    )
  return names(right).filter((name) => names(left).some((other) => sameName(name, other)))
}

/** A column of USING: the left one is meant by the bare name, which is right unless rows may be missing on the left. */
function equal(
  name: string,
  left: readonly Source[],
  right: readonly Source[],
  from: From & { kind: 'join' },
  conditions: Condition[],
): Term {
  if (from.how === 'right' || from.how === 'full')
    throw new Refusal('it joins USING where rows may be missing on the left')
  const one = locate({ sources: [...left] }, { name, qualifiers: [] })
  const other = locate({ sources: [...right] }, { name, qualifiers: [] })
  if (!one || !other) throw new Refusal(`it joins by ${name}, which is not on both sides`)
  other.source.merged.add(foldName(name))
  const tree = (located: typeof one): Expression => ({
    kind: 'name',
    name: located.column.name,
    quote: '`',
    qualifiers: [located.source.alias],
  })
  conditions.push({
    tree: { kind: 'binary', operator: '=', left: tree(one), right: tree(other) },
    outer: from.how === 'left' ? new Set(right) : null,
  })
  return compare('=', referTo(one.column, one.source.target), referTo(other.column, other.source.target), true)
}
