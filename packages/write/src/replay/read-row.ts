import type { SourceRow, SourceValue, TableName } from '@rowferry/introspect'
import { InvalidText } from '@rowferry/introspect'
import { WriteError } from '../error.ts'
import { keyText } from '../reading.ts'
import type { Reject } from '../reject.ts'

/** One line of a quarantine as a row again. Throws `REPLAY_UNREADABLE`, naming the line. */
export interface SetAside {
  readonly source: TableName
  readonly values: ReadonlyMap<string, Reject['values'][number]>
}

export function readSetAside(line: string, where: string): SetAside {
  let json: Partial<Reject>
  try {
    json = JSON.parse(line) as Partial<Reject>
  } catch (error) {
    throw unreadable(where, 'is no JSON', error)
  }
  const { source, values } = json ?? {}
  if (typeof source?.schema !== 'string' || typeof source.name !== 'string')
    throw unreadable(where, 'names no table in "source"')
  if (!Array.isArray(values) || values.some((each) => typeof each?.column !== 'string'))
    throw unreadable(where, 'has no "values"')
  return { source, values: new Map(values.map((each) => [each.column, each])) }
}

/** The row's values for these columns, as a reader of the source would have given them. */
export function rowOf(
  { values }: SetAside,
  columns: readonly string[],
  integers: 'auto' | 'bigint',
  where: string,
): SourceRow {
  return columns.map((column) => {
    const value = values.get(column)
    if (!value) throw unreadable(where, `has no value for ${JSON.stringify(column)}`)
    const read = valueOf(value, integers)
    if (read === undefined) throw unreadable(where, `has no ${value.class} in ${JSON.stringify(column)}`)
    return read
  })
}

/** What the values are, however a hand has spelled them. */
export function contentOf(values: Reject['values']): string {
  return JSON.stringify(
    values.map((each) => {
      const value = valueOf(each, 'bigint')
      const shown = Object.is(value, -0) ? '-0' : value === undefined ? null : keyText(value)
      return [each.column, each.class, shown]
    }),
  )
}

const REAL = /^[+-]?(?:\d+\.?\d*(?:e[+-]?\d+)?|\.\d+(?:e[+-]?\d+)?|Infinity)$/i

function valueOf(
  { class: storageClass, value }: Reject['values'][number],
  integers: 'auto' | 'bigint',
): SourceValue | undefined {
  if (storageClass === 'null') return value === null ? null : undefined
  if (storageClass === 'text') return typeof value === 'string' ? value : undefined
  if (storageClass === 'integer') {
    if (typeof value !== 'string' || !/^-?\d+$/.test(value)) return undefined
    const whole = BigInt(value)
    return integers === 'auto' && BigInt.asIntN(54, whole) === whole && whole !== -(2n ** 53n) ? Number(whole) : whole
  }
  if (storageClass === 'real') return typeof value === 'string' && REAL.test(value) ? Number(value) : undefined
  if (typeof value !== 'object' || value === null || typeof value.base64 !== 'string') return undefined
  const bytes = new Uint8Array(Buffer.from(value.base64, 'base64'))
  return storageClass === 'blob'
    ? bytes
    : storageClass === 'invalid text'
      ? new InvalidText(bytes, value.encoding)
      : undefined
}

function unreadable(where: string, what: string, cause?: unknown): WriteError {
  return new WriteError('REPLAY_UNREADABLE', `${where} ${what}`, {
    remedy: 'mend "class" and "value" of the columns under "values", and leave the rest of the line as it is',
    cause,
  })
}
