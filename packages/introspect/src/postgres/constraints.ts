import { sql } from 'kysely'
import type { Check, Constraint, Deferrability, ForeignKey, ForeignKeyAction, Key } from '../catalog.ts'
import { among, pinned, type Bool, type Reading } from './query.ts'

interface ConstraintRow {
  readonly table: string
  readonly name: string
  readonly kind: 'p' | 'u' | 'f' | 'c' | 'x'
  readonly columns: string
  readonly parent: string
  readonly parent_columns: string
  readonly on_delete: string
  readonly on_update: string
  readonly match: string
  readonly deferrable: Bool
  readonly deferred: Bool
  readonly validated: Bool
  readonly nulls_not_distinct: Bool | null
  readonly expression: string | null
  readonly definition: string
}

export interface Constraints {
  primaryKey: Key | null
  readonly uniques: Key[]
  readonly foreignKeys: ForeignKey[]
  readonly checks: Check[]
  readonly exclusions: Constraint[]
}

export const noConstraints = (): Constraints => ({
  primaryKey: null,
  uniques: [],
  foreignKeys: [],
  checks: [],
  exclusions: [],
})

/** The constraints of each table, by its oid and in the order of their names. NOT NULL is a column's. */
export async function readConstraints(reading: Reading, tables: readonly string[]): Promise<Map<string, Constraints>> {
  const names = (keys: string, table: string) => sql`(select coalesce(json_agg(a.attname order by k.at), '[]')
    from unnest(${sql.ref(keys)}) with ordinality k(number, at) join pg_attribute a on a.attrelid = ${sql.ref(table)} and a.attnum = k.number)::text`
  const rows = await reading.query(sql<ConstraintRow>`
    select c.conrelid::text as table, c.conname::text as name, c.contype::text as kind, ${names('c.conkey', 'c.conrelid')} as columns,
      json_build_object('schema', pn.nspname, 'name', p.relname)::text as parent, ${names('c.confkey', 'c.confrelid')} as parent_columns,
      c.confdeltype::text as on_delete, c.confupdtype::text as on_update, c.confmatchtype::text as match,
      c.condeferrable::text as deferrable, c.condeferred::text as deferred, c.convalidated::text as validated,
      ${reading.version < 150000 ? sql`'false'` : sql`i.indnullsnotdistinct::text`} as nulls_not_distinct,
      case when c.contype = 'c' then pg_get_expr(c.conbin, c.conrelid) end as expression, pg_get_constraintdef(c.oid) as definition
    from pg_constraint c left join pg_class p on p.oid = c.confrelid left join pg_namespace pn on pn.oid = p.relnamespace
      left join pg_index i on i.indexrelid = c.conindid and c.contype in ('p', 'u')
      left join pg_constraint whole on whole.oid = c.conparentid
    where ${among('c.conrelid', tables)} and c.contype in ('p', 'u', 'f', 'c', 'x')
      -- A key to a partitioned table has one more row for each of its partitions
      and (c.contype <> 'f' or whole.conrelid is distinct from c.conrelid) and ${pinned}
    order by c.conrelid, c.conname::text collate "C"`)
  const constraints = new Map(tables.map((oid) => [oid, noConstraints()]))
  for (const row of rows) {
    const of = constraints.get(row.table)
    if (of !== undefined) add(row, of)
  }
  return constraints
}

function add(row: ConstraintRow, to: Constraints): void {
  const { name, definition } = row
  const validated = row.validated === 'true'
  if (row.kind === 'p') to.primaryKey = keyOf(row)
  else if (row.kind === 'u') to.uniques.push(keyOf(row))
  else if (row.kind === 'f') to.foreignKeys.push(foreignKeyOf(row, validated))
  else if (row.kind === 'c') to.checks.push({ name, expression: row.expression ?? '', validated, definition })
  else to.exclusions.push({ name, definition })
}

function keyOf(row: ConstraintRow): Key {
  return {
    name: row.name,
    columns: JSON.parse(row.columns),
    deferrability: deferrabilityOf(row),
    nullsNotDistinct: row.nulls_not_distinct === 'true',
    definition: row.definition,
  }
}

function deferrabilityOf(row: ConstraintRow): Deferrability {
  if (row.deferrable === 'false') return 'not deferrable'
  return row.deferred === 'true' ? 'initially deferred' : 'initially immediate'
}

const actions: Readonly<Record<string, ForeignKeyAction>> = {
  r: 'restrict',
  c: 'cascade',
  n: 'set null',
  d: 'set default',
}

function foreignKeyOf(row: ConstraintRow, validated: boolean): ForeignKey {
  return {
    name: row.name,
    columns: JSON.parse(row.columns),
    references: JSON.parse(row.parent),
    referencedColumns: JSON.parse(row.parent_columns),
    onDelete: actions[row.on_delete] ?? 'no action',
    onUpdate: actions[row.on_update] ?? 'no action',
    match: row.match === 'f' ? 'full' : row.match === 'p' ? 'partial' : 'simple',
    deferrability: deferrabilityOf(row),
    validated,
    definition: row.definition,
  }
}
