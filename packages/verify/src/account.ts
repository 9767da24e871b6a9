import { InvalidText, type SourceRow } from '@rowferry/introspect'
import type { TableAggregate } from '@rowferry/source'

/** What a reader handed out, summed per column as the database sums it. */
export interface Account {
  /** Values beyond the accounted columns are ignored. */
  add(row: SourceRow): void
  /** Columns whose account is not the database's own. */
  disagreements(aggregate: TableAggregate): string[]
}

interface ColumnAccount {
  nulls: number
  integers: number
  reals: number
  texts: number
  blobs: number
  /** Texts in UTF-8, and in UTF-16. */
  octets: number
  units: number
  blobOctets: number
  /** Integers: the sum is `sum` + `low`, of which `low` always stays exact. */
  sum: bigint
  low: number
  min: number
  max: number
  farMin: bigint | null
  farMax: bigint | null
}

const exactly = 2 ** 52

/** `numbersAreReals[i]`: a number in column i is a real, integers come as bigint (or not at all); else an integral one is an integer. */
export function openAccount(columns: readonly string[], numbersAreReals: readonly boolean[]): Account {
  const accounts = columns.map(emptyAccount)
  const count = columns.length
  return {
    add(row) {
      for (let i = 0; i < count; i += 1) {
        const account = accounts[i]!
        const value = row[i]
        if (typeof value === 'number') {
          if (numbersAreReals[i] || !Number.isSafeInteger(value) || Object.is(value, -0)) account.reals += 1
          else addInteger(account, value)
        } else if (typeof value === 'string') {
          account.texts += 1
          account.units += value.length
          account.octets += utf8Length(value)
        } else if (value === null) account.nulls += 1
        else if (typeof value === 'bigint') addBigint(account, value)
        else if (value instanceof InvalidText) {
          account.texts += 1
          account.blobOctets += value.bytes.length
        } else if (value !== undefined) {
          account.blobs += 1
          account.blobOctets += value.length
        }
      }
    },
    disagreements(aggregate) {
      const theirs = new Map(aggregate.columns.map((column) => [column.column, column]))
      // A UTF-16 database counts its octets in that encoding, in every column
      const octets = columns.every((name, i) => theirs.get(name)?.octets === utf16Octets(accounts[i]!))
        ? utf16Octets
        : utf8Octets
      return columns.filter((name, i) => {
        const own = accounts[i]!
        const other = theirs.get(name)
        if (other === undefined) return true
        const integral = own.integers - other.integers
        // Numbers alone cannot tell 1.0 from 1: where a column holds both, only their whole number is certain
        const undecided = integral > 0 && other.reals > 0 && own.reals + integral === other.reals && !numbersAreReals[i]
        const { sum, min, max } = integerAccount(own)
        const sameNumbers =
          undecided ||
          (integral === 0 &&
            own.reals === other.reals &&
            sum === other.integerSum &&
            min === other.integerMin &&
            max === other.integerMax)
        const sameClasses = own.nulls === other.nulls && own.texts === other.texts && own.blobs === other.blobs
        return !(sameNumbers && sameClasses && other.octets === octets(own))
      })
    },
  }
}

const emptyAccount = (): ColumnAccount => ({
  nulls: 0,
  integers: 0,
  reals: 0,
  texts: 0,
  blobs: 0,
  octets: 0,
  units: 0,
  blobOctets: 0,
  sum: 0n,
  low: 0,
  min: Infinity,
  max: -Infinity,
  farMin: null,
  farMax: null,
})

function addInteger(account: ColumnAccount, value: number): void {
  account.integers += 1
  if (value < account.min) account.min = value
  if (value > account.max) account.max = value
  if (value > exactly || value < -exactly) account.sum += BigInt(value)
  else {
    const low = account.low + value
    if (low <= exactly && low >= -exactly) account.low = low
    else {
      account.sum += BigInt(low)
      account.low = 0
    }
  }
}

function addBigint(account: ColumnAccount, value: bigint): void {
  const number = Number(value)
  if (Number.isSafeInteger(number)) {
    addInteger(account, number)
    return
  }
  account.integers += 1
  account.sum += value
  if (account.farMin === null || value < account.farMin) account.farMin = value
  if (account.farMax === null || value > account.farMax) account.farMax = value
}

function integerAccount(account: ColumnAccount): { sum: string | null; min: string | null; max: string | null } {
  if (account.integers === 0) return { sum: null, min: null, max: null }
  const { farMin, farMax, min, max } = account
  const ends = [
    ...(min <= max ? [BigInt(min), BigInt(max)] : []),
    ...(farMin === null ? [] : [farMin]),
    ...(farMax === null ? [] : [farMax]),
  ]
  const sorted = ends.toSorted((a, b) => (a < b ? -1 : a > b ? 1 : 0))
  return { sum: String(account.sum + BigInt(account.low)), min: String(sorted[0]), max: String(sorted.at(-1)) }
}

const utf8Octets = (account: ColumnAccount): string => String(account.octets + account.blobOctets)
const utf16Octets = (account: ColumnAccount): string => String(account.units * 2 + account.blobOctets)

function utf8Length(text: string): number {
  const { length } = text
  if (length > 64) return Buffer.byteLength(text)
  for (let i = 0; i < length; i += 1) if (text.charCodeAt(i) > 127) return Buffer.byteLength(text)
  return length
}
