import { quoteName } from '../quote.ts'
import { foldName } from '../scope.ts'
import type { CommonTable, Expression, Ordering, Select, SelectCore } from '../syntax.ts'
import { literalTerm, type Term, truthOf } from '../term.ts'
import { termOf } from '../term-of.ts'
import { Refusal } from '../translation.ts'
import { joinParts } from './compound.ts'
import { type Condition, determined } from './determine.ts'
import { joinOf } from './from.ts'
import { groupOf, groupSql, keysOf, type NamedResult, refuseConstant } from './group.ts'
import { type Environment, type Level, scopeOf } from './level.ts'
import { groupKey, orderSql } from './order.ts'
import { referTo, type Relation, type RelationColumn, resultOf } from './relation.ts'
import { specialForms } from './special.ts'
import { holds, isAggregate, print } from './walk.ts'

export interface Query {
  readonly sql: string
  readonly columns: readonly (RelationColumn & { readonly type: string })[]
  readonly keys: readonly (readonly string[])[]
  /** At most one row, whatever the tables hold. */
  readonly single: boolean
}

/** A SELECT said in PostgreSQL. Throws `Refusal` at the first form whose meaning is not proven equal. */
export function translateSelect(select: Select, environment: Environment): Query {
  const { inner, head } = withTables(select, environment)
  const parts = select.cores.map((core) => translateCore(core, select.cores.length === 1 ? select : null, inner))
  const [first, ...others] = parts
  if (!first) throw new Refusal('it selects nothing')
  const limit = limitSql(select)
  if (others.length === 0) {
    if (limit !== '' && select.order.length === 0 && !first.query.single)
      throw new Refusal('its LIMIT has no ORDER BY: SQLite takes the rows it meets first')
    if (limit !== '' && !first.query.single) environment.remarks.add('order')
    const single =
      first.query.single || (select.limit?.kind === 'integer' && select.limit.value <= 1n && select.limit.value >= 0n)
    return { ...first.query, sql: `${head}${first.query.sql}${limit}`, single }
  }
  const compound = joinParts(select, [first.query, ...others.map(({ query }) => query)])
  if (select.order.length === 0 && limit === '') return { ...compound, sql: head + compound.sql }
  if (select.order.length === 0) throw new Refusal('its LIMIT has no ORDER BY: SQLite takes the rows it meets first')
  if (limit !== '') environment.remarks.add('order')
  const ordered = orderOutside(
    select.order,
    compound,
    parts.map(({ results }) => results),
  )
  return { ...compound, sql: `${head}${ordered}${limit}` }
}

function withTables(select: Select, environment: Environment): { inner: Environment; head: string } {
  let inner = environment
  const said = select.tables.map((table) => {
    const { relation, sql } = commonTable(table, select.recursive, inner)
    inner = { ...inner, tables: [...inner.tables, relation] }
    return `${relation.sql} (${relation.columns.map(({ target }) => quoteName(target)).join(', ')}) AS (${sql})`
  })
  if (said.length === 0) return { inner, head: '' }
  return { inner, head: `WITH ${select.recursive ? 'RECURSIVE ' : ''}${said.join(', ')} ` }
}

function commonTable(table: CommonTable, recursive: boolean, environment: Environment) {
  const isSelf = (tree: unknown): boolean =>
    typeof tree === 'object' &&
    tree !== null &&
    (('kind' in tree &&
      tree.kind === 'table' &&
      'name' in tree &&
      foldName(String(tree.name)) === foldName(table.name)) ||
      Object.values(tree).some(isSelf))
  if (recursive && isSelf(table.select)) return recursiveTable(table, environment)
  const query = translateSelect(table.select, environment)
  return { relation: relationOf(table.name, query, table.columns), sql: query.sql }
}

