import { formatTableName, type TableName } from '@rowferry/introspect'
import { renderComment } from '../ddl/render-comment.ts'
import { quoteIdentifier, quoteTable } from '../quote.ts'
import { readJson } from '../read-json.ts'
import { PostgresError, type Session } from '../session.ts'
import {
  dropForLoad,
  foreignKeyObject,
  restoreAfterLoad,
  withoutSearchPath,
  type Drop,
  type Kept,
  type Rebuild,
} from './rebuild.ts'

export interface ForeignKeyName {
  readonly table: TableName
  readonly name: string
}

/** What `restoreForeignKeys` takes: the foreign keys that were dropped, and those that were kept with the reason. */
export type DroppedForeignKeys = Rebuild

/**
 * Drops these foreign keys where they can come back exactly (NOT VALID, deferrability and comments with them), and says why the others stay.
 * Locks the parents as strongly as the children (ACCESS EXCLUSIVE): lock them before. Inside the crossing's transaction.
 *
 * @throws PostgresError `FOREIGN_KEY_MISSING`: one that is not there, for the target changed
 */
export async function dropForeignKeys(
  session: Session,
  foreignKeys: readonly ForeignKeyName[],
): Promise<DroppedForeignKeys> {
  const dropped = await planForeignKeyRebuild(session, foreignKeys)
  await dropForLoad(session, dropped)
  return dropped
}

/**
 * What `dropForeignKeys` would drop and keep. Reads only.
 *
 * @throws PostgresError `FOREIGN_KEY_MISSING`, as there
 */
export async function planForeignKeyRebuild(
  session: Session,
  foreignKeys: readonly ForeignKeyName[],
): Promise<DroppedForeignKeys> {
  const drops: Drop[] = []
  const kept: Kept[] = []
  const found = await withoutSearchPath(session, () =>
    readJson<ForeignKeyFacts>(session, foreignKeyFacts, selection(foreignKeys)),
  )
  for (const wanted of foreignKeys) {
    if (
      found.some(
        (facts) =>
          facts.schema === wanted.table.schema && facts.table === wanted.table.name && facts.name === wanted.name,
      )
    )
      continue
    throw new PostgresError(
      'FOREIGN_KEY_MISSING',
      `${formatTableName(wanted.table)} has no foreign key ${wanted.name}`,
      {
        schema: wanted.table.schema,
        table: wanted.table.name,
        constraint: wanted.name,
        remedy: 'The target changed since it was read: plan again.',
      },
    )
  }
  for (const facts of found) {
    const table = { schema: facts.schema, name: facts.table }
    const object = foreignKeyObject(facts.name)
    const why = reasonToKeep(facts)
    if (why !== null) {
      kept.push({ table, object, why })
      continue
    }
    const name = quoteIdentifier(facts.name)
    drops.push({
      table,
      object,
      statement: `ALTER TABLE ONLY ${quoteTable(table)} DROP CONSTRAINT ${name}`,
      restores: [
        `ALTER TABLE ONLY ${quoteTable(table)} ADD CONSTRAINT ${name} ${facts.definition}`,
        ...renderComment(`CONSTRAINT ${name} ON ${quoteTable(table)}`, facts.comment),
      ],
    })
  }
  return { drops, kept }
}

/** Puts the foreign keys back; the server proves each (but one that was NOT VALID) against all rows. Indexes that they rest on come back before. */
export async function restoreForeignKeys(session: Session, dropped: DroppedForeignKeys): Promise<void> {
  await restoreAfterLoad(session, dropped)
}

interface ForeignKeyFacts {
  readonly schema: string
  readonly table: string
  readonly name: string
  readonly definition: string
  readonly comment: string | null
  readonly owned: boolean
  readonly mayReference: boolean
  readonly partitioned: boolean
  readonly altered: boolean
  readonly dependents: readonly string[]
}

function reasonToKeep(key: ForeignKeyFacts): string | null {
  if (!key.owned) return 'its table belongs to another role'
  if (!key.mayReference) return 'this role has no REFERENCES right on its parent, and could not make it again'
  if (key.partitioned) return 'one of its tables is partitioned'
  if (key.altered) return 'the triggers behind it were switched by hand'
  if (key.dependents.length > 0) return `${key.dependents.join(', ')} depends on it`
  return null
}

function selection(foreignKeys: readonly ForeignKeyName[]): [string[], string[], string[]] {
  return [
    foreignKeys.map((key) => key.table.schema),
    foreignKeys.map((key) => key.table.name),
    foreignKeys.map((key) => key.name),
  ]
}

const foreignKeyFacts = `
  select n.nspname as schema, t.relname as table, con.conname as name, pg_get_constraintdef(con.oid) as definition,
         obj_description(con.oid, 'pg_constraint') as comment, pg_has_role(t.relowner, 'USAGE') as owned,
         has_table_privilege(p.oid, 'REFERENCES')
           or (select bool_and(has_column_privilege(p.oid, k, 'REFERENCES')) from unnest(con.confkey) k) as "mayReference",
         t.relkind = 'p' or t.relispartition or p.relkind = 'p' or con.conparentid <> 0 as partitioned,
         exists (select from pg_trigger g where g.tgconstraint = con.oid and g.tgenabled <> 'O') as altered,
         coalesce((select json_agg(pg_describe_object(d.classid, d.objid, d.objsubid)) from pg_depend d
           where d.refclassid = 'pg_constraint'::regclass and d.refobjid = con.oid
             and not (d.classid = 'pg_trigger'::regclass and d.deptype = 'i')), '[]') as dependents
    from unnest($1::text[], $2::text[], $3::text[]) as wanted (schema, name, key)
    join pg_namespace n on n.nspname = wanted.schema
    join pg_class t on t.relnamespace = n.oid and t.relname = wanted.name
    join pg_constraint con on con.conrelid = t.oid and con.contype = 'f' and con.conname = wanted.key
    join pg_class p on p.oid = con.confrelid
   order by con.oid`
