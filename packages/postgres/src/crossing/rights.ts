import type { TableName } from '@rowferry/introspect'
import { quoteIdentifier, quoteTable } from '../quote.ts'
import type { Session } from '../session.ts'

/** Something that this session's role may not do, and the statement that lets it. */
export interface MissingRight {
  readonly kind: 'database' | 'schema' | 'table' | 'sequence'
  /** The object's name; for a database or a schema `schema` is the name and `name` is empty. */
  readonly object: TableName
  /** TRUNCATE is missed only where tables are to be emptied or loaded with FREEZE; ROW SECURITY: policies would hide or refuse rows. */
  readonly right: 'CREATE' | 'USAGE' | 'SELECT' | 'INSERT' | 'UPDATE' | 'TRUNCATE' | 'ROW SECURITY'
  /** SQL for the owner, or for a superuser. */
  readonly remedy: string
}

/**
 * What the role lacks for reading, loading and emptying the tables (those that exist), for their sequences, and for `schema`:
 * with `create` also the right to make tables there, or the schema itself. Reads the catalog only; nothing is tried.
 */
export async function readRights(
  session: Session,
  tables: readonly TableName[],
  options: { readonly create: boolean; readonly schema: string },
): Promise<MissingRight[]> {
  const { create, schema } = options
  const missing = await session.query(statement, [
    tables.map((table) => table.schema),
    tables.map((table) => table.name),
    [...new Set([schema, ...tables.map((table) => table.schema)])],
    create ? schema : null,
  ])
  const { user, database } = session.server
  return missing.map((row) => {
    const kind = row['kind'] as MissingRight['kind']
    const right = row['missing'] as MissingRight['right']
    const object = { schema: row['schema']!, name: row['name']! }
    return {
      kind,
      object,
      right,
      remedy: remedyFor({ kind, object, right }, user, { database, owner: row['owner'] === 't' }),
    }
  })
}

function remedyFor(
  { kind, object, right }: Omit<MissingRight, 'remedy'>,
  user: string,
  { database, owner }: { database: string; owner: boolean },
): string {
  const role = quoteIdentifier(user)
  if (right === 'ROW SECURITY')
    return owner ? `ALTER TABLE ${quoteTable(object)} NO FORCE ROW LEVEL SECURITY` : `ALTER ROLE ${role} BYPASSRLS`
  const on = {
    database: quoteIdentifier(database),
    schema: quoteIdentifier(object.schema),
    table: quoteTable(object),
    sequence: quoteTable(object),
  }
  return `GRANT ${right} ON ${kind.toUpperCase()} ${on[kind]} TO ${role}`
}

/** COPY with a list of columns needs the right on these only, so one on every column will do. */
const tableRight = (right: string, columns: string, otherwise = ''): string => `
  select t.nspname, t.relname, 'table', '${right}', 3 from target t
  where not has_table_privilege(t.oid, '${right}') and (${otherwise}exists (
    select from pg_attribute a
    where a.attrelid = t.oid and a.attnum > 0 and not a.attisdropped${columns} and not has_column_privilege(t.oid, a.attnum, '${right}')))`

/** LOCK TABLE asks for a right on the table as a whole. */
const noLock = `not has_table_privilege(t.oid, 'INSERT, UPDATE, DELETE, TRUNCATE') or `

const statement = `
with target as (
  select c.oid, n.nspname, c.relname, c.relowner
  from unnest($1::text[], $2::text[]) as given(schema, name)
  join pg_namespace n on n.nspname = given.schema
  join pg_class c on c.relnamespace = n.oid and c.relname = given.name
), fed as (
  select distinct s.oid, n.nspname, s.relname
  from target t
  join pg_depend d on
    (d.classid = 'pg_class'::regclass and d.refclassid = 'pg_class'::regclass and d.refobjid = t.oid and d.deptype in ('a', 'i'))
    or (d.classid = 'pg_attrdef'::regclass and d.refclassid = 'pg_class'::regclass
        and d.objid in (select oid from pg_attrdef where adrelid = t.oid))
  join pg_class s on s.relkind = 'S' and s.oid = case d.classid when 'pg_class'::regclass then d.objid else d.refobjid end
  join pg_namespace n on n.oid = s.relnamespace
), missing (schema, name, kind, missing, rank) as (
  select given.name, '', 'schema', 'USAGE', 1 from unnest($3::text[]) as given(name)
  join pg_namespace n on n.nspname = given.name
  where not has_schema_privilege(n.oid, 'USAGE')
  union all
  select $4::text, '', 'schema', 'CREATE', 2 from pg_namespace n where n.nspname = $4 and not has_schema_privilege(n.oid, 'CREATE')
  union all
  select current_database(), '', 'database', 'CREATE', 0
  where $4 is not null and not exists (select from pg_namespace where nspname = $4) and not has_database_privilege(current_database(), 'CREATE')
  union all ${tableRight('SELECT', '')}
  union all ${tableRight('INSERT', ` and a.attgenerated = ''`, noLock)}
  union all
  select t.nspname, t.relname, 'table', 'TRUNCATE', 3 from target t where not has_table_privilege(t.oid, 'TRUNCATE')
  union all
  select t.nspname, t.relname, 'table', 'ROW SECURITY', 3 from target t where row_security_active(t.oid)
  union all
  select f.nspname, f.relname, 'sequence', wanted.privilege, 4 from fed f, unnest(array['USAGE', 'UPDATE']) as wanted(privilege)
  where not has_sequence_privilege(f.oid, wanted.privilege)
)
select m.schema, m.name, m.kind, m.missing, pg_has_role(t.relowner, 'USAGE') as owner
from missing m left join target t on m.kind = 'table' and t.nspname = m.schema and t.relname = m.name
order by m.rank, m.schema, m.name, m.missing`
