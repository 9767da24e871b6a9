import { InvalidText, type SourceRow, type SourceValue } from '@rowferry/introspect'
import { formOf, valueMap, widthOf, type NumberReading } from './column.ts'
import { VerifyError } from './error.ts'
import type { ExpectedColumn, ExpectedTable } from './expectation.ts'
import { sameCanonical, type CellForm } from './form.ts'
import type { Tuple } from './tuples.ts'

/** An expected table, compiled: what to read from the source, and how each cell is judged. */
export interface Comparison {
  readonly expected: ExpectedTable
  /** What to ask of the source: first the columns that are compared, then what else names a row. */
  readonly sourceColumns: readonly string[]
  readonly numbersAreReals: readonly boolean[]
  /** Cell i of the target stems from the source row's value at `from[i]`; -1 where `fills[i]` says what it is. */
  readonly from: readonly number[]
  readonly fills: readonly (string | null | undefined)[]
  readonly forms: readonly CellForm[]
  /** Bytes of each cell in PostgreSQL's binary format; 0 where they vary. */
  readonly widths: readonly number[]
  readonly maps: readonly (((value: SourceValue) => SourceValue) | null)[]
  /** As `from`, but -1 wherever the value is not taken as it is stored. */
  readonly asStored: readonly number[]
  /** Of each form. */
  readonly obvious: readonly CellForm['obvious'][]
  /** The cells that name a row in both databases; empty when none do, then a row is named by all of its cells. */
  readonly keyCells: readonly number[]
  /** Where the source row holds what names it. */
  readonly keyFrom: readonly number[]
}

/** @throws VerifyError `EXPECTATION_INVALID` when a time zone is unknown. */
export function compareBy(expected: ExpectedTable, readingOf: (column: string) => NumberReading): Comparison {
  const compared = [...new Set(readColumns(expected).map((column) => column.source))]
  const named = expected.key.length > 0 ? expected.key : expected.rowIdentifier === null ? [] : [expected.rowIdentifier]
  const sourceColumns = [...new Set([...compared, ...named])]
  // What fills a column is text
  const numbersOf = ({ fill, source }: ExpectedColumn): NumberReading =>
    fill === undefined ? readingOf(source) : { numbersAreReals: false }
  const keyCells = expected.key.map((key) =>
    expected.columns.findIndex((column) => column.source === key && column.fill === undefined),
  )
  const filledKeyCells = expected.columns.flatMap(({ fill, inKey }, cell) =>
    fill !== undefined && inKey ? [cell] : [],
  )
  const from = expected.columns.map((column) => (column.fill === undefined ? sourceColumns.indexOf(column.source) : -1))
  const forms = expected.columns.map((column) => checkedForm(column.timezone, () => formOf(column, numbersOf(column))))
  const maps = expected.columns.map((column) => valueMap(column, numbersOf(column)))
  return {
    expected,
    sourceColumns,
    numbersAreReals: sourceColumns.map((column) => readingOf(column).numbersAreReals),
    from,
    fills: expected.columns.map((column) => column.fill),
    forms,
    widths: expected.columns.map(({ type }) => widthOf(type)),
    maps,
    asStored: from.map((at, cell) => (maps[cell] === null ? at : -1)),
    obvious: forms.map((form) => form.obvious),
    keyCells: keyCells.includes(-1) || keyCells.length === 0 ? [] : [...keyCells, ...filledKeyCells],
    keyFrom: named.map((column) => sourceColumns.indexOf(column)),
  }
}

function checkedForm(timezone: string | undefined, make: () => CellForm): CellForm {
  try {
    return make()
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    throw new VerifyError(
      'EXPECTATION_INVALID',
      `${JSON.stringify(timezone)} is no time zone`,
      'Name an IANA time zone such as Europe/Paris.',
    )
  }
}

/** The columns that stem from the source. */
export function readColumns({ columns }: ExpectedTable): ExpectedColumn[] {
  return columns.filter((column) => column.fill === undefined)
}

/** The value as agreed: what the value map made of it, or what fills the column. */
export function agreedValue(comparison: Comparison, row: SourceRow, cell: number): SourceValue {
  const fill = comparison.fills[cell]
  if (fill !== undefined) return fill
  const value = row[comparison.from[cell]!]!
  const map = comparison.maps[cell]!
  return map === null || value === null ? value : map(value)
}

/** The first cell in which the row and the tuple in view differ, or -1. */
export function firstDifference(comparison: Comparison, row: SourceRow, tuple: Tuple): number {
  const { forms, asStored, obvious } = comparison
  const { bytes, at, size } = tuple
  for (let cell = 0; cell < obvious.length; cell += 1) {
    const from = asStored[cell]!
    const value = from < 0 ? agreedValue(comparison, row, cell) : row[from]!
    const length = size[cell]!
    if (value === null || length < 0) {
      if (value !== null || length >= 0) return cell
    } else if (
      !obvious[cell]!(bytes, at[cell]!, length, value) &&
      !sameMeaning(forms[cell]!, bytes, at[cell]!, length, value)
    )
      return cell
  }
  return -1
}

const sameMeaning = (form: CellForm, bytes: Buffer, at: number, size: number, value: SourceValue): boolean =>
  sameCanonical(form.ofSource(value), form.ofTarget(bytes, at, size))

export function sameCell(form: CellForm, bytes: Buffer, at: number, size: number, value: SourceValue): boolean {
  return form.obvious(bytes, at, size, value) || sameMeaning(form, bytes, at, size, value)
}

/** Do the cells that name the row agree? */
export function sameKey(comparison: Comparison, row: SourceRow, tuple: Tuple): boolean {
  return comparison.keyCells.every((cell) => {
    const value = agreedValue(comparison, row, cell)
    const size = tuple.size[cell]!
    if (value === null || size < 0) return value === null && size < 0
    return sameCell(comparison.forms[cell]!, tuple.bytes, tuple.at[cell]!, size, value)
  })
}

/** Was this row set aside? Null where none was. `position`: the row's number in the reading, from 1, its name where it has no other. */
export function rejection({ expected, keyFrom }: Comparison): ((row: SourceRow, position: number) => boolean) | null {
  if (expected.rejected.length === 0) return null
  const rejected = new Set(expected.rejected)
  const keyless = expected.key.length === 0
  return (row, position) => {
    const key = keyFrom.map((from) => keyText(row[from] ?? null))
    return rejected.has(keyless ? (key[0] ?? String(position)) : JSON.stringify(key))
  }
}

function keyText(value: SourceValue): string | null {
  if (value === null || typeof value === 'string') return value
  const bytes = value instanceof InvalidText ? value.bytes : value
  return typeof bytes === 'object' ? `\\x${Buffer.from(bytes).toString('hex')}` : String(bytes)
}
