import type { CommandUnknownOpts } from '@commander-js/extra-typings'
import { each, parseColumn } from './parse-option.ts'

const mends = {
  replaceInvalid: ['--replace-invalid', 'bytes that are no valid text become U+FFFD'],
  decodeJsonb: ['--decode-jsonb', "a blob in SQLite's own JSONB becomes its JSON text"],
  decodeText: ['--decode-text', 'a blob that is UTF-8 becomes that text'],
  stripNul: ['--strip-nul', 'U+0000 is taken out of text, and \\u0000 out of JSON'],
  trim: ['--trim', 'blanks, tabs and line ends around text are taken off'],
  emptyAsNull: ['--empty-as-null', "'' becomes NULL"],
  zeroDateAsNull: ['--zero-date-as-null', '0000-00-00, alone or at midnight, becomes NULL'],
  jsonUnwrap: ['--json-unwrap', 'a JSON string that holds an object or array becomes that'],
} as const

type MendOption = keyof typeof mends

/** Each a list of `table.column` or `table.*`. */
export type MendFlags = { readonly [Name in MendOption]?: string[] }

/** In the order in which they act. Takes any object, since TypeScript gives up on comparing two commands of so many options. */
export function addMends(to: object): void {
  const command = to as CommandUnknownOpts
  command.optionsGroup('What is put right first, in this order (a column, or table.* for all; repeatable):')
  for (const [flag, what] of Object.values(mends)) command.option(`${flag} <column>`, what, each(parseColumn))
}
