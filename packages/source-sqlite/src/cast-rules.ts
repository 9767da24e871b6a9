import type { CastRule } from '@rowferry/coerce'
import type { Column } from '@rowferry/introspect'
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
  name: `affinity ${affinity.toUpperCase()}`,
  matches: (column) => affinityOf(column.declaredType) === affinity,
  candidates,
})

/** numeric(10,2) for DECIMAL(10,2); none for a modifier that PostgreSQL would refuse (precision 1 to 1000). */
function numericOf(column: Column): readonly string[] {
  const [precision, scale = 0] = parse(column.declaredType).modifiers
  const fits = precision !== undefined && precision >= 1 && precision <= 1000 && scale <= 1000
  return fits ? [`numeric(${precision},${scale})`, 'numeric', 'float8'] : ['numeric', 'float8']
}

/**
 * Types proposed for the columns of created tables. What the schema's author wrote comes first, though SQLite itself does not heed it (BOOLEAN and
 * DATETIME have numeric affinity); then the affinity (https://www.sqlite.org/datatype3.html#determination_of_column_affinity).
 * Text never makes a column of numbers, however it looks: a postcode stays text.
 */
export const sqliteCastRules: readonly CastRule[] = [
  { name: 'INTEGER PRIMARY KEY', matches: (column) => column.identity !== null, candidates: ['int8'] },
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
  byAffinity('integer', 'int8', 'numeric', 'float8'),
  byAffinity('real', 'float8', 'numeric'),
  byAffinity('text', 'text'),
  byAffinity('blob', 'bytea'),
  byAffinity('numeric', 'int8', 'float8', 'numeric'),
]
