/** What translation needs to know of a PostgreSQL type. `other`: a value that SQLite keeps in another form, or a type unknown here. */
export interface TargetType {
  readonly kind:
    | 'boolean'
    | 'integer'
    | 'numeric'
    | 'real'
    | 'double'
    | 'text'
    | 'char'
    | 'bytea'
    | 'timestamp'
    | 'timestamptz'
    | 'date'
    | 'time'
    | 'json'
    | 'jsonb'
    | 'uuid'
    | 'other'
  /** Of integers: the largest magnitude. */
  readonly bound: bigint
  /** Of text: the most characters it takes; of numeric: precision and scale. */
  readonly length: number | null
  readonly scale: number | null
}

const kinds: Readonly<Record<string, TargetType['kind']>> = {
  boolean: 'boolean',
  bool: 'boolean',
  smallint: 'integer',
  int2: 'integer',
  integer: 'integer',
  int: 'integer',
  int4: 'integer',
  bigint: 'integer',
  int8: 'integer',
  numeric: 'numeric',
  decimal: 'numeric',
  real: 'real',
  float4: 'real',
  'double precision': 'double',
  float8: 'double',
  text: 'text',
  'character varying': 'text',
  varchar: 'text',
  character: 'char',
  char: 'char',
  bpchar: 'char',
  bytea: 'bytea',
  timestamp: 'timestamp',
  'timestamp without time zone': 'timestamp',
  timestamptz: 'timestamptz',
  'timestamp with time zone': 'timestamptz',
  date: 'date',
  time: 'time',
  'time without time zone': 'time',
  json: 'json',
  jsonb: 'jsonb',
  uuid: 'uuid',
}
const bounds: Readonly<Record<string, bigint>> = {
  smallint: 1n << 15n,
  int2: 1n << 15n,
  integer: 1n << 31n,
  int: 1n << 31n,
  int4: 1n << 31n,
}

/** Reads a type as `format_type` or a person writes it: `character varying(10)`, `numeric(10,2)`, `timestamp(3) without time zone`. */
export function readType(text: string): TargetType {
  const match = /^([^()]*)(?:\((\d+)(?:\s*,\s*(-?\d+))?\))?([^()]*)$/.exec(text.trim().toLowerCase())
  const name = `${match?.[1] ?? text}${match?.[4] ?? ''}`.replaceAll(/\s+/g, ' ').trim()
  const kind = Object.hasOwn(kinds, name) ? kinds[name] : undefined
  const length = match?.[2] === undefined ? null : Number(match[2])
  return {
    kind: kind ?? 'other',
    bound: (Object.hasOwn(bounds, name) ? bounds[name] : undefined) ?? 1n << 63n,
    length: length ?? (kind === 'char' && name !== 'bpchar' ? 1 : null),
    scale: match?.[3] === undefined ? (length === null ? null : 0) : Number(match[3]),
  }
}

export type Affinity = 'integer' | 'text' | 'blob' | 'real' | 'numeric'

/** https://www.sqlite.org/datatype3.html#determination_of_column_affinity */
export function affinityOf(declaredType: string): Affinity {
  const type = declaredType.toUpperCase()
  if (type.includes('INT')) return 'integer'
  if (/CHAR|CLOB|TEXT/.test(type)) return 'text'
  if (type === '' || type.includes('BLOB')) return 'blob'
  return /REAL|FLOA|DOUB/.test(type) ? 'real' : 'numeric'
}
