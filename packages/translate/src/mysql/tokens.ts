import { Refusal } from '../translation.ts'

export type Token =
  | { readonly kind: 'name' | 'word' | 'number' | 'sign'; readonly text: string }
  | { readonly kind: 'string' | 'bits' | 'bytes'; readonly text: string }
  | { readonly kind: 'end'; readonly text: '' }

const pattern =
  /\s+|`((?:[^`]|``)*)`|b'([01]*)'|x'([0-9a-f]*)'|0x([0-9a-f]+)|'((?:[^'\\]|''|\\.)*)'|(\d+(?:\.\d+)?(?:e[+-]?\d+)?)|([a-z_]\w*)|(<=>|<=|>=|<>|!=|:=|\|\||&&|<<|>>|[-+*/%(),=<>!~^&|.])/gisy

const escapes: Readonly<Record<string, string>> = { '0': '\0', b: '\b', n: '\n', r: '\r', t: '\t', Z: '\u001A' }

/** What a string literal of MySQL stands for. https://dev.mysql.com/doc/refman/8.4/en/string-literals.html */
function unquote(text: string): string {
  return text.replaceAll(/''|\\(.)/gs, (all, escaped: string | undefined) =>
    escaped === undefined ? all.slice(1) : (escapes[escaped] ?? escaped),
  )
}

/** An expression of MySQL in pieces. Throws a `Refusal` at the first that is unknown. */
export function tokensOf(expression: string): Token[] {
  const tokens: Token[] = []
  pattern.lastIndex = 0
  while (pattern.lastIndex < expression.length) {
    const at = pattern.lastIndex
    const found = pattern.exec(expression)
    if (found === null) throw new Refusal(`${JSON.stringify(expression.slice(at, at + 20))} cannot be read`)
    const [, name, bits, hex, hexNumber, string, number, word, sign] = found
    if (name !== undefined) tokens.push({ kind: 'name', text: name.replaceAll('``', '`') })
    else if (bits !== undefined) tokens.push({ kind: 'bits', text: bits })
    else if ((hex ?? hexNumber) !== undefined) tokens.push({ kind: 'bytes', text: hex ?? hexNumber! })
    else if (string !== undefined) tokens.push({ kind: 'string', text: unquote(string) })
    else if (number !== undefined) tokens.push({ kind: 'number', text: number })
    else if (word !== undefined) tokens.push({ kind: 'word', text: word.toLowerCase() })
    else if (sign !== undefined) tokens.push({ kind: 'sign', text: sign })
  }
  return [...tokens, { kind: 'end', text: '' }]
}
