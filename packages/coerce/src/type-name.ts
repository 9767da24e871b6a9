import type { PgType } from '@rowferry/introspect'
import { CoerceError } from './error.ts'

/** [name, spelling, oid, oid of its array], from src/include/catalog/pg_type.dat: these never change. */
const builtins = [
  ['bool', 'boolean', 16, 1000],
  ['bytea', 'bytea', 17, 1001],
  ['name', 'name', 19, 1003],
  ['int8', 'bigint', 20, 1016],
  ['int2', 'smallint', 21, 1005],
  ['int4', 'integer', 23, 1007],
  ['text', 'text', 25, 1009],
  ['oid', 'oid', 26, 1028],
  ['inet', 'inet', 869, 1041],
  ['bit', 'bit', 1560, 1561],
  ['varbit', 'bit varying', 1562, 1563],
  ['json', 'json', 114, 199],
  ['float4', 'real', 700, 1021],
  ['float8', 'double precision', 701, 1022],
  ['bpchar', 'character', 1042, 1014],
  ['varchar', 'character varying', 1043, 1015],
  ['date', 'date', 1082, 1182],
  ['time', 'time without time zone', 1083, 1183],
  ['timestamp', 'timestamp without time zone', 1114, 1115],
  ['timestamptz', 'timestamp with time zone', 1184, 1185],
  ['interval', 'interval', 1186, 1187],
  ['numeric', 'numeric', 1700, 1231],
  ['uuid', 'uuid', 2950, 2951],
  ['jsonb', 'jsonb', 3802, 3807],
] as const

const spellings = new Map<string, string>(builtins.map(([name, spelling]) => [name, spelling]))
const aliases = new Map<string, Builtin>([
  ...builtins.flatMap((builtin) => [[builtin[0], builtin] as const, [builtin[1], builtin] as const]),
  ...(
    [
      ['int', 'int4'],
      ['float', 'float8'],
      ['decimal', 'numeric'],
      ['char', 'bpchar'],
    ] as const
  ).map(([alias, name]) => [alias, builtins.find((builtin) => builtin[0] === name) as Builtin] as const),
])

type Builtin = (typeof builtins)[number]

/**
 * A built-in type by its name or spelling, with modifier and brackets: `int8`, `numeric(10,2)`, `timestamp(3) with time zone`, `text[]`.
 * @throws CoerceError `TYPE_UNKNOWN` for any other name, and for a modifier that PostgreSQL would not take.
 */
export function builtinType(name: string): PgType {
  const found = /^([a-z][a-z0-9 ]*?) ?(?:\( ?(-?\d+) ?(?:, ?(-?\d+) ?)?\))?( with(?:out)? time zone)?((?:\[\])?)$/.exec(
    name.trim().toLowerCase().replaceAll(/\s+/g, ' '),
  )
  const [, word = '', first, second, zone = '', brackets] = found ?? []
  const builtin = aliases.get(word + zone) ?? (zone === '' ? aliases.get(word) : undefined)
  const typmod = builtin && modifier(builtin[0], word, first, second)
  if (builtin === undefined || typmod === undefined) {
    throw new CoerceError('TYPE_UNKNOWN', `${JSON.stringify(name)} is no built-in type that values can be sent to.`, {
      remedy: `Use one of ${builtins.map(([known]) => known).join(', ')}, with its modifier, or [] for an array.`,
    })
  }
  const type: PgType = { oid: builtin[2], schema: 'pg_catalog', name: builtin[0], kind: 'base', typmod }
  if (brackets === '') return type
  return { oid: builtin[3], schema: 'pg_catalog', name: `_${builtin[0]}`, kind: 'array', typmod, element: type }
}

/** The type modifier as PostgreSQL keeps it; undefined when it is not allowed there. */
function modifier(
  name: Builtin[0],
  word: string,
  first: string | undefined,
  second: string | undefined,
): number | undefined {
  if (first === undefined) return word === 'char' || word === 'character' ? 5 : -1
  const number = Number(first)
  const scale = Number(second ?? 0)
  if (name === 'numeric')
    return number >= 1 && number <= 1000 && Math.abs(scale) <= 1000 ? ((number << 16) | (scale & 0x7ff)) + 4 : undefined
  if (second !== undefined) return undefined
  if (name === 'bit' || name === 'varbit') return number >= 1 && number <= 83_886_080 ? number : undefined
  if (name === 'varchar' || name === 'bpchar') return number >= 1 && number <= 10_485_760 ? number + 4 : undefined
  if (number < 0 || number > 6) return undefined
  if (name === 'time' || name === 'timestamp' || name === 'timestamptz') return number
  return name === 'interval' ? (wholeInterval << 16) | number : undefined
}

