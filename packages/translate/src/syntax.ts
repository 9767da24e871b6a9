/** SQLite's expressions as a tree. https://www.sqlite.org/lang_expr.html */
export type Expression =
  | Literal
  | { readonly kind: 'current'; readonly what: 'date' | 'time' | 'timestamp' }
  /** `quote` is what the name stood in: a double-quoted name that is no column is a string. */
  | { readonly kind: 'name'; readonly name: string; readonly quote: string | null; readonly qualified: boolean }
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
  | { readonly kind: 'call'; readonly name: string; readonly arguments: readonly Expression[] }

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

/** Why a text is no expression that can be read here. Internal: it becomes a `Translation` that is not ok. */
export class SyntaxRefusal extends Error {}