/** The first part gives the types, to which each value of the second is brought. https://www.sqlite.org/lang_with.html */
function recursiveTable(table: CommonTable, environment: Environment) {
  const { select } = table
  const [first, second, ...more] = select.cores
  const operator = select.operators[0]
  if (!second || more.length > 0 || (operator !== 'union' && operator !== 'union all'))
    throw new Refusal('its recursion is not one SELECT and one more')
  if (select.order.length > 0 || select.limit) throw new Refusal('its recursion has an ORDER BY or LIMIT inside')
  const start = translateSelect({ ...select, cores: [first], operators: [] }, environment)
  const seed: Query = {
    ...start,
    keys: [],
    columns: start.columns.map((column) => ({ ...column, term: widened(column.term) })),
  }
  const relation = relationOf(table.name, seed, table.columns)
  const inside = { ...environment, tables: [...environment.tables, relation] }
  const { query: step } = translateCore(second, null, inside)
  if (step.columns.length !== seed.columns.length)
    throw new Refusal('the parts of its recursion differ in their columns')
  step.columns.forEach((column, at) => {
    const before = seed.columns[at]
    const alike = column.term.kind === 'null' || (column.term.kind === before?.term.kind && column.type === before.type)
    if (!alike) throw new Refusal('the types of its recursion change on the way')
  })
  return { relation, sql: `${start.sql} ${operator.toUpperCase()} ${step.sql}` }
}

function widened(term: Term): Term {
  return { ...term, bound: 1n << 63n, column: null, collation: null, passed: null, moment: null }
}

export function relationOf(name: string, query: Query, names: readonly string[] = []): Relation {
  if (names.length > 0 && names.length !== query.columns.length)
    throw new Refusal('it names more or fewer columns than it has')
  const columns = query.columns.map((column, at) => ({
    ...column,
    name: names[at] ?? column.name,
    target: names[at] ?? column.target,
  }))
  const renamed = new Map(query.columns.map((column, at) => [column.name, columns[at]?.name ?? column.name]))
  return {
    name,
    sql: quoteName(name),
    columns,
    rowid: null,
    keys: query.keys.map((key) => key.map((one) => renamed.get(one) ?? one)),
  }
}

function translateCore(core: SelectCore, select: Select | null, environment: Environment) {
  const level: Level = {
    environment,
    sources: [],
    aliases: new Map(
      core.results.flatMap((result) =>
        result.kind === 'value' && result.alias !== null ? [[foldName(result.alias), result.value] as const] : [],
      ),
    ),
    groups: [],
    windows: new Map(core.windows.map(({ name, window }) => [foldName(name), window])),
    aggregated: false,
    at: { aliases: false, inAggregate: false, aggregates: false },
    bare: new Map(),
  }
  const say = (tree: Expression): Term => termOf(tree, scope)
  const scope = scopeOf(level, say, (tree) => specialForms(tree, level, say, translateSelect))
  const conditions: Condition[] = []
  const from = core.from ? ` FROM ${joinOf(core.from, level, say, conditions, translateSelect)}` : ''
  level.at = { aliases: true, inAggregate: false, aggregates: false }
  const where = core.where ? ` WHERE ${truthOf(say(core.where)).sql}` : ''
  if (core.where) conditions.push({ tree: core.where, outer: null })
  const results = expandStars(core, level)
  const isGrouped = core.group.length > 0
  const groups = core.group.map((tree) => groupOf(tree, results, say))
  level.aggregated =
    isGrouped ||
    [results.map(({ value }) => value), core.having, select?.order].some((tree) => holds(tree, isAggregate))
  level.groups.push(...groups)
  level.bare.clear()
  level.at = { aliases: false, inAggregate: false, aggregates: true }
  const columns = results.map(({ value, name }, at) => {
    const { sql, type, term } = resultOf(value.kind === 'integer' ? literalTerm(value) : say(value))
    if (term.fuzzy) environment.remarks.add('sums')
    return { name, target: name, sql, type, term, at }
  })
  level.at = { ...level.at, aliases: true }
  const having = core.having ? ` HAVING ${truthOf(say(core.having)).sql}` : ''
  const order = select && !core.distinct ? orderInside(select.order, results, say) : ''
  const group = groupSql(core, level, conditions)
  if (core.distinct) for (const { term } of columns) groupKey(term)
  const targets = distinctNames(columns.map(({ target }) => target))
  const list = columns.map(({ sql }, at) => `${sql} AS ${quoteName(targets[at] ?? '')}`).join(', ')
  const single = (level.aggregated && !isGrouped) || isSingle(level, conditions, core)
  const query: Query = {
    sql: `SELECT ${core.distinct ? 'DISTINCT ' : ''}${list}${from}${where}${group}${having}${order}`,
    columns: columns.map(({ name, type, term }, at) => ({ name, target: targets[at] ?? name, type, term })),
    keys: keysOf(core, results, columns),
    single,
  }
  const outer = select && core.distinct && select.order.length > 0
  return { query: outer ? { ...query, sql: orderOutside(select.order, query, [results]) } : query, results }
}

