import { sql } from 'kysely'
import type { PgType } from '../catalog.ts'
import { among, inScope, pinned, type Bool, type Reading } from './query.ts'

interface TypeRow {
  readonly oid: string
  readonly schema: string
  readonly name: string
  readonly kind: string
  readonly element: string | null
  readonly fields: string
  readonly subtype: string | null
  readonly base: string
  readonly typmod: string
  readonly not_null: Bool
  readonly labels: string
  readonly checks: string
  readonly listed: Bool
}

export interface Types {
  /** The type of a column, down to what it is made of. */
  resolve(oid: string, typmod: number): PgType
  /** The enums and domains to list. */
  readonly listed: readonly PgType[]
}

/** Every type that the tables' columns are made of, and the enums and domains of the schemas asked for. */
export async function readTypes(reading: Reading, tables: readonly string[]): Promise<Types> {
  // Without schemas, those are listed that the chosen tables use
  const listed =
    'tables' in reading.scope ? sql`true` : inScope(reading.scope, 'pg_type', 't.oid', 'n.nspname', 't.typname')
  const seeds =
    'tables' in reading.scope
      ? sql``
      : sql`
      union select t.oid from pg_type t join pg_namespace n on n.oid = t.typnamespace where t.typtype in ('e', 'd') and ${listed}`
  // The array keeps the planner's guess small, which would else bring in the JIT compiler for a few milliseconds of work
  const rows = await reading.query(sql<TypeRow>`
    with recursive used(oid) as (
      select unnest(array(select distinct a.atttypid from pg_attribute a
        where ${among('a.attrelid', tables)} and a.attnum > 0 and not a.attisdropped)) ${seeds}
      union select part.oid from used join pg_type t on t.oid = used.oid
        cross join lateral (values (case when t.typlen = -1 then t.typelem end), (t.typbasetype)
          union all select r.rngsubtype from pg_range r where t.oid in (r.rngtypid, (${multirange})::oid)
          union all select a.atttypid from pg_attribute a
            where t.typtype = 'c' and a.attrelid = t.typrelid and a.attnum > 0 and not a.attisdropped) part(oid) where part.oid <> 0
    )
    select t.oid::text, n.nspname::text as schema, t.typname::text as name, t.typtype::text as kind,
      case when t.typtype = 'b' and t.typlen = -1 and t.typelem <> 0 then t.typelem::text end as element,
      (select coalesce(json_agg(json_build_array(a.atttypid::text, a.atttypmod) order by a.attnum), '[]') from pg_attribute a
        where t.typtype = 'c' and a.attrelid = t.typrelid and a.attnum > 0 and not a.attisdropped)::text as fields,
      (select r.rngsubtype from pg_range r where t.oid in (r.rngtypid, (${multirange})::oid))::text as subtype,
      t.typbasetype::text as base, t.typtypmod::text as typmod, t.typnotnull::text as not_null,
      (select coalesce(json_agg(e.enumlabel order by e.enumsortorder), '[]') from pg_enum e where e.enumtypid = t.oid)::text as labels,
      (select coalesce(json_agg(pg_get_constraintdef(k.oid) order by k.conname), '[]') from pg_constraint k
        where k.contypid = t.oid and k.contype = 'c')::text as checks,
      (t.typtype in ('e', 'd') and ${listed})::text as listed
    from used join pg_type t on t.oid = used.oid join pg_namespace n on n.oid = t.typnamespace
    where ${pinned} order by n.nspname::text collate "C", t.typname::text collate "C"`)
  const byOid = new Map(rows.map((row) => [row.oid, row]))
  const resolve = (oid: string, typmod: number): PgType => {
    const row = byOid.get(oid)
    if (row === undefined) throw new TypeError(`PostgreSQL names a type ${oid} that pg_type does not hold`)
    return typeOf(row, typmod, resolve)
  }
  return { resolve, listed: rows.filter((row) => row.listed === 'true').map((row) => resolve(row.oid, -1)) }
}

/** Absent before PostgreSQL 14. */
const multirange = sql`to_jsonb(r) ->> 'rngmultitypid'`

const kinds: Readonly<Record<string, PgType['kind']>> = {
  e: 'enum',
  d: 'domain',
  c: 'composite',
  r: 'range',
  m: 'multirange',
  p: 'pseudo',
}

function typeOf(row: TypeRow, typmod: number, resolve: Types['resolve']): PgType {
  const named = { oid: Number(row.oid), schema: row.schema, name: row.name }
  // varchar(10)[] keeps the 10 in the array's modifier
  if (row.element !== null) return { ...named, kind: 'array', typmod, element: resolve(row.element, typmod) }
  const kind = kinds[row.kind] ?? 'base'
  if (kind === 'enum') return { ...named, kind, typmod, labels: JSON.parse(row.labels) }
  if (kind === 'composite') {
    const fields = JSON.parse(row.fields) as [oid: string, typmod: number][]
    return { ...named, kind, typmod, fields: fields.map(([oid, modifier]) => resolve(oid, modifier)) }
  }
  if (row.subtype !== null) return { ...named, kind, typmod, subtype: resolve(row.subtype, -1) }
  if (kind !== 'domain') return { ...named, kind, typmod }
  const own = Number(row.typmod)
  return {
    ...named,
    kind,
    typmod: own,
    base: resolve(row.base, own),
    notNull: row.not_null === 'true',
    checks: JSON.parse(row.checks),
  }
}
