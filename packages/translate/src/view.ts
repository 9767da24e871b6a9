import { quoteName } from './quote.ts'
import { type Remark, sameName } from './scope.ts'
import { parseView } from './select/parse.ts'
import { translateSelect } from './select/query.ts'
import type { Relation } from './select/relation.ts'
import type { ExpressionColumn } from './term.ts'
import { attempt, Refusal } from './translation.ts'

export interface ViewContext {
  /** The view's name in SQLite. */
  readonly name: string
  /** The view's name in PostgreSQL. */
  readonly target: { readonly schema: string; readonly name: string }
  /** Its columns as SQLite names them, with their names in PostgreSQL. */
  readonly columns: readonly {
    readonly name: string
    readonly target: string
    /** It shall bear that name, also where it passes on a column of the same name that is called otherwise in PostgreSQL. Default: false. */
    readonly said?: boolean
  }[]
  /** Tables, and views translated before, that it may read. */
  readonly relations: readonly Relation[]
}

export interface ViewColumn {
  readonly name: string
  readonly target: string
  /** As `format_type` writes it. */
  readonly type: string
  /** The table's column whose values it passes on unchanged; null when it is computed. */
  readonly from: ExpressionColumn | null
  /** A floating-point sum: its last digits depend on the order of addition. */
  readonly fuzzy: boolean
}

/** A view said in PostgreSQL, or the reason why not. */
export type ViewTranslation =
  | {
      readonly ok: true
      /** The whole `CREATE VIEW`. */
      readonly sql: string
      readonly columns: readonly ViewColumn[]
      /** The tables and views it reads, by SQLite's names. */
      readonly reads: readonly string[]
      /** What whoever compares the rows of both sides must know. */
      readonly remarks: readonly Remark[]
      /** The view itself, for those that read it. */
      readonly relation: Relation
    }
  | { readonly ok: false; readonly reason: string; readonly suggestion: string | null }

/**
 * Says `CREATE VIEW …` in PostgreSQL if each of its forms is on the list of proven ones; otherwise says why not. Where SQLite would turn to floating
 * point beyond 64 bits the view fails instead, and numbers are compared as doubles. A view whose `remarks` hold `order` gives one of several results
 * that SQLite may give: compare its rows before it is trusted.
 */
export function translateView(definition: string, context: ViewContext): ViewTranslation {
  const { target, columns: names, relations } = context
  const remarks = new Set<Remark>()
  const reads = new Set<string>()
  let made: Pick<Extract<ViewTranslation, { ok: true }>, 'columns' | 'relation'> | undefined
  const said = attempt(() => {
    const query = translateSelect(parseView(definition), {
      relation: (name) => relations.find((one) => sameName(one.name, name)) ?? null,
      tables: [],
      parent: null,
      remarks,
      reads,
    })
    if (query.columns.length !== names.length) throw new Refusal('SQLite counts its columns differently')
    const sql = `${quoteName(target.schema)}.${quoteName(target.name)}`
    const columns = query.columns.map((column, at) => {
      const { name, target: wanted, said: isSaid = false } = names[at]!
      const from = column.term.passed?.from
      return { ...column, name, target: from && !isSaid && sameName(from.name, name) ? from.target : wanted }
    })
    const renamed = new Map(query.columns.map((column, at) => [column.name, names[at]!.name]))
    made = {
      columns: columns.map(({ name, target: to, type, term }) => ({
        name,
        target: to,
        type,
        from: term.passed?.from ?? null,
        fuzzy: term.fuzzy,
      })),
      relation: {
        name: context.name,
        sql,
        columns,
        rowid: null,
        keys: query.keys.map((key) => key.map((one) => renamed.get(one) ?? one)),
      },
    }
    return { sql: `CREATE VIEW ${sql} (${columns.map((one) => quoteName(one.target)).join(', ')}) AS ${query.sql}` }
  })
  if (!said.ok) return said
  const { columns, relation } = made!
  return { ok: true, sql: said.sql, columns, relation, reads: [...reads], remarks: [...remarks] }
}
