import { collate } from './compare.ts'
import { isImmutable } from './immutable.ts'
import { parseExpression } from './parse.ts'
import type { Expression } from './syntax.ts'
import { type Scope, tableScope } from './scope.ts'
import { type ExpressionColumn, truthOf } from './term.ts'
import { both, termOf } from './term-of.ts'
import { attempt, Refusal, type Translation } from './translation.ts'

export interface ExpressionContext {
  /** The table's columns: no others may be named. */
  readonly columns: readonly ExpressionColumn[]
  /** `check`: a condition that NULL passes. `where`: a partial index's predicate. `index`: a value, made of immutable functions only. */
  readonly use: 'check' | 'index' | 'where'
}

/**
 * Says an SQLite expression in PostgreSQL if its meaning is proven equal for every row whose values arrived; otherwise says why not.
 * Every accepted form has been compared on both databases with random rows. Values are taken to be stored in the class that suits their column's type:
 * integers for `bigint`, 0 and 1 for `boolean`, text for `jsonb`.
 */
export function translateExpression(expression: string, context: ExpressionContext): Translation {
  const { use } = context
  const scope = tableScope(context.columns)
  return attempt(() => {
    const tree = parseExpression(expression)
    if (use === 'check') return check(tree, scope)
    const said = termOf(tree, scope)
    if (use === 'where') return { sql: immutable(truthOf(said).sql) }
    if (said.moment) return { sql: said.moment.sql }
    if (said.kind === 'other' || said.kind === 'null' || said.kind === 'wide') {
      throw new Refusal('equal values in SQLite may differ in PostgreSQL', said.kind === 'other' ? said.sql : null)
    }
    return { sql: immutable(said.kind === 'text' ? collate(said, said.collation?.name ?? 'BINARY') : said.sql) }
  })
}

function immutable(sql: string): string {
  if (isImmutable(sql)) return sql
  throw new Refusal('PostgreSQL indexes nothing that depends on its settings, as the spelling of dates does', sql)
}

function check(tree: Expression, scope: Scope): { sql: string; note: string | null } {
  const terms = conjuncts(tree).map((part) => truthOf(termOf(part, scope)))
  const needed = terms.filter(({ neverFalse }) => !neverFalse)
  const note =
    needed.length === terms.length ? null : needed.length === 0 ? 'implied by the type' : 'in part implied by the type'
  return { sql: needed.length === 0 ? '' : both(needed).sql, note }
}

function conjuncts(tree: Expression): readonly Expression[] {
  return tree.kind === 'binary' && tree.operator === 'and'
    ? [...conjuncts(tree.left), ...conjuncts(tree.right)]
    : [tree]
}
