import { baseType } from './base-type.ts'
import type { Reference } from './foreign-keys.ts'
import { quoteIdentifier, quoteTable } from './quote.ts'
import { readJson } from './read-json.ts'
import type { Session } from './session.ts'

export interface AntiJoin {
  /** The child as a FROM item, named `child`. */
  readonly child: string
  /** True for its orphans. */
  readonly where: string
}

interface Comparison {
  readonly childPartitioned: boolean
  readonly parentPartitioned: boolean
  readonly columns: readonly { readonly operator: string | null; readonly collation: string | null }[]
}

/**
 * A foreign key as a condition on its child, comparing as PostgreSQL's own triggers do: by the key's operators, not by whatever `=` the search path
 * finds (for citext it may be text's), under the parent's collation, and without the rows of inheriting tables.
 */
export async function antiJoin(session: Session, key: Reference): Promise<AntiJoin> {
  const [found] = await antiJoins(session, [key])
  return found!
}

/** The same for many at once. */
export async function antiJoins(session: Session, keys: readonly Reference[]): Promise<AntiJoin[]> {
  if (keys.length === 0) return []
  const wanted = keys.map(({ table, columns, references, referencedColumns }) => ({
    schema: table.schema,
    name: table.name,
    columns,
    parentSchema: references.schema,
    parentName: references.name,
    parentColumns: referencedColumns,
  }))
  const found = await readJson<Comparison & { readonly place: number }>(session, comparison, [JSON.stringify(wanted)])
  const byPlace = new Map(found.map((each) => [each.place, each]))
  return keys.map((key, at) => conditionOf(key, byPlace.get(at + 1)))
}

function conditionOf(key: Reference, found: Comparison | undefined): AntiJoin {
  const matches = key.columns.map((column, at) => {
    const { operator, collation } = found?.columns[at] ?? { operator: null, collation: null }
    const parent = `parent.${quoteIdentifier(key.referencedColumns[at] ?? column)}`
    const equals =
      key.period && at === key.columns.length - 1 ? 'operator(pg_catalog.&&)' : (operator ?? 'operator(pg_catalog.=)')
    return `${parent}${collation === null ? '' : ` collate ${collation}`} ${equals} child.${quoteIdentifier(column)}`
  })
  const from = `${found?.parentPartitioned ? '' : 'only '}${quoteTable(key.references)} as parent where ${matches.join(' and ')}`
  const complete = key.columns.map((column) => `child.${quoteIdentifier(column)} is not null`).join(' and ')
  const orphan = `(${complete} and not exists (${key.period ? periodCovered(key, from) : `select from ${from}`}))`
  return {
    child: `${found?.childPartitioned ? '' : 'only '}${quoteTable(key.table)} as child`,
    where: key.match === 'full' && key.columns.length > 1 ? `(${orphan} or ${halfNull(key)})` : orphan,
  }
}

/** A period may be covered by several rows of the parent together. */
function periodCovered(key: Reference, from: string): string {
  const child = `child.${quoteIdentifier(key.columns.at(-1) ?? '')}`
  const parent = `parent.${quoteIdentifier(key.referencedColumns.at(-1) ?? '')}`
  return `select from (select ${parent} as covered from ${from}) as covering having ${child} operator(pg_catalog.<@) pg_catalog.range_agg(covered)`
}

function halfNull({ columns }: Reference): string {
  const nulls = `num_nulls(${columns.map((column) => `child.${quoteIdentifier(column)}`).join(', ')})`
  return `${nulls} between 1 and ${columns.length - 1}`
}

// The operator of the key itself while it is there; else the one of the parent's default btree operator class, as the key would get it.
// Types without a class of their own (varchar, enums, arrays, domains over them) are pg_catalog's, and so is their operator
const comparison = `
  select wanted.place, c.relkind = 'p' as "childPartitioned", p.relkind = 'p' as "parentPartitioned",
         (select json_agg(json_build_object('operator', 'operator(' || quote_ident(oper.nspname) || '.' || oper.oprname || ')',
                                            'collation', quote_ident(cn.nspname) || '.' || quote_ident(co.collname)) order by pair.at)
            from unnest(array(select json_array_elements_text(wanted.key -> 'columns')),
                        array(select json_array_elements_text(wanted.key -> 'parentColumns'))) with ordinality as pair (child, parent, at)
            left join pg_catalog.pg_attribute ca on ca.attrelid = c.oid and ca.attname = pair.child
            left join pg_catalog.pg_attribute pa on pa.attrelid = p.oid and pa.attname = pair.parent
            left join pg_catalog.pg_collation co on co.oid = pa.attcollation and pa.attcollation <> ca.attcollation
            left join pg_catalog.pg_namespace cn on cn.oid = co.collnamespace
            left join lateral (
              select coalesce(
                (select con.conpfeqop[pos.at] from pg_catalog.pg_constraint con, unnest(con.conkey, con.confkey) with ordinality pos (child, parent, at)
                  where con.contype = 'f' and con.conrelid = c.oid and con.confrelid = p.oid and pos.child = ca.attnum and pos.parent = pa.attnum limit 1),
                (select am.amopopr
                   from (select ${baseType('ca.atttypid')} as child, ${baseType('pa.atttypid')} as parent) base
                   join pg_catalog.pg_opclass oc on oc.opcintype = base.parent and oc.opcdefault
                   join pg_catalog.pg_am on pg_am.oid = oc.opcmethod and pg_am.amname = 'btree'
                   join pg_catalog.pg_amop am on am.amopfamily = oc.opcfamily and am.amopstrategy = 3
                    and am.amoplefttype = base.parent and am.amoprighttype in (base.child, base.parent)
                  order by am.amoprighttype <> base.child limit 1)) as oid offset 0) chosen on true
            left join lateral (
              select o.oprname, n.nspname from pg_catalog.pg_operator o
                join pg_catalog.pg_namespace n on n.oid = o.oprnamespace
               where o.oid = chosen.oid) oper on true) as columns
    from json_array_elements($1::json) with ordinality as wanted (key, place)
    join pg_catalog.pg_namespace n on n.nspname = wanted.key ->> 'schema'
    join pg_catalog.pg_class c on c.relnamespace = n.oid and c.relname = wanted.key ->> 'name'
    join pg_catalog.pg_namespace pn on pn.nspname = wanted.key ->> 'parentSchema'
    join pg_catalog.pg_class p on p.relnamespace = pn.oid and p.relname = wanted.key ->> 'parentName'`
