/// <reference lib="es2024.string" />
import { formatExact, parseDecimal } from './decimal.ts'

export interface JsonRules {
  /** The last of several equal keys wins, as in jsonb; without it they make the text uninterpretable. */
  readonly lastKeyWins: boolean
}

/** A value, where it stands in the text, and what it amounts to. */
export interface JsonValue {
  readonly kind: 'object' | 'array' | 'string' | 'number' | 'word'
  /** Two values mean the same if and only if their canonicals are equal. A string's is what JSON.stringify makes of it. */
  readonly canonical: string
  /** Of an array. */
  readonly elements: readonly JsonValue[]
  readonly start: number
  readonly end: number
}

interface Open {
  readonly kind: 'object' | 'array'
  readonly start: number
  /** Canonicals of an object's keys, one for each element. */
  readonly keys: string[]
  readonly elements: JsonValue[]
}

const none: readonly JsonValue[] = []
const number = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y
const word = /true|false|null/y
const control = /[^ -\uffff]/

/** Where the reading stands. One reading ends before the next begins. */
let text = ''
let at = 0

/**
 * Reads RFC 8259 JSON by meaning: numbers as exact decimals, strings by code points, objects by key in any order.
 * Undefined for anything that jsonb could not hold: bad JSON, U+0000, half a surrogate pair. No recursion, so depth is free.
 */
export function readJson(json: string, rules: JsonRules): JsonValue | undefined {
  text = json
  at = 0
  const open: Open[] = []
  for (;;) {
    let value = readStart(open)
    if (value === false) return undefined
    while (value !== null) {
      skipBlanks()
      const parent = open.at(-1)
      if (parent === undefined) return at === text.length ? value : undefined
      parent.elements.push(value)
      const sign = text.charCodeAt(at)
      at += 1
      if (sign === 44) {
        if (parent.kind === 'object' && !readKey(parent)) return undefined
        break
      }
      if (sign !== (parent.kind === 'array' ? 93 : 125)) return undefined
      open.pop()
      const closed = close(parent, rules)
      if (closed === undefined) return undefined
      value = closed
    }
  }
}

function skipBlanks(): void {
  for (
    let code = text.charCodeAt(at);
    code === 32 || code === 10 || code === 13 || code === 9;
    code = text.charCodeAt(at)
  )
    at += 1
}

/** A scalar or an empty container; null when a container was opened, false when nothing begins here. */
function readStart(open: Open[]): JsonValue | null | false {
  skipBlanks()
  const start = at
  const code = text.charCodeAt(at)
  if (code === 34) {
    const canonical = readString()
    return canonical === undefined ? false : { kind: 'string', canonical, elements: none, start, end: at }
  }
  if (code !== 123 && code !== 91) return readScalar(start)
  const opened: Open = { kind: code === 123 ? 'object' : 'array', start, keys: [], elements: [] }
  at += 1
  skipBlanks()
  if (text.charCodeAt(at) === code + 2) {
    at += 1
    return { kind: opened.kind, canonical: code === 123 ? '{}' : '[]', elements: none, start, end: at }
  }
  if (code === 123 && !readKey(opened)) return false
  open.push(opened)
  return null
}

function readKey(into: Open): boolean {
  skipBlanks()
  if (text.charCodeAt(at) !== 34) return false
  const key = readString()
  skipBlanks()
  if (key === undefined || text.charCodeAt(at) !== 58) return false
  into.keys.push(key)
  at += 1
  return true
}

/** The canonical of the string that begins here. */
function readString(): string | undefined {
  const start = at
  const quote = text.indexOf('"', start + 1)
  if (quote < 0) return undefined
  const plain = text.slice(start, quote + 1)
  if (!plain.includes('\\')) {
    at = quote + 1
    // Without an escape the literal is its own canonical
    return control.test(plain) || !plain.isWellFormed() ? undefined : plain
  }
  for (at = start + 1; text.charCodeAt(at) !== 34; at += text.charCodeAt(at) === 92 ? 2 : 1)
    if (at >= text.length) return undefined
  at += 1
  const meaning = parseString(text.slice(start, at))
  return meaning === undefined || !meaning.isWellFormed() || meaning.includes('\0')
    ? undefined
    : JSON.stringify(meaning)
}

function parseString(literal: string): string | undefined {
  try {
    return JSON.parse(literal) as string
  } catch {
    return undefined
  }
}

function readScalar(start: number): JsonValue | false {
  const pattern = text.charCodeAt(at) < 58 ? number : word
  pattern.lastIndex = at
  if (!pattern.test(text)) return false
  at = pattern.lastIndex
  const literal = text.slice(start, at)
  if (pattern === word) return { kind: 'word', canonical: literal, elements: none, start, end: at }
  return { kind: 'number', canonical: exactly(literal), elements: none, start, end: at }
}

function exactly(literal: string): string {
  const value = Number(literal)
  // Most numbers are small whole ones, whose canonical is at hand
  if (Number.isSafeInteger(value) && value % 10 !== 0 && String(value) === literal) return `${literal}e0`
  const decimal = parseDecimal(literal)
  // An exponent beyond a thousand million, which jsonb could not hold either
  return decimal === undefined ? literal : formatExact(decimal)
}

function close({ kind, start, keys, elements }: Open, rules: JsonRules): JsonValue | undefined {
  if (kind === 'array') {
    let canonical = '['
    for (const element of elements) canonical += `${element.canonical},`
    return { kind, canonical: `${canonical}]`, elements, start, end: at }
  }
  let sorted = true
  for (let i = 1; i < keys.length && sorted; i += 1) sorted = inOrder(keys[i - 1]!, keys[i]!) < 0
  const order = keys.map((_, i) => i)
  if (!sorted) order.sort((a, b) => inOrder(keys[a]!, keys[b]!) || a - b)
  let canonical = '{'
  for (let place = 0; place < order.length; place += 1) {
    const i = order[place]!
    const repeated = !sorted && place + 1 < order.length && keys[order[place + 1]!] === keys[i]
    if (repeated && !rules.lastKeyWins) return undefined
    if (!repeated) canonical += `${keys[i]}:${elements[i]!.canonical},`
  }
  return { kind, canonical: `${canonical}}`, elements: none, start, end: at }
}

/** jsonb's own order, more or less, so that one side seldom needs sorting. */
function inOrder(a: string, b: string): number {
  return a.length - b.length || (a < b ? -1 : a > b ? 1 : 0)
}
