import { formatTableName } from '@rowferry/introspect'
import type { Finding, Plan } from '@rowferry/plan'
import { finding } from '@rowferry/plan'
import type { Session } from '@rowferry/postgres'

/**
 * Columns into which not even NULL can be sent: COPY BINARY wants a type's binary input before the first row, and a few types have none
 * (`aclitem`, `seg`, those of `isn`). https://www.postgresql.org/docs/current/sql-createtype.html
 */
export async function unsendableFindings(session: Session, plan: Plan): Promise<Finding[]> {
  const existing = plan.tables.filter((table) => table.mode === 'existing' && table.oid !== null)
  if (existing.length === 0) return []
  const found = await session.query(unsendable, [existing.map((table) => String(table.oid))])
  return found.flatMap(({ oid, column, type }) => {
    const table = existing.find((each) => String(each.oid) === oid)
    const cast = table?.casts.find((each) => each.target === column)
    if (!table || !cast) return []
    const name = `${formatTableName(table.source)}.${cast.column}`
    return finding({
      code: 'TYPE_UNSUPPORTED',
      severity: 'refuse',
      table: formatTableName(table.source),
      column: cast.column,
      targetType: type ?? null,
      message: `${name}: nothing can be sent to it, not even NULL, since the type ${type} has no binary input`,
      remedy: `make ${name} text in the target, and after the crossing ALTER TABLE … ALTER COLUMN … TYPE ${type} USING …::${type}`,
    })
  })
}

// Domains and arrays send what they are made of
const unsendable = `
  with recursive part (relation, at, name, declared, type) as (
    select attrelid, attnum, attname, atttypid, atttypid
      from pg_catalog.pg_attribute where attrelid = any ($1::oid[]) and attnum > 0 and not attisdropped
    union all
    select part.relation, part.at, part.name, part.declared, case t.typtype when 'd' then t.typbasetype else t.typelem end
      from part join pg_catalog.pg_type t on t.oid = part.type
     where t.typtype = 'd' or (t.typelem <> 0 and t.typlen = -1))
  select part.relation::text as oid, part.name as column, format_type(part.declared, null) as type
    from part join pg_catalog.pg_type t on t.oid = part.type
   where t.typreceive = 0
   order by part.relation, part.at`
