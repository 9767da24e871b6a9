import type { PgType } from '@rowferry/introspect'
import type { Cell, CellOptions } from '../cell.ts'
import { storedText } from '../example.ts'
import { impossible } from '../refusal.ts'
import { formatType } from '../type-name.ts'
import { losesPrecision, secondDigits } from './instant.ts'
import type { Judge } from './parts.ts'
import { partJudge } from './parts.ts'
import { textCell } from './text.ts'

const clockWord = impossible('SPECIAL_WORD', 'holds a word that PostgreSQL would replace by the time of loading')
const notATime = impossible('NOT_A_TIME', 'is no time of the form HH:MM:SS+00')
const noOffset = impossible('TIMEZONE_NEEDED', 'has no offset, and a time of day has one only in its own text')
const notMoney = impossible('NOT_A_NUMBER', 'is no amount of the form 1234.50, which means the same everywhere')
const losesCents = impossible('LOSES_SCALE', 'has more than two digits behind the point, and money would round it')
const notABound = impossible(
  'NOT_A_TIMESTAMP',
  'has a bound that is not plain: YYYY-MM-DD, with HH:MM:SS and an offset where the type has them',
)
const endsInBlanks = impossible('TOO_LONG', 'has a field that ends in blanks, which the target may cut')
const keyTwice = impossible('JSON_DUPLICATE_KEY', 'names a key twice, and hstore keeps one of them')
const tooLong = impossible('TOO_LONG', 'is longer than the one byte that "char" keeps')

const notANetwork = impossible('NOT_A_NETWORK', 'is no network of the form 10.1.0.0/16 or 2001:db8::/32')
const notAHardwareAddress = impossible(
  'NOT_A_HARDWARE_ADDRESS',
  'is no hardware address of the form 08:00:2b:01:02:03, 08-00-2b-01-02-03, 0800.2b01.0203 or 08002b:010203',
)

/**
 * Text for PostgreSQL's own input function, which judges it when it is moved on. Refused here is only what that function would take and
 * quietly make something else of. https://www.postgresql.org/docs/current/datatype.html
 */
export function inputCell(options: CellOptions, compile: (type: PgType) => Cell): Cell {
  const { type, integers } = options
  // The modifier is for the server to apply
  const { encode } = textCell({ ...options, type: { ...type, typmod: -1 } })
  const judges = [judgeOf(type), partJudge(type, compile)].filter((judge) => judge !== null)
  if (judges.length === 0) return { encode }
  return {
    encode(value, out) {
      const text = storedText(value, integers)
      if (text === null) return encode(value, out)
      for (const judge of judges) {
        const refusal = judge(text)
        if (refusal !== null) return refusal
      }
      return encode(value, out)
    },
  }
}

function judgeOf(type: PgType): Judge | null {
  const leaf = leafOf(type)
  if (leaf.kind === 'composite') return leaf.fields ? refuseClockWords : judgeComposite
  if (leaf.kind === 'range' || leaf.kind === 'multirange') return momentRange(leaf) ?? refuseClockWords
  if (leaf.name === 'hstore') return judgeHstore
  if (leaf.schema !== 'pg_catalog') return null
  if (leaf.name === 'timetz') return type === leaf ? timetzJudge(leaf.typmod) : refuseClockWords
  if (leaf.name === 'money') return judgeMoney
  if (type === leaf && (leaf.name === 'bit' || leaf.name === 'varbit')) return bitJudge(leaf)
  if (type === leaf && leaf.name === 'cidr') return judgeNetwork
  if (type === leaf && /^macaddr8?$/.test(leaf.name)) return judgeHardwareAddress
  return leaf.name === 'char' ? judgeChar : null
}

/** What an array, or a domain, is of in the end. */
function leafOf(type: PgType): PgType {
  const inner = type.kind === 'array' ? type.element : type.kind === 'domain' ? type.base : undefined
  return inner ? leafOf(inner) : type
}

/** https://www.postgresql.org/docs/current/datatype-datetime.html#DATATYPE-DATETIME-SPECIAL-VALUES */
const word = /^\s*(?:now|today|tomorrow|yesterday)(?:\s+[0-9:.]+)?\s*$/i

const refuseClockWords: Judge = (text) => (partsOf(text).some((part) => word.test(part)) ? clockWord : null)

