import type { Kind, Target } from './any-type.ts'
import type { Stored } from './any-value.ts'

/** What must come of a cell: `printed` as the server prints it, should it arrive; undefined when it must not. `must`: to refuse it would be a fault. */
export interface Fate {
  readonly printed: string | null | undefined
  readonly must: boolean
}

/** The text to ask the server about: what the value says in PostgreSQL's own words. Null where it says nothing. */
export function inServerWords({ kind, declared }: Target, { class: stored, bound, text }: Stored): string | null {
  if (kind === 'bytes') {
    if (stored === 'null' || stored === 'integer' || stored === 'real') return null
    return `\\x${Buffer.from(bound as string | Buffer).toString('hex')}`
  }
  if (kind === 'uuid' && stored === 'blob') return (bound as Buffer).toString('hex')
  if (text === null) return null
  if (stored === 'integer' || stored === 'real') {
    if (/^(?:date|time|timestamp|timestamptz|interval|array|uuid)$/.test(kind)) return null
    const number = Number(bound)
    if (kind === 'truth') return number === 0 || number === 1 ? String(number) : null
    if (kind === 'integer' && stored === 'real') return Number.isInteger(number) ? String(BigInt(number)) : null
  }
  // Of a whole number no scale is known
  if (kind === 'numeric' && stored === 'real') return text.replace(/\.0$/, '')
  if (text.includes('\0')) return null
  if (/^(?:date|timestamp)/.test(kind)) return text.replace(/^\+0*(?=\d{4,}-)/, '')
  if (kind === 'interval' && /^-?P/.test(text)) return durationInWords(text)
  if (kind !== 'array') return text
  const literal = /^\s*\[/.test(text) && !/^\[[\d:-]+\]=/.test(text) ? arrayInWords(text) : text
  return /^(?:date|time)/.test(declared) ? (literal?.replaceAll(/(?<=["{,])\+0*(?=\d{4,}-)/g, '') ?? null) : literal
}

/** ISO 8601-2 lets a sign stand before the whole duration; PostgreSQL only before each part. */
function durationInWords(text: string): string {
  const turned = text.startsWith('-')
  return text
    .replace(/^-/, '')
    .replaceAll(/[+-](?=\d)|(?<![\d.+-])(?=\d)/g, (sign) => ((sign === '-') === turned ? '' : '-'))
}

interface Literal {
  readonly source: string
}

/** A JSON array as PostgreSQL writes arrays. */
function arrayInWords(text: string): string | null {
  const reviver = (_: string, value: unknown, context?: { readonly source?: string }): unknown =>
    typeof value === 'number' || typeof value === 'boolean' ? { source: context!.source! } : value
  const write = (value: unknown): string | null => {
    if (value === null) return 'NULL'
    if (typeof value === 'string') return `"${value.replaceAll(/["\\]/g, '\\$&')}"`
    if (!Array.isArray(value)) {
      const { source } = value as Partial<Literal>
      return typeof source === 'string' ? source.replace(/^(-?\d+)\.0+$/, '$1') : null
    }
    const parts = value.map(write)
    return parts.includes(null) ? null : `{${parts.join()}}`
  }
  try {
    return write(JSON.parse(text, reviver))
  } catch {
    return null
  }
}

/** `reads`: what the server prints of `inServerWords` in a column of this type; null where its input refuses it. */
export function fateOf(target: Target, value: Stored, reads: string | null): Fate {
  if (value.class === 'null') return { printed: null, must: target.declared !== 'short' }
  if (reads === null || !keeps(target, value, reads)) return { printed: undefined, must: false }
  return { printed: reads, must: mustArrive(target, value, reads) }
}

function mustArrive({ kind, declared }: Target, { class: stored, bound, text }: Stored, reads: string): boolean {
  const finite = stored !== 'real' || Number.isFinite(bound)
  if (stored !== 'text') {
    if (kind === 'integer') return stored === 'integer' || Math.abs(Number(bound)) < 2 ** 53
    if (kind === 'truth') return !Object.is(bound, -0)
    return (
      /^(?:float4|float8|bytes|uuid|text|padded)$/.test(kind) ||
      (finite && /^(?:numeric|decimal|json|jsonb)$/.test(kind))
    )
  }
  if (kind === 'bytes') return true
  // What the server itself writes is taken, but this
  if (reads !== text) return false
  if (/^[+-]?(?:infinity|nan)$/i.test(text) && !/^(?:text|padded)$/.test(kind)) return false
  if (/^(?:date|time)/.test(kind) && / BC$|^24:00:00|^294277-/.test(text)) return false
  if (kind === 'array') return !/NaN|infinity|^\[| BC/.test(text)
  if (kind === 'json') return !/\\u(?:0000|d[89a-f])/i.test(text)
  if (kind === 'float4' || kind === 'float8') return String(Number(text)) === text
  // Positions in an array, another calendar, blanks that a field's type may cut, midnight's other name
  if (kind === 'asked')
    return !/^\[-?\d+:| BC|24:00:00|infinity|\s["),]/i.test(text) && !(declared === 'pair' && / ["),]/.test(text))
  return kind !== 'money'
}

const clockWord = /\b(?:now|today|tomorrow|yesterday|allballs)\b/i

/** Does the server's reading still hold all that was said? */
function keeps({ kind, digits, declared }: Target, { class: stored, bound, text }: Stored, reads: string): boolean {
  if (kind === 'bytes' || kind === 'uuid' || kind === 'truth' || kind === 'array')
    return !(kind === 'array' && /^(?:date|time)/.test(declared) && clockWord.test(text!))
  const said = text!
  switch (kind) {
    case 'integer':
      return sameNumber(said, reads)
    case 'float4':
      return (
        sameNumber(said, reads) ||
        (stored !== 'text' && Number(bound) === Math.fround(Number(reads)) && exact(bound)) ||
        // Of a whole number that the type holds, the server prints fewer digits
        (Number.isInteger(Number(said)) &&
          said.replace(/e.*/i, '').replaceAll(/\D/g, '').length <= 15 &&
          Number(said) === Math.fround(Number(reads)))
      )
    case 'float8':
      return sameNumber(said, reads) || (stored !== 'text' && Number(bound) === Number(reads) && exact(bound))
    case 'numeric':
      return sameNumber(said, reads) && (!/^[^e]*\.[^e]*[1-9][^e]*$/i.test(said) || scaleOf(said) === scaleOf(reads))
    case 'decimal':
    case 'money':
      return sameNumber(said, reads)
    case 'text':
      return declared === '"char"' ? said === reads || /^\\[0-3][0-7]{2}$/.test(said) : said === reads
    case 'padded':
      return said.replace(/ +$/, '') === reads.replace(/ +$/, '')
    case 'json':
      return said === reads
    case 'jsonb':
      return keysOf(said) === keysOf(reads)
    case 'asked':
      return (
        !(clockWord.test(said) && /time|date|range|pair/.test(declared)) && !(declared === 'timetz' && tooFine(said, 6))
      )
    case 'interval':
      return !tooFine(said, digits)
    default:
      return keepsMoment(kind, digits, said)
  }
}

const offsetForm = /(?<=\d)\s*(?:z|utc|[+-]\d\d(?::?\d\d(?::?\d\d)?)?)$/i

function keepsMoment(kind: Kind, digits: number, said: string): boolean {
  if (clockWord.test(said) || tooFine(said, digits)) return false
  const time = /\d:\d/.test(said)
  const zoned = time && (offsetForm.test(said) || /[a-z]{3,}/i.test(said.replace(/ BC$/i, '')))
  if (kind === 'timestamptz') return zoned || /infinity/i.test(said)
  if (zoned) return false
  if (kind === 'date') return !time || /[ T]0?0:00(?::00(?:\.0+)?)?$/.test(said)
  return true
}

const tooFine = (said: string, digits: number): boolean =>
  /[1-9]/.test(/[\d]\.(\d+)\D*$/.exec(said)?.[1]?.slice(digits) ?? '')
const exact = (bound: Stored['bound']): boolean => typeof bound !== 'bigint' || BigInt(Number(bound)) === bound
const scaleOf = (text: string): number => /\.(\d+)/.exec(text)?.[1]?.length ?? 0
const keysOf = (json: string): number => json.match(/"(?:[^"\\]|\\.)*"\s*:/g)?.length ?? 0

/** Two decimals, as they are written. */
function sameNumber(a: string, b: string): boolean {
  const [one, other] = [a, b].map(normal)
  return one !== undefined && one === other
}

function normal(text: string): string | undefined {
  const word = /^\s*([+-]?)(inf(?:inity)?|nan)\s*$/i.exec(text)
  if (word) return word.slice(1).join('').replace('+', '').slice(0, 4).toLowerCase()
  const [, sign, whole = '', rest = '', exponent = '0'] =
    /^\s*([+-]?)(\d*)\.?(\d*)(?:e([+-]?\d+))?\s*$/i.exec(text.replaceAll('$', '').replaceAll(',', '')) ?? []
  if (sign === undefined) return undefined
  const digits = (whole + rest).replace(/^0+/, '')
  const kept = digits.replace(/0+$/, '')
  return kept === ''
    ? '0'
    : `${sign === '-' ? '-' : ''}${kept}e${Number(exponent) - rest.length + digits.length - kept.length}`
}
