import type { CastRule } from '@rowferry/coerce'
import type { Column, Table } from '@rowferry/introspect'
import { affinityOf } from '@rowferry/introspect/sqlite'

/** A declared type, parted: `DECIMAL (10, 2) UNSIGNED` is the word `decimal unsigned` with modifiers 10 and 2. */
interface Declared {
  readonly word: string
  readonly modifiers: readonly number[]
}

function parse(declaredType: string): Declared {
  const found = /^([^(]*)(?:\(([^)]*)\))?(.*)$/s.exec(declaredType)
  const modifiers = (found?.[2] ?? '').split(',').map((part) => part.trim())
  return {
    word: `${found?.[1] ?? ''} ${found?.[3] ?? ''}`.toLowerCase().replaceAll(/\s+/g, ' ').trim(),
    modifiers: modifiers.every((part) => /^\d+$/.test(part)) ? modifiers.map(Number) : [],
  }
}

const byWord = (name: string, word: RegExp, ...candidates: readonly string[]): CastRule => ({
  name: `declared ${name}`,
  matches: (column) => word.test(parse(column.declaredType).word),
  candidates,
})

const byAffinity = (affinity: string, ...candidates: readonly string[]): CastRule => ({
  name: `affinity ${affinity.toUpperCase()}${affinity === 'integer' ? ', of 64 bits' : ''}`,
  matches: (column) => affinityOf(column.declaredType) === affinity,
  candidates,
})

/** numeric(10,2) for DECIMAL(10,2); none for a modifier that PostgreSQL would refuse (precision 1 to 1000). */
function numericOf(column: Column): readonly string[] {
  const [precision, scale = 0] = parse(column.declaredType).modifiers
  // Before version 15 PostgreSQL took no scale past the precision
  const fits = precision !== undefined && precision >= 1 && precision <= 1000 && scale <= precision
  return fits ? [`numeric(${precision},${scale})`, 'numeric', 'float8'] : ['numeric', 'float8']
}

const limitedText =
  /^(n?varchar2?|n?char|bpchar|(native |national )?character|(national )?char(acter)? varying|varying character)\b/

/** varchar(40) for VARCHAR(40), and for CHAR(40), since SQLite pads nothing. SQLite does not heed the limit: whether all values keep to it, the data says. */
function limitedTextOf(column: Column): readonly string[] {
  const [limit] = parse(column.declaredType).modifiers
  return limit !== undefined && limit >= 1 && limit <= 10_485_760 ? [`varchar(${limit})`] : ['text']
}

const narrow = /^(smallint|int2|tinyint)( signed| unsigned)?$/
const medium = /^(mediumint|int4|int3)( signed)?$/

/** Does anything name rows by it? Keys grow, and the columns that refer to each other shall be of one width. */
function isKey(column: Column, table: Table): boolean {
  const names = (key: { readonly columns: readonly string[] }) => key.columns.includes(column.name)
  return (
    (table.primaryKey !== null && names(table.primaryKey)) ||
    table.uniques.some(names) ||
    table.foreignKeys.some(names) ||
    table.indexes.some((index) => index.unique && index.columns.some((each) => each.column === column.name))
  )
}

/** A width that PostgreSQL has too is kept where the data keeps to it, but for keys. SQLite itself has 64 bits for all of them. */
function narrowOf(column: Column, table: Table): readonly string[] {
  const wide = ['int8', 'numeric', 'float8']
  if (isKey(column, table)) return wide
  const { word } = parse(column.declaredType)
  return [medium.test(word) || /^(smallint|int2) unsigned$/.test(word) ? 'int4' : 'int2', ...wide]
}

/**
 * Types proposed for the columns of created tables. What the schema's author wrote comes first, though SQLite itself does not heed it (BOOLEAN and
 * DATETIME have numeric affinity); then the affinity (https://www.sqlite.org/datatype3.html#determination_of_column_affinity).
 * Text never makes a column of numbers, however it looks: a postcode stays text.
 */
export const sqliteCastRules: readonly CastRule[] = [
  { name: 'INTEGER PRIMARY KEY, of 64 bits', matches: (column) => column.identity !== null, candidates: ['int8'] },
  // Without any conversion of their own, these hold text as well as numbers: what is stored decides
  byWord('without a type', /^$/, 'int8', 'float8', 'text', 'bytea'),
  {
    name: 'declared ANY in a STRICT table',
    matches: (column, table) => table.enforcesTypes && /^any$/i.test(column.declaredType),
    candidates: ['int8', 'float8', 'text', 'bytea'],
  },
  byWord('BOOLEAN', /^bool(ean)?$/, 'bool', 'int8', 'numeric'),
  byWord(
    'TIMESTAMP WITH TIME ZONE',
    /^(timestamptz|timestamp with time zone|datetimeoffset)$/,
    'timestamptz',
    'timestamp',
    'int8',
    'float8',
  ),
  byWord(
    'DATETIME',
    /^(datetime2?|smalldatetime|timestamp|timestamp without time zone)$/,
    'timestamp',
    'timestamptz',
    'int8',
    'float8',
  ),
  byWord('DATE', /^date$/, 'date', 'timestamp', 'timestamptz', 'int8', 'float8'),
  byWord('TIME', /^(time|time without time zone)$/, 'time', 'int8', 'float8'),
  byWord('JSON', /^jsonb?$/, 'jsonb', 'json'),
  byWord('UUID', /^(uuid|guid|uniqueidentifier)$/, 'uuid'),
  byWord('STRING', /^(string|enum|xml|citext)\b/, 'text'),
  byWord('BYTEA', /^(bytea|binary|varbinary|long varbinary|image|raw)$/, 'bytea'),
  {
    name: 'declared DECIMAL',
    matches: (column) =>
      /^(numeric|decimal|dec|number|money|smallmoney)( unsigned)?$/.test(parse(column.declaredType).word),
    candidates: ['numeric', 'float8'],
    candidatesOf: numericOf,
  },
  {
    name: 'declared a small integer',
    matches: (column) => [narrow, medium].some((word) => word.test(parse(column.declaredType).word)),
    candidates: ['int8', 'numeric', 'float8'],
    candidatesOf: narrowOf,
  },
  {
    name: 'declared VARCHAR or CHAR',
    matches: (column) =>
      affinityOf(column.declaredType) === 'text' && limitedText.test(parse(column.declaredType).word),
    candidates: ['text'],
    candidatesOf: limitedTextOf,
  },
  byAffinity('integer', 'int8', 'numeric', 'float8'),
  byAffinity('real', 'float8', 'numeric'),
  byAffinity('text', 'text'),
  byAffinity('blob', 'bytea'),
  byAffinity('numeric', 'int8', 'float8', 'numeric'),
]