/** What stands between brackets, quotes and commas. */
function partsOf(text: string): string[] {
  return text.split(/[[\](){}",\\]+/)
}

/** A bound goes through the lenient input of dates, which drops offsets, reads `170416` as a day and `01/02` by a setting: only what is plain passes. */
function momentRange(type: PgType): Judge | null {
  const [, name = ''] = /^(date|ts|tstz)(?:multi)?range$/.exec(type.name) ?? []
  if (name === '') return null
  const time = '(?:[ T]\\d\\d:\\d\\d(?::\\d\\d(?:\\.\\d{1,6})?)?)'
  const rest = { date: '', ts: `${time}?`, tstz: `${time} ?(?:Z|[+-]\\d\\d(?::?\\d\\d)?)` }[
    name as 'date' | 'ts' | 'tstz'
  ]
  const bound = new RegExp(`^(?:(?:\\d{4}|[1-9]\\d{4,6})-\\d\\d-\\d\\d${rest}|-?infinity|empty|)$`)
  return (text) => refuseClockWords(text) ?? (partsOf(text).every((part) => bound.test(part.trim())) ? null : notABound)
}

/** Blanks at the end of a field would be cut by a varchar(n), and nothing here knows the fields. */
const judgeComposite: Judge = (text) => refuseClockWords(text) ?? (/\s["),]/.test(text) ? endsInBlanks : null)

/** Of a key given twice hstore keeps one. */
const judgeHstore: Judge = (text) => {
  const keys = [...text.matchAll(/(?:"((?:[^"\\]|\\.)*)"|([^\s,="]+))\s*=>/g)].map(([, quoted, bare]) => quoted ?? bare)
  return new Set(keys).size === keys.length ? null : keyTwice
}

function timetzJudge(typmod: number): Judge {
  const digits = secondDigits(typmod)
  const form = /^(?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.(\d+))?)?( ?(?:Z|[+-]\d\d(?::?\d\d(?::?\d\d)?)?))?$/i
  return (text) => {
    const [whole, fraction = '', offset] = form.exec(text) ?? []
    if (whole === undefined) return word.test(text) || /^\s*allballs\s*$/i.test(text) ? clockWord : notATime
    if (offset === undefined) return noOffset
    return /[1-9]/.test(fraction.slice(digits)) ? { ...losesPrecision, verdict: 'impossible' } : null
  }
}

/** Signs and separators of an amount are those of `lc_monetary`, so that it goes by its decimal. */
const judgeMoney: Judge = (text) => {
  const [whole, rest] = /^-?\d+(?:\.\d{1,2}(\d*))?$/.exec(text) ?? []
  if (whole === undefined) return notMoney
  return rest !== undefined && /[1-9]/.test(rest) ? losesCents : null
}

/** `bit(n)` holds n bits and `bit varying(n)` at most n; the server, which says so as well, does not say in which column. */
function bitJudge(type: PgType): Judge | null {
  if (type.typmod < 0) return null
  return (text) => {
    const [, bits, nibbles] = /^(?:[bB]?([01]*)|[xX]([0-9a-fA-F]*))$/.exec(text) ?? []
    const length = bits?.length ?? (nibbles === undefined ? null : nibbles.length * 4)
    if (length === null) return null
    if (type.name === 'bit' ? length === type.typmod : length <= type.typmod) return null
    return impossible(
      'WRONG_LENGTH',
      `is ${length === 1 ? '1 bit' : `${length} bits`} long, which ${formatType(type)} does not hold`,
    )
  }
}

const judgeChar: Judge = (text) => (Buffer.byteLength(text) <= 1 || /^\\[0-3][0-7]{2}$/.test(text) ? null : tooLong)

/** Of a few digits the input makes a network by the classes of long ago, and it reads 0x10 as hexadecimal: neither is written in `1`, or `0.1`. */
const judgeNetwork: Judge = (text) =>
  text.includes(':') || /^\s*\d+(?:(?:\.\d+){3}(?:\/\d+)?|(?:\.\d+){0,2}\/\d+)\s*$/.test(text) ? null : notANetwork

/** The input takes groups of any length, so that 2024-01-02 would be 20:24:00:01:00:02. https://www.postgresql.org/docs/current/datatype-net-types.html */
const judgeHardwareAddress: Judge = (text) => {
  const groups = text.trim().split(/[:.-]/)
  const [length = 0] = groups.map((group) => group.length)
  if (!groups.every((group) => /^[0-9a-f]*$/i.test(group))) return null
  const even = length > 1 && groups.every((group) => group.length === length)
  return even && [12, 16].includes(length * groups.length) ? null : notAHardwareAddress
}
