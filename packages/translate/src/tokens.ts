import { SyntaxRefusal } from './syntax.ts'

export type Token =
  | { readonly kind: 'word'; readonly text: string }
  | { readonly kind: 'quoted'; readonly text: string; readonly quote: string }
  | { readonly kind: 'string'; readonly text: string }
  | { readonly kind: 'blob'; readonly text: string }
  | { readonly kind: 'number'; readonly text: string }
  | { readonly kind: 'symbol'; readonly text: string }
  | { readonly kind: 'end'; readonly text: '' }

const closing: Readonly<Record<string, string>> = { '"': '"', '`': '`', '[': ']' }
// Sticky, tried in this order
const patterns = [
  ['skip', /(?:[ \t\n\f\r]|--[^\n]*|\/\*[^]*?(?:\*\/|$))+/y],
  ['blob', /[xX]'((?:[0-9a-fA-F]{2})*)'/y],
  ['string', /'((?:[^']|'')*)'/y],
  ['quoted', /"((?:[^"]|"")*)"|`((?:[^`]|``)*)`|\[([^\]]*)\]/y],
  ['number', /0[xX][0-9a-fA-F]+|(?:\d+(?:_\d+)*(?:\.(?:\d+(?:_\d+)*)?)?|\.\d+(?:_\d+)*)(?:[eE][+-]?\d+(?:_\d+)*)?/y],
  ['word', /[A-Za-z_\u0080-\u{10ffff}][\w$\u0080-\u{10ffff}]*/uy],
  ['symbol', /->>|->|\|\||<<|>>|<=|>=|==|<>|!=|[-+*/%&|~<>=(),.;]/y],
] as const

/** Cuts an expression into tokens. Throws `SyntaxRefusal`. https://www.sqlite.org/lang_keywords.html, https://www.sqlite.org/lang_comment.html */
export function tokenize(text: string): Token[] {
  const tokens: Token[] = []
  for (let position = 0; position < text.length;) {
    const found = matchAt(text, position)
    if (!found)
      throw new SyntaxRefusal(`it cannot be read from ${JSON.stringify(text.slice(position, position + 10))} on`)
    position += found.length
    if (found.token) tokens.push(found.token)
    const next = text[position]
    if (found.token?.kind === 'number' && next !== undefined && /[\w$]/.test(next)) {
      throw new SyntaxRefusal('a number in it runs into a word')
    }
  }
  return [...tokens, { kind: 'end', text: '' }]
}

function matchAt(text: string, position: number): { token: Token | null; length: number } | null {
  for (const [kind, pattern] of patterns) {
    pattern.lastIndex = position
    const match = pattern.exec(text)
    if (!match) continue
    const { length } = match[0]
    const body = match[1] ?? match[2] ?? match[3] ?? match[0]
    if (kind === 'skip') return { token: null, length }
    if (kind === 'string') return { token: { kind, text: body.replaceAll("''", "'") }, length }
    if (kind !== 'quoted') return { token: { kind, text: body }, length }
    const quote = match[0][0] ?? ''
    const end = closing[quote] ?? ''
    return { token: { kind, text: body.replaceAll(end + end, end), quote }, length }
  }
  return null
}
