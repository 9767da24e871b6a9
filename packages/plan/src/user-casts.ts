import { builtinType, CoerceError, formatType } from '@rowferry/coerce'
import type { Catalog, Column, PgType, Table } from '@rowferry/introspect'
import { z } from 'zod'
import { isInKey } from './casts.ts'
import type { Finding } from './finding.ts'
import { finding } from './finding.ts'
import type { Matching } from './match.ts'
import { nearest } from './unknown-names.ts'

const type = z.string().min(1)

/**
 * The type that a created column shall have, whatever else its declaration and its data would propose. `declared` is compared with the whole
 * declared type, in any case, blanks around brackets and commas aside: a glob with `*` and `?`, or a regular expression as `/…/` or `/…/i`.
 */
export const userCastSchema = z.union([
  z.strictObject({ column: z.string().regex(/^.+\..+$/s, 'write it as table.column'), type }),
  z.strictObject({ declared: z.string().min(1), type }),
])

export type UserCast = z.output<typeof userCastSchema>

/** The type that the user settled for a column, and by which words; null where no cast speaks of it. A cast of the column goes before those of declared types; of several, the first. */
export function userType(
  table: Table,
  column: Column,
  casts: readonly UserCast[],
): { readonly type: PgType; readonly because: string } | null {
  const usable = casts.filter((cast) => troubleOf(cast) === null)
  const own = usable.find((cast) => 'column' in cast && cast.column === `${table.name.name}.${column.name}`)
  const cast = own ?? usable.find((each) => 'declared' in each && matcherOf(each.declared)(column.declaredType))
  return cast === undefined ? null : { type: builtinType(cast.type), because: `${written(cast)} says so` }
}

/** Casts that cannot be followed, and those that no created column heeds: neither must pass as done. */
export function userCastFindings(casts: readonly UserCast[], source: Catalog, matching: Matching): Finding[] {
  const created = matching.matches.filter((match) => match.target === null)
  const columns = created.flatMap((match) => match.columns.map((column) => [match.source, column.source] as const))
  return casts.flatMap((cast) => {
    const trouble = troubleOf(cast)
    if (trouble) return [trouble]
    if ('column' in cast && !isKnown(cast.column, source)) return [unknownColumn(cast, source)]
    const heeding = columns.filter(([table, column]) => userCastOf(table, column, casts) === cast)
    return heeding.length === 0 ? [unused(cast)] : heeding.flatMap(([table, column]) => keyTrouble(cast, table, column))
  })
}

function userCastOf(table: Table, column: Column, casts: readonly UserCast[]): UserCast | undefined {
  const own = casts.find((cast) => 'column' in cast && cast.column === `${table.name.name}.${column.name}`)
  return own ?? casts.find((cast) => 'declared' in cast && matcherOf(cast.declared)(column.declaredType))
}

function isKnown(name: string, source: Catalog): boolean {
  return source.tables.some((table) => table.columns.some((column) => `${table.name.name}.${column.name}` === name))
}

const subject = (cast: UserCast): string => ('column' in cast ? cast.column : `declared:${cast.declared}`)
const written = (cast: UserCast): string => `--cast '${subject(cast)}=${cast.type}'`

function unknownColumn(cast: UserCast, source: Catalog): Finding {
  const near = nearest(
    subject(cast),
    source.tables.flatMap((table) => table.columns.map((column) => `${table.name.name}.${column.name}`)),
  )
  return finding({
    code: 'COLUMN_UNKNOWN',
    severity: 'refuse',
    message: `--cast names ${JSON.stringify(subject(cast))}, which the source does not have`,
    remedy:
      near === null
        ? "write it as the source spells it: table.column; or 'declared:…' for a declared type"
        : `did you mean ${JSON.stringify(near)}?`,
  })
}

function unused(cast: UserCast): Finding {
  return finding({
    code: 'CAST_UNUSED',
    severity: 'warning',
    message: `${written(cast)} settles no column: ${
      'column' in cast
        ? 'its table is not created here, and a table that is there keeps its types'
        : 'no column of a created table is declared so, or an earlier one settles it'
    }`,
  })
}

function keyTrouble(cast: UserCast, table: Table, column: Column): Finding[] {
  if (builtinType(cast.type).name !== 'json' || !isInKey(table, column)) return []
  return [
    finding({
      code: 'CAST_IN_KEY',
      severity: 'refuse',
      table: table.name.name,
      column: column.name,
      targetType: 'json',
      message: `${written(cast)}: ${table.name.name}.${column.name} is part of a key, and PostgreSQL does not compare json`,
      remedy: `--cast '${table.name.name}.${column.name}=text', or jsonb`,
    }),
  ]
}

function troubleOf(cast: UserCast): Finding | null {
  const refuse = (code: string, message: string, remedy: string) =>
    finding({ code, severity: 'refuse', message: `${written(cast)}: ${message}`, remedy })
  try {
    formatType(builtinType(cast.type))
  } catch (error) {
    if (!(error instanceof CoerceError)) throw error
    return refuse('CAST_TYPE_UNKNOWN', error.message, error.remedy ?? '')
  }
  if ('column' in cast) return null
  try {
    matcherOf(cast.declared)
    return null
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
    return refuse('CAST_PATTERN_INVALID', error.message, "write a glob such as 'declared:VARCHAR(*)=text'")
  }
}

/** Throws a `SyntaxError` for what looks like a regular expression and is none. */
function matcherOf(pattern: string): (declaredType: string) => boolean {
  const [, source, flags] = /^\/(.+)\/([a-z]*)$/s.exec(pattern) ?? []
  if (source !== undefined) {
    const expression = new RegExp(source, (flags ?? '').replaceAll(/[gy]/g, ''))
    return (declaredType) => expression.test(declaredType)
  }
  const glob = new RegExp(
    `^${plain(pattern)
      .replaceAll(/[.+^${}()|[\]\\]/g, String.raw`\$&`)
      .replaceAll('*', '.*')
      .replaceAll('?', '.')}$`,
    'is',
  )
  return (declaredType) => glob.test(plain(declaredType))
}

/** `DECIMAL (10, 2)` and `DECIMAL(10,2)` are one declaration. */
function plain(declaredType: string): string {
  return declaredType
    .replaceAll(/\s+/g, ' ')
    .replaceAll(/ ?([(),]) ?/g, '$1')
    .trim()
}
