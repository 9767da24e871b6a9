import type { PgType, SourceValue } from '@rowferry/introspect'
import { InvalidText } from '@rowferry/introspect'
import { readJsonb } from './jsonb.ts'
import { stripEscapes, unwrapJson } from './json.ts'

/**
 * What may be put right in a column's values before anything else looks at them, each only where it is named, in this order:
 * `replace-invalid` bytes that are no character become U+FFFD; `decode-jsonb` a blob in SQLite's own JSONB becomes its JSON text; `decode-text` one that is UTF-8 becomes that text;
 * `strip-nul` U+0000 is taken out of text, and its escape out of what goes into json or jsonb; `trim` blanks, tabs and line ends around text go;
 * `empty-as-null` the empty text becomes NULL; `zero-date-as-null` `0000-00-00`, alone or at midnight, becomes NULL;
 * `json-unwrap` a JSON string whose content is an object or array becomes that content. The value map comes after all of them.
 */
export const mendNames = [
  'replace-invalid',
  'decode-jsonb',
  'decode-text',
  'strip-nul',
  'trim',
  'empty-as-null',
  'zero-date-as-null',
  'json-unwrap',
] as const

export type MendName = (typeof mendNames)[number]

/** The value put right; the very same value where there is nothing to mend. */
export type Mend = (value: Exclude<SourceValue, null>) => SourceValue

const onText =
  (mend: (text: string) => string | null): Mend =>
  (value) =>
    typeof value === 'string' ? mend(value) : value

const zeroDate = /^0000-00-00(?:[T ]00:00(?::00(?:\.0+)?)?(?: ?(?:Z|[+-]00(?::?00)?))?)?$/
const stripNul = (text: string): string => (text.includes('\0') ? text.replaceAll('\0', '') : text)

const mends: Record<MendName, (type: PgType) => Mend> = {
  'replace-invalid': () => replaceInvalid,
  'decode-jsonb': () => decodeJsonb,
  'decode-text': () => decodeText,
  'strip-nul': ({ schema, name }) =>
    schema === 'pg_catalog' && (name === 'json' || name === 'jsonb')
      ? onText((text) => stripEscapes(stripNul(text)))
      : onText(stripNul),
  trim: () => onText((text) => text.replace(/^[\t\n\v\f\r ]+/, '').replace(/(?<![\t\n\v\f\r ])[\t\n\v\f\r ]+$/, '')),
  'empty-as-null': () => onText((text) => (text === '' ? null : text)),
  'zero-date-as-null': () => onText((text) => (zeroDate.test(text) ? null : text)),
  'json-unwrap': () => onText((text) => unwrapJson(text) ?? text),
}

/** The mends of a column whose resolved type is `type`, by name, in their order. */
export function compileMends(names: readonly MendName[], type: PgType): readonly (readonly [MendName, Mend])[] {
  return mendNames.filter((name) => names.includes(name)).map((name) => [name, mends[name](type)] as const)
}

/** As the Encoding Standard replaces (https://encoding.spec.whatwg.org/#decode). */
function replaceInvalid(value: Exclude<SourceValue, null>): SourceValue {
  if (value instanceof InvalidText) return new TextDecoder(value.encoding, { ignoreBOM: true }).decode(value.bytes)
  return typeof value === 'string' ? value.toWellFormed() : value
}

function decodeJsonb(value: Exclude<SourceValue, null>): SourceValue {
  if (!(value instanceof Uint8Array)) return value
  return readJsonb(value) ?? value
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

function decodeText(value: Exclude<SourceValue, null>): SourceValue {
  if (!(value instanceof Uint8Array)) return value
  try {
    return utf8.decode(value)
  } catch (error) {
    if (!(error instanceof TypeError)) throw error
    return value
  }
}
