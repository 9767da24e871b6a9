import { foldAscii } from './compare.ts'
import { quoteText } from './quote.ts'
import { stringOf, type Term, term } from './term.ts'
import { Refusal } from './translation.ts'

/** SQLite's LIKE is blind to the case of ASCII letters and has no escape character of its own. https://www.sqlite.org/lang_expr.html#the_like_glob_regexp_match_and_extract_operators */
export function like(operand: Term, pattern: Term, escape: Term | null, negated: boolean): Term {
  const text = literalPattern(operand, pattern)
  const character = escape === null ? '' : stringOf(escape)
  if (character === null || (escape !== null && !/^[^\p{L}\p{N}%_]$/u.test(character))) {
    throw new Refusal('its ESCAPE is no single punctuation character')
  }
  if (character !== '' && endsOpen(text, character)) throw new Refusal('its pattern ends with the escape character')
  const hasLetters = /[A-Za-z]/.test(text)
  const subject = hasLetters ? `lower(${operand.sql} COLLATE "C")` : operand.sql
  const clause =
    character === '\\' || (character === '' && !text.includes('\\')) ? '' : ` ESCAPE ${quoteText(character)}`
  return term('boolean', `(${subject} ${negated ? 'NOT ' : ''}LIKE ${quoteText(foldAscii(text))}${clause})`)
}

function endsOpen(pattern: string, escape: string): boolean {
  let open = false
  for (const character of pattern) open = !open && character === escape
  return open
}

/** GLOB minds the case; `*`, `?` and `[…]`. Without brackets it is a LIKE, with them a regular expression. */
export function glob(operand: Term, pattern: Term, negated: boolean): Term {
  const text = literalPattern(operand, pattern)
  const not = negated ? 'NOT ' : ''
  if (!text.includes('[')) {
    const said = text
      .replaceAll(/[\\%_]/g, String.raw`\$&`)
      .replaceAll('*', '%')
      .replaceAll('?', '_')
    return term('boolean', `(${operand.sql} ${not}LIKE ${quoteText(said)})`)
  }
  return term('boolean', `(${operand.sql} COLLATE "C" ${negated ? '!~' : '~'} ${quoteText(`^${regexOf(text)}$`)})`)
}

function regexOf(pattern: string): string {
  const pieces = pattern.match(/\[\^?[A-Za-z0-9 _.,:;@#/+-]+\]|[^[]/gu) ?? []
  if (pieces.join('') !== pattern) throw new Refusal('a bracket in its GLOB pattern is not a plain set of characters')
  return pieces.map(regexOfPiece).join('')
}

function regexOfPiece(piece: string): string {
  if (piece === '*') return '.*'
  if (piece === '?') return '.'
  if (piece.length <= 2) return piece.replaceAll(/[\\^$.*+?()[\]{}|]/g, String.raw`\$&`)
  const set = piece.replace(/^\[\^?/, '').slice(0, -1)
  // Only ranges of digits or of letters of one case, and no hyphen that could be taken for one
  const plain = set.replaceAll(/[a-z]-[a-z]|[A-Z]-[A-Z]|\d-\d/g, (range) =>
    range.charCodeAt(0) <= range.charCodeAt(2) ? '' : '-',
  )
  if (plain.includes('-')) throw new Refusal('a range in its GLOB pattern is not one of digits or letters of one case')
  return piece
}

function literalPattern(operand: Term, pattern: Term): string {
  if (operand.kind !== 'text') throw new Refusal('it matches a pattern against what is no text')
  const text = stringOf(pattern)
  if (text === null) throw new Refusal('its pattern is not a string')
  return text
}
