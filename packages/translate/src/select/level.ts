import { foldName, type Name, type Remark, sameName, type Scope } from '../scope.ts'
import type { Expression, Window } from '../syntax.ts'
import type { Term } from '../term.ts'
import { Refusal } from '../translation.ts'
import { referTo, type Relation, type RelationColumn } from './relation.ts'

/** One item of a FROM clause. */
export interface Source {
  /** By this name the query knows it. */
  readonly alias: string
  /** PostgreSQL's alias. */
  readonly target: string
  readonly relation: Relation
  /** Columns that USING or NATURAL merged into one further left: only a qualified name reaches them. */
  readonly merged: Set<string>
}

export interface Located {
  readonly source: Source
  readonly column: RelationColumn
}

/** What a view is made under: what it may read, and what was found out about it on the way. */
export interface Environment {
  readonly relation: (name: string) => Relation | null
  /** Common tables in reach, the innermost last. */
  readonly tables: readonly Relation[]
  readonly parent: Level | null
  readonly remarks: Set<Remark>
  /** Relations read, by SQLite's name. */
  readonly reads: Set<string>
}

/** One SELECT, as its expressions see it. What is found while they are translated is kept here. */
export interface Level {
  readonly environment: Environment
  readonly sources: Source[]
  readonly aliases: ReadonlyMap<string, Expression>
  readonly groups: { readonly print: string; readonly term: Term }[]
  readonly windows: ReadonlyMap<string, Window>
  aggregated: boolean
  /** Where the walk is: may an alias be meant, does an aggregate stand around, may one stand here? */
  at: { aliases: boolean; inAggregate: boolean; aggregates: boolean }
  /** Columns used outside of aggregates. */
  readonly bare: Map<string, Located & { readonly term: Term }>
}

const rowids = new Set(['rowid', '_rowid_', 'oid'])

/** The column a name stands for in this SELECT alone. */
export function locate(
  level: Pick<Level, 'sources'>,
  { name, qualifiers }: Pick<Name, 'name' | 'qualifiers'>,
): Located | null {
  const table = qualifiers.at(-1)
  const within = level.sources.filter(({ alias }) => table === undefined || sameName(alias, table))
  const found = within.flatMap((source) => {
    if (table === undefined && source.merged.has(foldName(name))) return []
    const column = source.relation.columns.find((one) => sameName(one.name, name))
    return column ? [{ source, column }] : []
  })
  const [only] = found
  if (found.length > 1) throw new Refusal(`${JSON.stringify(name)} is a column of more than one of its tables`)
  if (only) return only
  return rowids.has(foldName(name)) ? locateRowid(within) : null
}

function locateRowid(sources: readonly Source[]): Located | null {
  const [source] = sources
  if (!source) return null
  const { rowid, columns } = source.relation
  const column = columns.find(({ name }) => name === rowid)
  if (sources.length > 1 || !column) throw new Refusal('PostgreSQL’s tables have no rowid')
  return { source, column }
}

/** @param special gives the forms that only queries have. */
export function scopeOf(level: Level, translate: (tree: Expression) => Term, special: Scope['special']): Scope {
  return {
    inQuery: true,
    special,
    remark: (remark) => level.environment.remarks.add(remark),
    column: (tree) => {
      const located = locate(level, tree)
      if (located) {
        const term = referTo(located.column, located.source.target)
        if (level.aggregated && !level.at.inAggregate)
          level.bare.set(term.passed?.sql ?? term.sql, { ...located, term })
        return term
      }
      const alias =
        tree.qualifiers.length === 0 && level.at.aliases ? level.aliases.get(foldName(tree.name)) : undefined
      if (alias) return translate(alias)
      return outside(level, tree)
    },
  }
}

/** A name of a query around this one; for this one it is a constant. */
export function outside(level: Level, tree: Name): Term | null {
  for (let outer = level.environment.parent; outer; outer = outer.environment.parent) {
    const located = locate(outer, tree)
    if (!located) continue
    const term = referTo(located.column, located.source.target)
    if (outer.aggregated && !outer.at.inAggregate) outer.bare.set(term.passed?.sql ?? term.sql, { ...located, term })
    return term
  }
  return null
}
