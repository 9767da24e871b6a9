import type { SourceValue } from '@rowferry/introspect'
import { scanJson } from './json-text.ts'

/** An array read from text: its sizes from the outermost dimension on (none: empty), and its elements row by row. */
export interface ArrayShape {
  readonly sizes: readonly number[]
  readonly elements: readonly SourceValue[]
}

/** How the elements of a JSON array are taken. `json`: each as the JSON text it is; `text`: numbers with all their digits; `number`: numbers as numbers while that is exact. */
export type ElementStyle = 'json' | 'text' | 'number'

type Nested = readonly Item[]
type Item = SourceValue | Nested

/** https://www.postgresql.org/docs/current/arrays.html; MAXDIM in src/include/utils/array.h. */
const mostDimensions = 6

/** `[1, 2]` or `{1,2}`, nested to equal lengths; null for anything else. */
export function readArray(text: string, style: ElementStyle): ArrayShape | null {
  const nested = text.startsWith('{')
    ? readLiteral(text)
    : scanJson(text, false) === null && /^\s*\[/.test(text)
      ? readJson(text, style)
      : null
  return nested && flatten(nested)
}

function flatten(root: Nested): ArrayShape | null {
  if (root.length === 0) return { sizes: [], elements: [] }
  const sizes: number[] = []
  let level: readonly Item[] = [root]
  while (level.every((item) => Array.isArray(item))) {
    const lists = level as readonly Nested[]
    const size = lists[0]?.length ?? 0
    if (size === 0 || sizes.length === mostDimensions || lists.some((list) => list.length !== size)) return null
    sizes.push(size)
    level = lists.flat()
  }
  return level.some((item) => Array.isArray(item)) ? null : { sizes, elements: level as readonly SourceValue[] }
}

/** The text is known to be JSON, so this only has to find its parts. Null when an element is an object and the type is not JSON. */
function readJson(text: string, style: ElementStyle): Nested | null {
  const stack: Item[][] = []
  let at = 0
  for (;;) {
    const start = at++
    const mark = text.charAt(start)
    const list = stack.at(-1)
    if (mark === '{' || (mark === '[' && style === 'json' && list)) {
      if (style !== 'json') return null
      at = endOfContainer(text, start)
      list?.push(text.slice(start, at))
    } else if (mark === '[') {
      const inner: Item[] = []
      list?.push(inner)
      stack.push(inner)
    } else if (mark === ']') {
      const done = stack.pop() as Item[]
      if (stack.length === 0) return done
    } else if (!' \t\n\r,'.includes(mark)) {
      at = mark === '"' ? endOfString(text, start) : endOfWord(text, start)
      list?.push(readScalar(text.slice(start, at), style))
    }
  }
}

/** Past the closing quote; past the end of the text when there is none. */
function endOfString(text: string, start: number): number {
  let at = start + 1
  for (; at < text.length && text.charAt(at) !== '"'; at++) if (text.charAt(at) === '\\') at++
  return at + 1
}

function endOfWord(text: string, start: number): number {
  let at = start
  while (!' \t\n\r,]'.includes(text.charAt(at))) at++
  return at
}

function endOfContainer(text: string, start: number): number {
  let depth = 0
  let at = start
  do {
    const mark = text.charAt(at)
    if (mark === '[' || mark === '{') depth++
    else if (mark === ']' || mark === '}') depth--
    at = mark === '"' ? endOfString(text, at) : at + 1
  } while (depth > 0)
  return at
}

function readScalar(part: string, style: ElementStyle): SourceValue {
  if (part === 'null') return null
  if (style === 'json') return part
  if (part.startsWith('"')) return JSON.parse(part) as string
  if (style === 'text' || part === 'true' || part === 'false') return part
  const number = Number(part)
  if (/^-?[0-9]+$/.test(part)) return Number.isSafeInteger(number) && part !== '-0' ? number : BigInt(part)
  // A whole number past 2^53 may stand for its neighbour
  const trimmed = /^[^eE]*\.[^eE]*$/.test(part) ? part.replace(/\.?0+$/, '') : part
  return Math.abs(number) <= Number.MAX_SAFE_INTEGER && String(number) === trimmed ? number : part
}

/** PostgreSQL's own array literal, without explicit bounds. */
function readLiteral(text: string): Nested | null {
  const stack: Item[][] = []
  let afterItem = false
  for (let at = 0; ; at++) {
    while (isBlank(text.charAt(at))) at++
    const mark = text.charAt(at)
    const list = stack.at(-1)
    if (mark === '{') {
      if (afterItem) return null
      const inner: Item[] = []
      list?.push(inner)
      stack.push(inner)
    } else if (list === undefined || mark === '') return null
    else if (mark === ',') {
      if (!afterItem) return null
      afterItem = false
    } else if (mark === '}') {
      if (!afterItem && list.length > 0) return null
      stack.pop()
      if (stack.length === 0) return at === text.length - 1 ? list : null
      afterItem = true
    } else {
      const end = mark === '"' ? endOfString(text, at) : endOfBare(text, at)
      if (afterItem || end > text.length) return null
      list.push(mark === '"' ? unescape(text.slice(at + 1, end - 1)) : bareElement(text.slice(at, end)))
      at = end - 1
      afterItem = true
    }
  }
}

/** Only these are blanks to PostgreSQL; any other is part of an element. */
function isBlank(character: string): boolean {
  return character !== '' && ' \t\n\r\v\f'.includes(character)
}

function endOfBare(text: string, start: number): number {
  let at = start
  // Past the end, charAt is '' and so within any text
  for (; !'{},"'.includes(text.charAt(at)); at++) if (text.charAt(at) === '\\') at++
  return at
}

/** Blanks behind an element do not count, unless a backslash stands before them. */
function bareElement(bare: string): string | null {
  let end = bare.length
  while (isBlank(bare.charAt(end - 1)) && !isEscaped(bare, end - 1)) end--
  const text = bare.slice(0, end)
  return text.toLowerCase() === 'null' ? null : unescape(text)
}

function isEscaped(text: string, at: number): boolean {
  let backslashes = 0
  while (text.charAt(at - 1 - backslashes) === '\\') backslashes++
  return backslashes % 2 === 1
}

function unescape(text: string): string {
  return text.includes('\\') ? text.replaceAll(/\\([^])/g, '$1') : text
}
