import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { describeStructure } from '@rowferry/introspect'
import { readPostgresCatalog } from '@rowferry/introspect/postgres'
import { openSession, schemaSnapshot } from '@rowferry/postgres'
import type { Rig } from './rig.ts'

/** Everything that is made in the database, as text; with what pg_dump says, where there is one that knows the server. */
export async function schemaOf({ target, url }: Pick<Rig, 'target' | 'url'>): Promise<string> {
  const session = await openSession(target)
  try {
    const schemas = (
      await session.query("select nspname as name from pg_namespace where nspname !~ '^pg_|^information_schema$'")
    ).map(({ name }) => name!)
    const catalog = await readPostgresCatalog(session.kysely, { schemas })
    const tables = catalog.tables.map(({ name }) => name)
    const others = await session.query(
      `select oid::regprocedure::text as object from pg_proc where pronamespace = any ($1::text[]::regnamespace[]::oid[])
       union all select oid::regcollation::text from pg_collation where collnamespace = any ($1::text[]::regnamespace[]::oid[])
       union all select extname from pg_extension order by 1`,
      [schemas],
    )
    return [
      schemas.toSorted(),
      JSON.stringify(describeStructure(catalog), null, 1),
      await schemaSnapshot(session, tables),
      others.map(({ object }) => object),
      await pgDump(url),
    ].join('\n')
  } finally {
    await session.close()
  }
}

async function pgDump(url: string): Promise<string> {
  try {
    const { stdout } = await promisify(execFile)('pg_dump', ['--schema-only', url], { maxBuffer: 1 << 26 })
    // A random word guards each dump against its own text
    return stdout.replaceAll(/^\\(un)?restrict .*$/gm, '')
  } catch (error) {
    const { code, stderr = '' } = error as { code?: unknown; stderr?: string }
    if (code === 'ENOENT' || stderr.includes('server version mismatch')) return ''
    throw error
  }
}
