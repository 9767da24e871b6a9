import type { Expression } from './syntax.ts'
import { columnTerm, type ExpressionColumn, type Term } from './term.ts'

export type Name = Expression & { kind: 'name' }

/** What the names in an expression stand for. */
export interface Scope {
  /** Null when there is no such column. Throws `Refusal` where there is one that may not be used. */
  readonly column: (tree: Name) => Term | null
  /**
   * In a query a result beyond 64 bits or a double's range may be an error instead of SQLite's floating point, and numbers are compared
   * as doubles: nothing is stored by it. Everywhere else an expression decides what a table accepts.
   */
  readonly inQuery: boolean
  /** Forms that only a query has: aggregates, windows, subqueries. Null for all others. */
  readonly special: (tree: Expression) => Term | null
  /** Something that whoever compares the results must know. */
  readonly remark: (remark: Remark) => void
}

/** `order`: SQLite leaves open in which order. `now`: it depends on the present moment. `sums`: floating-point sums may differ in their last digits. */
export type Remark = 'order' | 'now' | 'sums'

/** The columns of one table, qualified or not. */
export function tableScope(columns: readonly ExpressionColumn[]): Scope {
  return {
    column: ({ name }) => {
      const column = columns.find((one) => sameName(one.name, name))
      return column ? columnTerm(column) : null
    },
    inQuery: false,
    special: () => null,
    remark: () => {},
  }
}

/** SQLite folds ASCII letters only. */
export function sameName(one: string, other: string): boolean {
  return foldName(one) === foldName(other)
}

export function foldName(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase())
}
