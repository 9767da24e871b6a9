import { tokenize, type Token } from './token.ts'

/** A reading position in the tokens of one statement. Every step throws a `SyntaxError` where it cannot go on. */
export interface Cursor {
  readonly sql: string
  peek(ahead?: number): Token | undefined
  next(): Token
  /** The token stepped over last. */
  last(): Token | undefined
  /** Do these keywords (or this symbol) come next? */
  at(...words: readonly string[]): boolean
  /** The same, and steps over them. */
  take(...words: readonly string[]): boolean
  expect(...words: readonly string[]): void
  /** Steps over `( … )` and gives what is inside. */
  parentheses(): readonly Token[]
  /** The tokens up to the end of the statement. */
  rest(): readonly Token[]
}

export function cursorOf(sql: string): Cursor {
  const tokens = tokenize(sql)
  let position = 0
  const at = (...words: readonly string[]): boolean =>
    words.every((word, ahead) => {
      const token = tokens[position + ahead]
      return (token?.kind === 'word' || token?.kind === 'symbol') && token.value.toUpperCase() === word
    })
  const take = (...words: readonly string[]): boolean => {
    const there = at(...words)
    if (there) position += words.length
    return there
  }
  const next = (): Token => {
    const token = tokens[position]
    if (token === undefined) throw new SyntaxError('The statement ends too early')
    position += 1
    return token
  }
  const expect = (...words: readonly string[]): void => {
    if (!take(...words))
      throw new SyntaxError(`Expected ${words.join(' ')} at offset ${tokens[position]?.start ?? sql.length}`)
  }
  return {
    sql,
    peek: (ahead = 0) => tokens[position + ahead],
    next,
    last: () => tokens[position - 1],
    at,
    take,
    expect,
    parentheses() {
      expect('(')
      const first = position
      for (let depth = 1; depth > 0;) {
        const token = next()
        if (token.kind === 'symbol') depth += token.value === '(' ? 1 : token.value === ')' ? -1 : 0
      }
      return tokens.slice(first, position - 1)
    },
    rest() {
      const first = position
      position = tokens.length
      return tokens.slice(first)
    },
  }
}

/** The source text from the first token to the last, comments in between included. */
export function textOf(sql: string, tokens: readonly Token[]): string {
  return sql.slice(tokens[0]?.start ?? 0, tokens.at(-1)?.end ?? 0)
}

/** Parted at the commas outside of parentheses. */
export function splitList(tokens: readonly Token[]): Token[][] {
  const parts: Token[][] = [[]]
  let depth = 0
  for (const token of tokens) {
    if (token.kind === 'symbol') depth += token.value === '(' ? 1 : token.value === ')' ? -1 : 0
    if (depth === 0 && token.kind === 'symbol' && token.value === ',') parts.push([])
    else parts.at(-1)?.push(token)
  }
  return parts
}
