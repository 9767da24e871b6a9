/// <reference lib="es2024.string" />
import { formatExact, parseDecimal } from './decimal.ts'

export interface JsonRules {
  /** The last of several equal keys wins, as in jsonb; without it they make the text uninterpretable. */
  readonly lastKeyWins: boolean
}

/** A scanned value: where it stands in the text, and what it amounts to. */
export interface JsonValue {
  /** Of an array: its elements; of everything else undefined. */
  readonly elements?: readonly JsonValue[]
  /** Of a string: its characters. */
  readonly string?: string
  /** Two texts mean the same if and only if their canonicals are equal. */
  readonly canonical: string
  readonly start: number
  readonly end: number
}

interface Open {
  readonly start: number
  /** Undefined for an array. */
  readonly members: Map<string, string> | undefined
  readonly elements: JsonValue[]
  key: string
}

const number = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y
const plain = /[^"\\\u0000-\u001f]*/y

/**
 * Reads RFC 8259 JSON by meaning: numbers as exact decimals, strings by code points, objects by key in any order.
 * Undefined for anything that jsonb could not hold: bad JSON, U+0000, half a surrogate pair. No recursion, so depth is free.
 */
export function readJson(text: string, rules: JsonRules): JsonValue | undefined {
  const open: Open[] = []
  let at = 0
  const blanks = (): void => {
    for (let code = text.charCodeAt(at); code === 32 || code === 10 || code === 13 || code === 9; code = text.charCodeAt(at)) at += 1
  }
  const word = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at
    const found = pattern.exec(text)?.[0]
    if (found !== undefined) at += found.length
    return found
  }
  const string = (): string | undefined => {
    at += 1
    let read = ''
    for (;;) {
      read += word(plain) ?? ''
      const code = text.charCodeAt(at)
      at += 1
      if (code === 34) return read.isWellFormed() ? read : undefined
      if (code !== 92) return undefined
      const escaped = escape(text, at)
      if (escaped === undefined) return undefined
      read += escaped
      at += text.charCodeAt(at) === 117 ? 5 : 1
    }
  }
  const key = (into: Open): boolean => {
    blanks()
    if (text.charCodeAt(at) !== 34) return false
    const name = string()
    blanks()
    if (name === undefined || text.charCodeAt(at) !== 58) return false
    if (!rules.lastKeyWins && into.members!.has(name)) return false
    into.key = name
    at += 1
    return true
  }

  for (;;) {
    blanks()
    const start = at
    const code = text.charCodeAt(at)
    let value: JsonValue | undefined
    if (code === 123 || code === 91) {
      const opened: Open = { start, members: code === 123 ? new Map() : undefined, elements: [], key: '' }
      at += 1
      blanks()
      if (text.charCodeAt(at) === code + 2) {
        at += 1
        value = closed(opened, at)
      } else {
        if (opened.members !== undefined && !key(opened)) return undefined
        open.push(opened)
        continue
      }
    } else if (code === 34) {
      const read = string()
      if (read === undefined) return undefined
      value = { string: read, canonical: JSON.stringify(read), start, end: at }
    } else {
      const literal = scalar(word(number) ?? word(/true|false|null/y))
      if (literal === undefined) return undefined
      value = { canonical: literal, start, end: at }
    }
    for (;;) {
      const parent = open.at(-1)
      blanks()
      if (parent === undefined) return at === text.length ? value : undefined
      if (parent.members === undefined) parent.elements.push(value)
      else parent.members.set(parent.key, value.canonical)
      const next = text.charCodeAt(at)
      at += 1
      if (next === 44) {
        if (parent.members !== undefined && !key(parent)) return undefined
        break
      }
      if (next !== (parent.members === undefined ? 93 : 125)) return undefined
      open.pop()
      value = closed(parent, at)
    }
  }
}

function closed(opened: Open, end: number): JsonValue {
  const { start, members, elements } = opened
  if (members === undefined) return { elements, canonical: `[${elements.map((element) => element.canonical).join()}]`, start, end }
  const sorted = [...members].toSorted(([a], [b]) => (a < b ? -1 : 1))
  return { canonical: `{${sorted.map(([key, value]) => `${JSON.stringify(key)}:${value}`).join()}}`, start, end }
}

function scalar(literal: string | undefined): string | undefined {
  if (literal === undefined || /^[tfn]/.test(literal)) return literal
  const decimal = parseDecimal(literal)
  return decimal === undefined ? undefined : formatExact(decimal)
}

const escapes = new Map([['"', '"'], ['\\', '\\'], ['/', '/'], ['b', '\b'], ['f', '\f'], ['n', '\n'], ['r', '\r'], ['t', '\t']])

function escape(text: string, at: number): string | undefined {
  if (text[at] !== 'u') return escapes.get(text[at] ?? '')
  const hex = text.slice(at + 1, at + 5)
  if (!/^[0-9a-f]{4}$/i.test(hex) || hex === '0000') return undefined
  return String.fromCharCode(Number.parseInt(hex, 16))
}
