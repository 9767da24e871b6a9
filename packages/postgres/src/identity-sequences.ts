import type { TableName } from '@rowferry/introspect'
import { readJson } from './read-json.ts'
import { tableParameters } from './rebuild/rebuild.ts'
import type { Session } from './session.ts'

/** The sequence that belongs to each identity column, in the order given; null where the column has none. */
export async function readIdentitySequences(
  session: Session,
  columns: readonly { readonly table: TableName; readonly column: string }[],
): Promise<(TableName | null)[]> {
  if (columns.length === 0) return []
  const found = await readJson<{ readonly place: number; readonly sequence: TableName }>(
    session,
    `select wanted.place, json_build_object('schema', sn.nspname, 'name', s.relname) as sequence
       from unnest($1::text[], $2::text[], $3::text[]) with ordinality as wanted (schema, name, "column", place)
       join pg_catalog.pg_namespace n on n.nspname = wanted.schema
       join pg_catalog.pg_class c on c.relnamespace = n.oid and c.relname = wanted.name
       join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attname = wanted."column" and a.attidentity <> ''
       join pg_catalog.pg_depend d on d.refclassid = 'pg_catalog.pg_class'::regclass and d.refobjid = c.oid and d.refobjsubid = a.attnum
        and d.classid = 'pg_catalog.pg_class'::regclass and d.deptype = 'i'
       join pg_catalog.pg_class s on s.oid = d.objid and s.relkind = 'S'
       join pg_catalog.pg_namespace sn on sn.oid = s.relnamespace`,
    [...tableParameters(columns.map(({ table }) => table)), columns.map(({ column }) => column)],
  )
  const byPlace = new Map(found.map(({ place, sequence }) => [place, sequence]))
  return columns.map((_, at) => byPlace.get(at + 1) ?? null)
}
