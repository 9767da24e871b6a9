import type { SourceValue } from '@rowferry/introspect'
import type { ExpectedColumn, ExpectedType } from './expectation.ts'
import { arrayForm } from './form-array.ts'
import { intervalForm } from './form-interval.ts'
import { inputForm } from './form-input.ts'
import { jsonbForm, jsonForm } from './form-json.ts'
import { float4Form, float8Form } from './form-float.ts'
import { boolForm, integerForm, numericForm } from './form-number.ts'
import { bpcharForm, byteaForm, enumForm, textForm, uuidForm } from './form-text.ts'
import { dateForm, timeForm, timeRules, timestampForm } from './form-time.ts'
import type { CellForm } from './form.ts'
import { putRight } from './put-right.ts'
import { storedText } from './stored-text.ts'

/** How the numbers a reader gives are to be read: `numbersAreReals` when every integer comes as a bigint, or the column holds none. */
export interface NumberReading {
  readonly numbersAreReals: boolean
}

export function formOf(column: ExpectedColumn, reading: NumberReading): CellForm {
  return typeForm(column.type, column, reading, true)
}

function typeForm(
  type: ExpectedType,
  column: ExpectedColumn,
  { numbersAreReals }: NumberReading,
  whole: boolean,
): CellForm {
  const lossy = column.lossy ?? false
  switch (type.kind) {
    case 'bool':
      return boolForm
    case 'int2':
    case 'int4':
    case 'int8':
    case 'oid':
      return integerForm(type.kind, lossy)
    case 'float4':
      return float4Form(lossy)
    case 'float8':
      return float8Form(lossy, type.digits ?? null)
    case 'numeric':
      return numericForm(type.precision === null ? null : (type.scale ?? 0), lossy, whole && type.precision === null)
    case 'text':
      return textForm(type.length ?? null, lossy, numbersAreReals)
    case 'bpchar':
      return bpcharForm(type.length ?? null, lossy, numbersAreReals)
    case 'enum':
      return enumForm(type.labels, numbersAreReals)
    case 'bytea':
      return byteaForm
    case 'uuid':
      return uuidForm
    case 'date':
      return dateForm(timeRules(column, 6))
    case 'time':
      return timeForm(timeRules(column, type.precision ?? 6))
    case 'timestamp':
    case 'timestamptz':
      return timestampForm(type.kind, timeRules(column, type.precision ?? 6))
    case 'interval':
      return intervalForm(type.precision ?? 6, lossy, whole ? column.epoch : undefined)
    case 'json':
      return jsonForm(numbersAreReals)
    case 'jsonb':
      return jsonbForm(lossy)
    case 'input':
      return inputForm(type, numbersAreReals)
    case 'array': {
      const raw = type.element.kind === 'json' || type.element.kind === 'jsonb'
      return arrayForm(typeForm(type.element, column, { numbersAreReals: false }, false), raw)
    }
    default:
      return type satisfies never
  }
}

/** Does 1 differ from 1.0 here? Where a number arrives as text, or is looked up as text. */
export function tellsRealsApart(column: ExpectedColumn): boolean {
  return column.map !== undefined || ['text', 'bpchar', 'enum', 'json', 'input'].includes(column.type.kind)
}

/** The agreed mends and then the value map as a function of stored values; null when there are none. */
export function valueMap(
  column: ExpectedColumn,
  { numbersAreReals }: NumberReading,
): ((value: SourceValue) => SourceValue) | null {
  const { mends = [], map = [] } = column
  const pairs = new Map(map)
  if (mends.length === 0 && pairs.size === 0) return null
  return (stored) => {
    const value = mends.length === 0 ? stored : putRight(stored, mends, column.type)
    if (pairs.size === 0) return value
    const text = storedText(value, numbersAreReals)
    if (text === undefined) return value
    // 1.0 is found under 1, too, where nothing is said of 1.0
    const from = [text, typeof value === 'number' ? text.replace(/\.0$/, '') : text].find((each) => pairs.has(each))
    return from === undefined ? value : (pairs.get(from) ?? null)
  }
}

const widths = new Map<ExpectedType['kind'], number>([
  ['bool', 1],
  ['int2', 2],
  ['int4', 4],
  ['oid', 4],
  ['float4', 4],
  ['date', 4],
  ['int8', 8],
  ['float8', 8],
  ['time', 8],
  ['timestamp', 8],
  ['timestamptz', 8],
  ['uuid', 16],
  ['interval', 16],
])

/** Bytes of a cell as PostgreSQL sends it; 0 where they vary. */
export function widthOf(type: ExpectedType): number {
  return widths.get(type.kind) ?? 0
}
