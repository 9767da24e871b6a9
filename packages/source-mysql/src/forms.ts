import type { Column, SourceValue } from '@rowferry/introspect'
import { SourceError } from '@rowferry/source'
import type { Cell } from './connection.ts'
import { quoteName } from './quote.ts'

type Integers = 'auto' | 'bigint'

/** How a column's values are asked for, and what they are in the contract's words. */
export interface Form {
  readonly name: string
  /** What stands in a SELECT over the table called `t`. Texts are counted as the octets of this expression, too. */
  readonly expression: string
  readonly holds: 'integers' | 'reals' | 'texts' | 'blobs'
  /** May a value be longer than 64 KiB? */
  readonly large: boolean
  /** The SQL of a value, to compare the column with; null for columns that are not sorted as their values read. */
  readonly literal: ((value: SourceValue) => string) | null
  decode(cell: Cell, integers: Integers): SourceValue
}

/** `enum('a','b')` is the word `enum`, `bigint(20) unsigned` the word `bigint`. */
export function typeWord(declaredType: string): string {
  return /^\w+/.exec(declaredType)?.[0].toLowerCase() ?? ''
}

const asText = (name: string): string => `CAST(t.${quoteName(name)} AS CHAR)`
const spatial =
  /^(?:geometry|point|linestring|polygon|multipoint|multilinestring|multipolygon|geometrycollection|geomcollection)$/

export function isSpatial(declaredType: string): boolean {
  return spatial.test(typeWord(declaredType))
}

/** One column's form by its declared type. */
export function formOf({ name, declaredType }: Column): Form {
  const word = typeWord(declaredType)
  const own = `t.${quoteName(name)}`
  const make = (form: Partial<Form> & Pick<Form, 'holds'>): Form => ({
    name,
    expression: own,
    large: false,
    literal: null,
    decode: form.holds === 'integers' ? whole : form.holds === 'reals' ? real : plain,
    ...form,
  })
  switch (word) {
    case 'tinyint':
    case 'smallint':
    case 'mediumint':
    case 'int':
    case 'bigint':
    case 'year':
      return make({ holds: 'integers', literal: sayText })
    case 'bit':
      return bitForm(make, own, Number(/\((\d+)\)/.exec(declaredType)?.[1] ?? 1))
    // As text, since the server writes doubles with all of their digits, but floats with six, and the driver's own reading of them rounds
    case 'float':
    case 'double':
      return make({ holds: 'reals', expression: `CAST(${own} + 0e0 AS CHAR)` })
    case 'decimal':
      return make({ holds: 'texts', expression: asText(name), literal: (value) => digits(value) })
    case 'date':
    case 'datetime':
      return make({ holds: 'texts', expression: asText(name), literal: quoted })
    case 'time':
      return make({ holds: 'texts', expression: asText(name) })
    // The session's zone is UTC, which is how the server stores them; a zero date is no moment and has no zone
    case 'timestamp':
      return make({
        holds: 'texts',
        expression: `IF(${own} = 0, ${asText(name)}, CONCAT(${own}, '+00:00'))`,
        literal: (value) => quoted(sayText(value).replace('+00:00', '')),
      })
    case 'char':
    case 'varchar':
      return make({ holds: 'texts', literal: quoted })
    case 'tinytext':
      return make({ holds: 'texts' })
    case 'text':
    case 'mediumtext':
    case 'longtext':
      return make({ holds: 'texts', large: true })
    case 'enum':
    case 'set':
      return make({ holds: 'texts' })
    case 'json':
      return make({ holds: 'texts', expression: asText(name), large: true })
    case 'binary':
    case 'varbinary':
      return make({ holds: 'blobs', literal: quoted })
    case 'tinyblob':
      return make({ holds: 'blobs' })
    case 'blob':
    case 'mediumblob':
    case 'longblob':
      return make({ holds: 'blobs', large: true })
    case 'vector':
      return make({ holds: 'blobs', expression: `CAST(${own} AS BINARY)`, large: true })
    default:
      return spatial.test(word)
        ? make({ holds: 'blobs', expression: `ST_AsWKB(${own})`, large: true })
        : make({ holds: 'texts', expression: asText(name) })
  }
}

/** One bit is 0 or 1; several are `B0101`, which PostgreSQL reads as bits and nothing takes for a number. */
function bitForm(make: (form: Partial<Form> & Pick<Form, 'holds'>) => Form, own: string, bits: number): Form {
  if (bits === 1) return make({ holds: 'integers', expression: `(${own} + 0)` })
  return make({ holds: 'texts', expression: `CONCAT('B', LPAD(BIN(${own} + 0), ${bits}, '0'))` })
}

/** A condition is 1 or 0. */
export function conditionForm(name: string, expression: string): Form {
  return { name, expression, holds: 'integers', large: false, literal: null, decode: whole }
}

function whole(cell: Cell, integers: Integers): SourceValue {
  if (cell === null) return null
  if (integers === 'bigint') return BigInt(cell as string | number)
  if (typeof cell === 'number') return cell
  const text = cell as string
  const number = Number(text)
  return Number.isSafeInteger(number) ? number : BigInt(text)
}

const real = (cell: Cell): SourceValue => (cell === null ? null : Number(cell))
const plain = (cell: Cell): SourceValue => cell

function sayText(value: SourceValue): string {
  if (value === null || typeof value === 'object') throw new TypeError('A key holds neither NULL nor what is no text')
  return String(value)
}

function digits(value: SourceValue): string {
  const text = sayText(value)
  if (/^-?\d+(?:\.\d+)?$/.test(text)) return text
  throw new SourceError('SOURCE_CHANGED', `${JSON.stringify(text)} is no decimal, so that no row can be found after it`)
}

/** As hexadecimal digits: no mode of the server reads anything else into them. */
function quoted(value: SourceValue): string {
  if (value instanceof Uint8Array) return `X'${Buffer.from(value).toString('hex')}'`
  return `_utf8mb4 X'${Buffer.from(sayText(value)).toString('hex')}'`
}
