import type { MendName } from '@rowferry/coerce'
import { mendNames } from '@rowferry/coerce'
import { z } from 'zod'

const columns = z
  .array(z.string().regex(/^.+\..+$/s, 'write it as table.column, or table.* for all of its columns'))
  .default([])

/** Columns in which values are put right before anything else looks at them, in this order; `table.*` names all of a table's. */
export const mendOptions = {
  /** Bytes that are no character become U+FFFD. */
  replaceInvalid: columns,
  /** Blobs in SQLite's own JSONB become their JSON text. */
  decodeJsonb: columns,
  /** Blobs that are UTF-8 become that text. */
  decodeText: columns,
  /** U+0000 is taken out of text, and its escape out of JSON. */
  stripNul: columns,
  /** Blanks, tabs and line ends around text are taken off. */
  trim: columns,
  /** The empty text becomes NULL. */
  emptyAsNull: columns,
  /** `0000-00-00`, alone or at midnight, becomes NULL. */
  zeroDateAsNull: columns,
  /** A JSON string that holds an object or array becomes that. */
  jsonUnwrap: columns,
}

type MendOption = keyof typeof mendOptions
export type MendOptions = { readonly [Name in MendOption]: readonly string[] }

const optionOf = (name: MendName): MendOption =>
  name.replaceAll(/-([a-z])/g, (_, letter: string) => letter.toUpperCase()) as MendOption

/** The mends that `options` name for one column. */
export function mendsOf(table: string, column: string, options: MendOptions): MendName[] {
  return mendNames.filter((name) =>
    options[optionOf(name)].some((named) => named === `${table}.${column}` || named === `${table}.*`),
  )
}

/** Every column or `table.*` that is named, with the option that names it. */
export function namedMends(options: MendOptions): [option: string, column: string][] {
  return mendNames.flatMap((name) => options[optionOf(name)].map((column): [string, string] => [`--${name}`, column]))
}
