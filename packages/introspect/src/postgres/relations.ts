import { sql } from 'kysely'
import type { PostgresTableFacts, Table, TableName, View } from '../catalog.ts'
import { inScope, pinned, type Bool, type Reading } from './query.ts'

interface RelationRow {
  readonly oid: string
  readonly schema: string
  readonly name: string
  readonly kind: string
  readonly owner: string
  readonly owned: Bool
  readonly row_security: Bool
  readonly persistence: string
  readonly is_partition: Bool
  readonly replica_identity: string
  readonly rows: string | null
  readonly view: string | null
  readonly parents: string
  readonly rules: string
  readonly comment: string | null
}

export type Relation =
  | { readonly oid: string; readonly view: View }
  | {
      readonly oid: string
      readonly table: Pick<Table, 'name' | 'kind' | 'rowEstimate' | 'comment'> & {
        readonly postgres: PostgresTableFacts
      }
    }

/** Tables of every kind and views, by schema and name. */
export async function readRelations(reading: Reading): Promise<Relation[]> {
  // Before 14 an unknown number of rows was 0 like an empty table's
  const known = reading.version < 140000 ? sql`c.relpages > 0` : sql`c.reltuples >= 0`
  const rows = await reading.query(sql<RelationRow>`
    select c.oid::text, n.nspname::text as schema, c.relname::text as name, c.relkind::text as kind,
      pg_get_userbyid(c.relowner)::text as owner, pg_has_role(c.relowner, 'USAGE')::text as owned, c.relrowsecurity::text as row_security,
      c.relpersistence::text as persistence, c.relispartition::text as is_partition, c.relreplident::text as replica_identity,
      case when ${known} then c.reltuples::bigint::text end as rows,
      case when c.relkind in ('v', 'm') then pg_get_viewdef(c.oid) end as view,
      (select coalesce(json_agg(json_build_object('schema', pn.nspname, 'name', pc.relname) order by h.inhseqno), '[]')
        from pg_inherits h join pg_class pc on pc.oid = h.inhparent join pg_namespace pn on pn.oid = pc.relnamespace
        where h.inhrelid = c.oid)::text as parents,
      (select coalesce(json_agg(r.rulename order by r.rulename), '[]') from pg_rewrite r
        where r.ev_class = c.oid and r.rulename <> '_RETURN')::text as rules,
      obj_description(c.oid, 'pg_class') as comment
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where c.relkind in ('r', 'p', 'f', 'v', 'm') and c.relpersistence <> 't'
      and ${inScope(reading.scope, 'pg_class', 'c.oid', 'n.nspname', 'c.relname')} and ${pinned}
    order by n.nspname::text collate "C", c.relname::text collate "C"`)
  return rows.map((row) =>
    row.view === null ? { oid: row.oid, table: tableOf(row) } : { oid: row.oid, view: viewOf(row, row.view) },
  )
}

const nameOf = (row: RelationRow): TableName => ({ schema: row.schema, name: row.name })

function viewOf(row: RelationRow, definition: string): View {
  return { name: nameOf(row), definition, materialized: row.kind === 'm' }
}

const replicaIdentities: Readonly<Record<string, PostgresTableFacts['replicaIdentity']>> = {
  n: 'nothing',
  f: 'full',
  i: 'index',
}

function tableOf(row: RelationRow): Extract<Relation, { table: unknown }>['table'] {
  const parents: TableName[] = JSON.parse(row.parents)
  const partition = row.is_partition === 'true'
  return {
    name: nameOf(row),
    kind: row.kind === 'p' ? 'partitioned' : row.kind === 'f' ? 'foreign' : partition ? 'partition' : 'table',
    rowEstimate: row.rows === null ? null : Number(row.rows),
    comment: row.comment,
    postgres: {
      oid: Number(row.oid),
      owner: row.owner,
      owned: row.owned === 'true',
      rowSecurity: row.row_security === 'true',
      rules: JSON.parse(row.rules),
      persistence: row.persistence === 'u' ? 'unlogged' : 'permanent',
      partitionOf: partition ? (parents[0] ?? null) : null,
      inheritsFrom: partition ? [] : parents,
      replicaIdentity: replicaIdentities[row.replica_identity] ?? 'default',
    },
  }
}