const wholeInterval = 0x7fff

/** Precision and scale of a numeric's modifier; null when it has none. The scale is negative for numeric(3,-2), from PostgreSQL 15 on. */
export function numericModifier(typmod: number): { readonly precision: number; readonly scale: number } | null {
  if (typmod < 4) return null
  const packed = typmod - 4
  return { precision: (packed >>> 16) & 0xffff, scale: ((packed & 0x7ff) ^ 1024) - 1024 }
}

const intervalFields = new Map([
  [0b100, 'year'],
  [0b10, 'month'],
  [0b110, 'year to month'],
  [0b1000, 'day'],
  [1 << 10, 'hour'],
  [1 << 11, 'minute'],
  [1 << 12, 'second'],
  [(1 << 10) | 0b1000, 'day to hour'],
  [(3 << 10) | 0b1000, 'day to minute'],
  [(7 << 10) | 0b1000, 'day to second'],
  [3 << 10, 'hour to minute'],
  [7 << 10, 'hour to second'],
  [6 << 10, 'minute to second'],
])

/** The type as SQL, spelled as PostgreSQL's `format_type` does; types outside pg_catalog are always qualified, and quoted where needed. */
export function formatType(type: PgType): string {
  if (type.kind === 'array' && type.element) return `${formatType(elementOf(type))}[]`
  if (type.schema !== 'pg_catalog') return `${quoteName(type.schema)}.${quoteName(type.name)}`
  return formatBuiltin(type.name, type.typmod)
}

/** What the array holds, with the column's modifier: PostgreSQL keeps that of the elements on the array. */
export function elementOf(type: PgType): PgType {
  const element = type.element as PgType
  return element.typmod === -1 && element.kind !== 'domain' && type.typmod !== -1
    ? { ...element, typmod: type.typmod }
    : element
}

function formatBuiltin(name: string, typmod: number): string {
  const spelling = spellings.get(name) ?? quoteName(name)
  if (typmod === -1) return name === 'bpchar' ? name : spelling
  if (name === 'numeric') {
    const { precision, scale } = numericModifier(typmod) ?? { precision: 0, scale: 0 }
    return `numeric(${precision},${scale})`
  }
  if (name === 'varchar' || name === 'bpchar') return `${spelling}(${typmod - 4})`
  if (name === 'bit' || name === 'varbit') return `${name === 'bit' ? 'bit' : 'bit varying'}(${typmod})`
  if (name === 'interval') {
    const fields = intervalFields.get((typmod >>> 16) & wholeInterval)
    const precision = typmod & 0xffff
    return `interval${fields ? ` ${fields}` : ''}${precision === 0xffff ? '' : `(${precision})`}`
  }
  if (name === 'time' || name === 'timestamp' || name === 'timestamptz')
    return spelling.replace(/^\w+/, `$&(${typmod})`)
  return spelling
}

/** A schema may be a reserved word, so only the one everybody has goes unquoted. */
function quoteName(name: string): string {
  return name === 'public' || (/^[a-z_][a-z0-9_]*$/.test(name) && !reserved.has(name))
    ? name
    : `"${name.replaceAll('"', '""')}"`
}

/** https://www.postgresql.org/docs/current/sql-keywords-appendix.html: reserved in PostgreSQL, or no name of a function or type; `char` means another type unquoted. */
const reserved = new Set(
  `all analyse analyze and any array as asc asymmetric authorization between bigint binary bit boolean both case cast char character check coalesce collate collation
  column concurrently constraint create cross current_catalog current_date current_role current_schema current_time current_timestamp current_user dec decimal default
  deferrable desc distinct do else end except exists extract false fetch float for foreign freeze from full grant greatest group grouping having ilike in initially inner
  inout int integer intersect interval into is isnull join json json_array json_arrayagg json_object json_objectagg json_exists json_query json_scalar json_serialize
  json_table json_value lateral leading least left like limit localtime localtimestamp merge_action national natural nchar none normalize not notnull null nullif numeric
  offset on only or order out outer overlaps overlay placing position precision primary real references returning right row select session_user setof similar smallint
  some substring symmetric system_user table tablesample then time timestamp to trailing treat trim true union unique user using values varchar variadic verbose when
  where window with xmlattributes xmlconcat xmlelement xmlexists xmlforest xmlnamespaces xmlparse xmlpi xmlroot xmlserialize xmltable`.split(
    /\s+/,
  ),
)