function expandStars(core: SelectCore, level: Level): NamedResult[] {
  return core.results.flatMap((result, at): NamedResult[] => {
    if (result.kind === 'value') {
      const name = result.alias ?? (result.value.kind === 'name' ? result.value.name : `column_${at + 1}`)
      return [{ value: result.value, alias: result.alias, name }]
    }
    const { table } = result
    const within = level.sources.filter(({ alias }) => table === null || foldName(alias) === foldName(table))
    if (within.length === 0) throw new Refusal('its * stands for no table')
    return within.flatMap((source) =>
      source.relation.columns
        .filter(({ name }) => table !== null || !source.merged.has(foldName(name)))
        .map(({ name }) => ({
          value: { kind: 'name' as const, name, quote: '`', qualifiers: [source.alias] },
          alias: null,
          name,
        })),
    )
  })
}

function isSingle(level: Level, conditions: readonly Condition[], core: SelectCore): boolean {
  if (core.from === null) return true
  const follows = determined(level, conditions, [])
  return level.sources.every((source) => {
    const { keys } = source.relation
    return keys.some((key) =>
      key.every((name) => follows({ source, column: { name, target: name, term: literalTerm({ kind: 'null' }) } })),
    )
  })
}

function orderInside(
  order: readonly Ordering[],
  results: readonly NamedResult[],
  say: (tree: Expression) => Term,
): string {
  if (order.length === 0) return ''
  const parts = order.map((one) => {
    const at = resultIndex(one.by, results)
    return orderSql(say(at === null ? one.by : (results[at]?.value ?? one.by)), one)
  })
  return ` ORDER BY ${parts.join(', ')}`
}

/** By number, or by a name that a result was given. */
function resultIndex(tree: Expression, results: readonly NamedResult[]): number | null {
  if (tree.kind === 'collate') return null
  if (tree.kind !== 'integer') refuseConstant(tree)
  if (tree.kind === 'integer') {
    if (tree.value < 1n || tree.value > BigInt(results.length))
      throw new Refusal('it orders by a number that is none of its results')
    return Number(tree.value) - 1
  }
  if (tree.kind !== 'name' || tree.qualifiers.length > 0) return null
  const at = results.findIndex(({ alias }) => alias !== null && foldName(alias) === foldName(tree.name))
  return at === -1 ? null : at
}

/** Compound and DISTINCT results are ordered by their own columns. */
function orderOutside(order: readonly Ordering[], query: Query, parts: readonly (readonly NamedResult[])[]): string {
  const relation = relationOf('q', query)
  const sorted = order.map((one) => {
    const by = one.by
    const at = parts
      .map(
        (results) =>
          resultIndex(by, results) ??
          results.findIndex(
            ({ value, name }) =>
              print(value) === print(by) ||
              (by.kind === 'name' && by.qualifiers.length === 0 && foldName(name) === foldName(by.name)),
          ),
      )
      .find((index) => index >= 0)
    const column = at === undefined ? undefined : relation.columns[at]
    if (!column) throw new Refusal('it orders by what is none of its results')
    return orderSql(referTo(column, 'q'), one)
  })
  return `SELECT * FROM (${query.sql}) AS "q" ORDER BY ${sorted.join(', ')}`
}

function limitSql({ limit, offset }: Select): string {
  const count = (tree: Expression | null): bigint | null => {
    if (tree === null) return null
    const value =
      tree.kind === 'unary' && tree.operator === '-' && tree.operand.kind === 'integer'
        ? -tree.operand.value
        : tree.kind === 'integer'
          ? tree.value
          : null
    if (value === null) throw new Refusal('its LIMIT is computed')
    return value
  }
  const [rows, skipped] = [count(limit), count(offset)]
  return `${rows === null || rows < 0n ? '' : ` LIMIT ${rows}`}${skipped === null || skipped <= 0n ? '' : ` OFFSET ${skipped}`}`
}

function distinctNames(names: readonly string[]): string[] {
  const taken = new Set<string>()
  return names.map((name) => {
    let free = name
    for (let n = 1; taken.has(free); n++) free = `${name}:${n}`
    taken.add(free)
    return free
  })
}
