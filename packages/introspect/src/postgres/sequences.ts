import { sql } from 'kysely'
import type { Sequence, TableName } from '../catalog.ts'
import { among, inScope, pinned, type Bool, type Reading } from './query.ts'

interface SequenceRow {
  readonly schema: string
  readonly name: string
  readonly data_type: string
  readonly start: string
  readonly increment: string
  readonly minimum: string
  readonly maximum: string
  readonly cycle: Bool
  readonly last_value: string | null
  readonly owner_key: string | null
  readonly owner: string | null
  readonly fed: string
}

export interface Sequences {
  readonly list: readonly Sequence[]
  /** By column (`oid.attnum`): the sequence that it owns, and the one that its default depends on. */
  readonly ownedBy: ReadonlyMap<string, TableName>
  readonly feeding: ReadonlyMap<string, TableName>
}

/** The sequences of the schemas asked for, and those that feed one of the tables from elsewhere. */
export async function readSequences(reading: Reading, tables: readonly string[]): Promise<Sequences> {
  const rows = await reading.query(sql<SequenceRow>`
    with fed as (
      select d.refobjid as sequence, json_agg(ad.adrelid::text || '.' || ad.adnum::text) as columns
      from pg_attrdef ad join pg_depend d on d.classid = 'pg_attrdef'::regclass and d.objid = ad.oid and d.refclassid = 'pg_class'::regclass
      where ${among('ad.adrelid', tables)} group by d.refobjid
    )
    select n.nspname::text as schema, c.relname::text as name, format_type(s.seqtypid, null) as data_type, s.seqstart::text as start,
      s.seqincrement::text as increment, s.seqmin::text as minimum, s.seqmax::text as maximum, s.seqcycle::text as cycle,
      case when has_sequence_privilege(c.oid, 'SELECT, USAGE') then pg_sequence_last_value(c.oid)::text end as last_value,
      o.refobjid::text || '.' || o.refobjsubid::text as owner_key,
      json_build_object('table', json_build_object('schema', tn.nspname, 'name', t.relname), 'column', a.attname)::text as owner,
      coalesce(fed.columns, '[]')::text as fed
    from pg_class c join pg_namespace n on n.oid = c.relnamespace join pg_sequence s on s.seqrelid = c.oid
      left join fed on fed.sequence = c.oid
      left join pg_depend o on o.classid = 'pg_class'::regclass and o.objid = c.oid and o.deptype in ('a', 'i')
        and o.refclassid = 'pg_class'::regclass and o.refobjsubid > 0
      left join pg_class t on t.oid = o.refobjid left join pg_namespace tn on tn.oid = t.relnamespace
      left join pg_attribute a on a.attrelid = o.refobjid and a.attnum = o.refobjsubid
    where c.relpersistence <> 't' and (fed.sequence is not null or ${among('o.refobjid', tables)}
      or ${inScope(reading.scope, 'pg_class', 'c.oid', 'n.nspname', 'c.relname')}) and ${pinned}
    order by n.nspname::text collate "C", c.relname::text collate "C"`)
  const ownedBy = new Map<string, TableName>()
  const feeding = new Map<string, TableName>()
  for (const row of rows) {
    const name = { schema: row.schema, name: row.name }
    if (row.owner_key !== null) ownedBy.set(row.owner_key, name)
    for (const column of JSON.parse(row.fed)) feeding.set(column, name)
  }
  return { list: rows.map(sequenceOf), ownedBy, feeding }
}

function sequenceOf(row: SequenceRow): Sequence {
  return {
    name: { schema: row.schema, name: row.name },
    ownedBy: row.owner_key === null || row.owner === null ? null : JSON.parse(row.owner),
    dataType: row.data_type,
    start: row.start,
    increment: row.increment,
    minimum: row.minimum,
    maximum: row.maximum,
    cycle: row.cycle === 'true',
    lastValue: row.last_value,
  }
}
