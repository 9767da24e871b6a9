import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import type { Session } from '../src/index.ts'
import { quoteIdentifier } from '../src/quote.ts'

const run = promisify(execFile)

/** Everything the catalogs say about a schema, by name instead of oid, one fact a line; and what pg_dump says, where there is one that knows the server. */
export async function dumpSchema(session: Session, url: string, schema: string): Promise<string[]> {
  const rows = await session.query(facts, [schema])
  return [...rows.map((row) => row['fact'] ?? ''), ...(await pgDump(url, schema))]
}

async function pgDump(url: string, schema: string): Promise<string[]> {
  try {
    const { stdout } = await run('pg_dump', ['--schema-only', `--schema=${quoteIdentifier(schema)}`, url])
    // A random word guards each dump against its own text
    return stdout.split('\n').filter((line) => !/^\\(un)?restrict /.test(line))
  } catch (error) {
    const { code, stderr = '' } = error as { code?: unknown; stderr?: string }
    if (code === 'ENOENT' || stderr.includes('server version mismatch')) return []
    throw error
  }
}

const facts = `
  with here (oid) as (select oid from pg_class where relnamespace = (select oid from pg_namespace where nspname = $1) and relkind in ('r', 'p', 'i', 'I', 'v', 'S')),
  constraints as (select c.* from pg_constraint c join here on here.oid = c.conrelid)
  select * from (
    select format('class %s: %s', c.oid::regclass, to_jsonb(c) - '{oid,relname,relfilenode,relpages,reltuples,relallvisible,relallfrozen,relfrozenxid,relminmxid,reltoastrelid,reltype,relhasindex}'::text[]) as fact
      from pg_class c join here using (oid)
    union all
    select format('index %s: %s %s', i.indexrelid::regclass, pg_get_indexdef(i.indexrelid), to_jsonb(i) - '{indexrelid,indrelid,indexprs,indpred,indcheckxmin}'::text[])
      from pg_index i join here on here.oid = i.indexrelid
    union all
    select format('column %s.%s: %s', a.attrelid::regclass, a.attname, to_jsonb(a) - '{attrelid,attcacheoff}'::text[]) from pg_attribute a join here on here.oid = a.attrelid where attnum > 0
    union all
    select format('constraint %s on %s: %s %s', c.conname, c.conrelid::regclass, pg_get_constraintdef(c.oid),
                  to_jsonb(c) - '{oid,conrelid,conindid,confrelid,conparentid,conbin,connamespace,contypid,conpfeqop,conppeqop,conffeqop,conexclop}'::text[]) from constraints c
    union all
    select format('trigger %s on %s: %s %s', case when t.tgisinternal then 'internal' else t.tgname end, t.tgrelid::regclass, t.tgfoid::regproc,
                  to_jsonb(t) - '{oid,tgrelid,tgname,tgconstraint,tgconstrindid,tgconstrrelid,tgfoid,tgparentid}'::text[])
      from pg_trigger t join here on here.oid = t.tgrelid
    union all
    select format('comment on %s: %s', pg_describe_object(d.classoid, d.objoid, d.objsubid), d.description) from pg_description d
     where (d.classoid = 'pg_class'::regclass and d.objoid in (select oid from here)) or (d.classoid = 'pg_constraint'::regclass and d.objoid in (select oid from constraints))
    union all
    select regexp_replace(format('%s depends on %s (%s)', pg_describe_object(d.classid, d.objid, d.objsubid), pg_describe_object(d.refclassid, d.refobjid, d.refobjsubid), d.deptype),
                          '(ConstraintTrigger_)([ac]_)?[0-9]+', '\\1\\2', 'g')
      from pg_depend d
     where (d.classid = 'pg_class'::regclass and d.objid in (select oid from here)) or (d.refclassid = 'pg_class'::regclass and d.refobjid in (select oid from here))
        or (d.classid = 'pg_constraint'::regclass and d.objid in (select oid from constraints)) or (d.refclassid = 'pg_constraint'::regclass and d.refobjid in (select oid from constraints))
  ) all_facts order by fact collate "C"`
