import { InvalidText, type SourceRow } from '@rowferry/introspect'
import { halve, highHalf, lowHalf } from './halves.ts'
import { residueOf } from './residue.ts'

/** What a reader handed out of one column. */
export interface ColumnAccount {
  nulls: number
  integers: number
  reals: number
  texts: number
  /** Texts with U+FFFD. */
  replaced: number
  blobs: number
  /** Texts in UTF-8, and in UTF-16. */
  octets: number
  units: number
  blobOctets: number
  /** Integers: the sum is `sum` + `low` + 2^32 × `farHigh` + `farLow`, of which all but the first always stay exact. */
  sum: bigint
  low: number
  farHigh: number
  farLow: number
  min: number
  max: number
  farMin: bigint | null
  farMax: bigint | null
  /** Reals: a whole number that their sum is equal to modulo 2^31 − 1. */
  residue: bigint
}

const exactly = 2 ** 52

export const emptyAccount = (): ColumnAccount => ({
  nulls: 0,
  integers: 0,
  reals: 0,
  texts: 0,
  replaced: 0,
  blobs: 0,
  octets: 0,
  units: 0,
  blobOctets: 0,
  sum: 0n,
  low: 0,
  farHigh: 0,
  farLow: 0,
  min: Infinity,
  max: -Infinity,
  farMin: null,
  farMax: null,
  residue: 0n,
})

/** `numbersAreReals`: a number is a real, integers come as bigint (or not at all); else an integral one is an integer. */
export function addColumn(
  account: ColumnAccount,
  rows: readonly SourceRow[],
  column: number,
  numbersAreReals: boolean,
): void {
  // In local variables, since this sees every cell
  let nulls = 0
  let integers = 0
  let reals = 0
  let texts = 0
  let octets = 0
  let units = 0
  let residue = 0
  let { low, min, max } = account
  for (let i = 0; i < rows.length; i += 1) {
    const value = rows[i]![column]
    if (typeof value === 'string') {
      texts += 1
      units += value.length
      octets += utf8Length(value)
      if (value.includes('\uFFFD')) account.replaced += 1
    } else if (typeof value === 'number') {
      if (numbersAreReals || !Number.isSafeInteger(value) || Object.is(value, -0)) {
        reals += 1
        residue += residueOf(value)
        if (residue > exactly || residue < -exactly) {
          account.residue += BigInt(residue)
          residue = 0
        }
      } else {
        integers += 1
        if (value < min) min = value
        if (value > max) max = value
        if (value > exactly || value < -exactly) account.sum += BigInt(value)
        else {
          low += value
          if (low > exactly || low < -exactly) {
            account.sum += BigInt(low - value)
            low = value
          }
        }
      }
    } else if (value === null) nulls += 1
    else if (typeof value === 'bigint') {
      integers += 1
      addBigint(account, value)
    } else if (value !== undefined) addBytes(account, value)
  }
  account.nulls += nulls
  account.integers += integers
  account.reals += reals
  if (residue !== 0) account.residue += BigInt(residue)
  account.texts += texts
  account.octets += octets
  account.units += units
  account.low = low
  account.min = min
  account.max = max
}

function addBigint(account: ColumnAccount, value: bigint): void {
  if (account.farMin === null || value < account.farMin) account.farMin = value
  if (account.farMax === null || value > account.farMax) account.farMax = value
  if (!halve(value)) {
    account.sum += value
    return
  }
  account.farHigh += highHalf()
  account.farLow += lowHalf()
  if (account.farLow > exactly || account.farHigh > exactly || account.farHigh < -exactly) {
    account.sum += farSum(account)
    account.farHigh = 0
    account.farLow = 0
  }
}

const farSum = ({ farHigh, farLow }: ColumnAccount): bigint => BigInt(farHigh) * 4294967296n + BigInt(farLow)

function addBytes(account: ColumnAccount, value: InvalidText | Uint8Array): void {
  if (value instanceof InvalidText) {
    account.texts += 1
    account.blobOctets += value.bytes.length
  } else {
    account.blobs += 1
    account.blobOctets += value.length
  }
}

const shortText = 20

function utf8Length(text: string): number {
  const { length } = text
  if (length > shortText) return Buffer.byteLength(text)
  for (let i = 0; i < length; i += 1) if (text.charCodeAt(i) > 127) return Buffer.byteLength(text)
  return length
}

export interface IntegerAccount {
  readonly sum: string | null
  readonly min: string | null
  readonly max: string | null
}

export function integerAccount(account: ColumnAccount): IntegerAccount {
  if (account.integers === 0) return { sum: null, min: null, max: null }
  const { farMin, farMax, min, max } = account
  const ends = [
    ...(min <= max ? [BigInt(min), BigInt(max)] : []),
    ...(farMin === null ? [] : [farMin]),
    ...(farMax === null ? [] : [farMax]),
  ]
  const sorted = ends.toSorted((a, b) => (a < b ? -1 : a > b ? 1 : 0))
  return {
    sum: String(account.sum + BigInt(account.low) + farSum(account)),
    min: String(sorted[0]),
    max: String(sorted.at(-1)),
  }
}
