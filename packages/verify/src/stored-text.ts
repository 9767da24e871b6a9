import type { SourceValue } from '@rowferry/introspect'

/** Is this JavaScript number a stored integer? `numbersAreReals` when the reader gave every integer as a bigint, or the column holds none. */
function isInteger(value: number, numbersAreReals: boolean): boolean {
  return !numbersAreReals && Number.isSafeInteger(value) && !Object.is(value, -0)
}

/** A stored value as text: integers in decimal, reals with the fewest digits that read back as the same double, a point always among them. Undefined for bytes. */
export function storedText(value: SourceValue, numbersAreReals: boolean): string | undefined {
  if (typeof value === 'string') return value
  if (typeof value === 'bigint') return String(value)
  if (typeof value !== 'number') return undefined
  return isInteger(value, numbersAreReals) ? String(value) : realText(value)
}

function realText(value: number): string {
  if (Object.is(value, -0)) return '-0.0'
  const text = String(value)
  return /^-?\d+$/.test(text) ? `${text}.0` : text
}
