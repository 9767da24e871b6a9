import type { PgType } from '@rowferry/introspect'
import type { Cell, CellOptions } from './cell.ts'
import type { IntegerMode } from './example.ts'
import { typeUnsupported } from './refusal.ts'
import { elementOf } from './type-name.ts'
import { arrayCell } from './types/array.ts'
import { booleanCell } from './types/boolean.ts'
import { bytesCell } from './types/bytes.ts'
import { enumCell } from './types/enumeration.ts'
import { float4Cell, float8Cell } from './types/float.ts'
import { inputCell } from './types/input.ts'
import { bigintCell, integerCell } from './types/integer.ts'
import { intervalCell } from './types/interval.ts'
import { jsonCell } from './types/json.ts'
import { dateCell, timeCell, timestampCell, timestamptzCell } from './types/moment.ts'
import { numericCell } from './types/numeric.ts'
import { nameCell, textCell } from './types/text.ts'
import { uuidCell } from './types/uuid.ts'
import type { Zone } from './types/zone.ts'

const cells = new Map<string, (options: CellOptions) => Cell>([
  ['bool', booleanCell],
  ['int2', () => integerCell('int2')],
  ['int4', () => integerCell('int4')],
  ['int8', bigintCell],
  ['oid', () => integerCell('oid')],
  ['float4', float4Cell],
  ['float8', float8Cell],
  ['numeric', numericCell],
  ['text', textCell],
  ['varchar', textCell],
  ['bpchar', textCell],
  ['name', nameCell],
  ['bytea', bytesCell],
  ['uuid', uuidCell],
  ['date', dateCell],
  ['time', timeCell],
  ['timestamp', timestampCell],
  ['timestamptz', timestamptzCell],
  ['interval', intervalCell],
  ['json', jsonCell],
  ['jsonb', jsonCell],
])

/** The built-in types with an encoder of their own, by `pg_type.typname`. */
export const encodedTypes: readonly string[] = [...cells.keys()]

export const unsupported: Cell = { encode: () => typeUnsupported }

export interface ResolvedType {
  /** No domain. */
  readonly type: PgType
  /** A domain on the way takes no NULL. */
  readonly notNull: boolean
}

/** What a domain is made of, through domains over domains. */
export function resolveDomain(declared: PgType): ResolvedType {
  let type = declared
  let notNull = false
  while (type.kind === 'domain' && type.base) {
    notNull ||= type.notNull ?? false
    type = type.base
  }
  return { type, notNull }
}

/**
 * Has the type no encoder of its own, so that its cells are sent as `text` and the server's input function makes the value? So are all but
 * the built-in types of `builtinType`, enums, `citext`, and domains and arrays of these; pseudo-types and arrays of `money` cannot be sent at all.
 */
export function goesThroughText(declared: PgType): boolean {
  const { type } = resolveDomain(declared)
  return !hasEncoder(type) && type.kind !== 'pseudo' && !isMoneyArray(type)
}

/** The type whose input function reads the text: domains resolved, and without a modifier, which is for the assignment to check. */
export function inputType(declared: PgType): PgType {
  return { ...resolveDomain(declared).type, typmod: -1 }
}

function hasEncoder(type: PgType): boolean {
  if (type.kind === 'enum') return true
  if (type.kind === 'array' && type.element) return hasEncoder(resolveDomain(type.element).type)
  return type.kind === 'base' && baseCell(type) !== undefined
}

/** Its text is that of `lc_monetary`, and an array offers no way around it. */
function isMoneyArray(type: PgType): boolean {
  if (type.kind !== 'array' || !type.element) return false
  const { type: element } = resolveDomain(type.element)
  return isMoneyArray(element) || (element.schema === 'pg_catalog' && element.name === 'money')
}

function baseCell(type: PgType): ((options: CellOptions) => Cell) | undefined {
  // An extension's type lives where it was installed
  if (type.name === 'citext') return textCell
  return type.schema === 'pg_catalog' ? cells.get(type.name) : undefined
}

/** The encoder of a resolved type's cells. */
export function compileCell(options: { type: PgType; integers: IntegerMode; zone: Zone | null }): Cell {
  const { type } = options
  // A zone is for whole cells: the server reads what is inside of one
  if (goesThroughText(type))
    return inputCell(options, (part) => compileCell({ ...options, type: resolveDomain(part).type, zone: null }))
  if (!hasEncoder(type)) return unsupported
  if (type.kind === 'enum') return enumCell(options)
  if (type.kind === 'array' && type.element) {
    const declared = elementOf(type)
    const { type: element, notNull } = resolveDomain(declared)
    return arrayCell({ declared, type: element, notNull, cell: compileCell({ ...options, type: element }) })
  }
  return baseCell(type)?.(options) ?? unsupported
}
