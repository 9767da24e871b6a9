/** SQLite's expressions as a tree. https://www.sqlite.org/lang_expr.html */
export type Expression =
  | Literal
  | { readonly kind: 'current'; readonly what: 'date' | 'time' | 'timestamp' }
  /** `quote` is what the name stood in: a double-quoted name that is no column is a string. */
  | {
      readonly kind: 'name'
      readonly name: string
      readonly quote: string | null
      /** What stands before it: a table, or a schema and a table. */
      readonly qualifiers: readonly string[]
    }
  | { readonly kind: 'unary'; readonly operator: '-' | '+' | '~' | 'not'; readonly operand: Expression }
  | {
      readonly kind: 'binary'
      readonly operator: BinaryOperator
      readonly left: Expression
      readonly right: Expression
    }
  | { readonly kind: 'is'; readonly left: Expression; readonly right: Expression; readonly negated: boolean }
  | {
      readonly kind: 'between'
      readonly operand: Expression
      readonly low: Expression
      readonly high: Expression
      readonly negated: boolean
    }
  | {
      readonly kind: 'in'
      readonly operand: Expression
      readonly list: readonly Expression[]
      readonly negated: boolean
    }
  | {
      readonly kind: 'match'
      readonly operator: 'like' | 'glob' | 'regexp' | 'match'
      readonly operand: Expression
      readonly pattern: Expression
      readonly escape: Expression | null
      readonly negated: boolean
    }
  | {
      readonly kind: 'case'
      readonly operand: Expression | null
      readonly branches: readonly { readonly when: Expression; readonly result: Expression }[]
      readonly otherwise: Expression | null
    }
  | { readonly kind: 'cast'; readonly operand: Expression; readonly type: string }
  | { readonly kind: 'collate'; readonly operand: Expression; readonly collation: string }
  | Call
  | { readonly kind: 'subquery'; readonly select: Select }
  | { readonly kind: 'exists'; readonly select: Select }
  | {
      readonly kind: 'in query'
      readonly operand: Expression
      readonly select: Select
      readonly negated: boolean
    }

export interface Call {
  readonly kind: 'call'
  readonly name: string
  readonly arguments: readonly Expression[]
  /** What only a query's calls have: `count(*)`, DISTINCT, ORDER BY, FILTER, OVER. */
  readonly star?: boolean
  readonly distinct?: boolean
  readonly order?: readonly Ordering[]
  readonly filter?: Expression
  readonly over?: Window
}

export type Literal =
  | { readonly kind: 'null' }
  | { readonly kind: 'boolean'; readonly value: boolean }
  | { readonly kind: 'integer'; readonly value: bigint }
  | { readonly kind: 'real'; readonly value: number }
  | { readonly kind: 'string'; readonly value: string }
  /** Hexadecimal digits in lower case. */
  | { readonly kind: 'blob'; readonly hex: string }

export type BinaryOperator =
  | ComparisonOperator
  | 'or'
  | 'and'
  | '+'
  | '-'
  | '*'
  | '/'
  | '%'
  | '||'
  | '&'
  | '|'
  | '<<'
  | '>>'
  | '->'
  | '->>'

export type ComparisonOperator = '=' | '<>' | '<' | '<=' | '>' | '>='

export interface Ordering {
  readonly by: Expression
  readonly descending: boolean
  readonly nulls: 'first' | 'last' | null
}

export interface Window {
  /** A window of the WINDOW clause that this one builds upon. */
  readonly base: string | null
  readonly partition: readonly Expression[]
  readonly order: readonly Ordering[]
  /** The words of the frame, in order; empty for the usual one. */
  readonly frame: readonly string[]
}

/** https://www.sqlite.org/lang_select.html */
export interface Select {
  readonly recursive: boolean
  readonly tables: readonly CommonTable[]
  /** One, or the parts of a compound from left to right. */
  readonly cores: readonly [SelectCore, ...SelectCore[]]
  /** Between the parts. */
  readonly operators: readonly CompoundOperator[]
  readonly order: readonly Ordering[]
  readonly limit: Expression | null
  readonly offset: Expression | null
}

export type CompoundOperator = 'union' | 'union all' | 'intersect' | 'except'

export interface CommonTable {
  readonly name: string
  readonly columns: readonly string[]
  readonly select: Select
}

export interface SelectCore {
  readonly distinct: boolean
  readonly results: readonly Result[]
  readonly from: From | null
  readonly where: Expression | null
  readonly group: readonly Expression[]
  readonly having: Expression | null
  readonly windows: readonly { readonly name: string; readonly window: Window }[]
}

/** `star`: of one table, or of all when it names none. */
export type Result =
  | { readonly kind: 'star'; readonly table: string | null }
  | { readonly kind: 'value'; readonly value: Expression; readonly alias: string | null }

export type From =
  | { readonly kind: 'table'; readonly name: string; readonly schema: string | null; readonly alias: string | null }
  | { readonly kind: 'query'; readonly select: Select; readonly alias: string | null }
  | {
      readonly kind: 'join'
      readonly how: 'inner' | 'left' | 'right' | 'full'
      readonly left: From
      readonly right: From
      readonly natural: boolean
      readonly using: readonly string[]
      readonly on: Expression | null
    }

/** Why a text is no expression that can be read here. Internal: it becomes a `Translation` that is not ok. */
export class SyntaxRefusal extends Error {}
