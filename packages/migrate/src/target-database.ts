import type { Finding, Plan } from '@rowferry/plan'
import { finding } from '@rowferry/plan'
import type { Session } from '@rowferry/postgres'
import { hasSchema } from './crossing/pre-data.ts'

/** What stands against the database itself, or the schema in it. */
export async function databaseFindings(session: Session, plan: Plan): Promise<Finding[]> {
  return [...(await schemaFindings(session, plan)), ...(await encodingFindings(session))]
}

async function schemaFindings(session: Session, { options, tables }: Plan): Promise<Finding[]> {
  const { schema } = options
  // https://www.postgresql.org/docs/current/ddl-schemas.html#DDL-SCHEMAS-CATALOG
  if (/^pg_|^information_schema$/.test(schema))
    return [
      finding({
        code: 'SCHEMA_RESERVED',
        severity: 'refuse',
        message: `the schema ${schema} belongs to PostgreSQL itself`,
        remedy: 'name another one with --schema',
      }),
    ]
  if (tables.every((table) => table.mode === 'existing') || (await hasSchema(session, schema))) return []
  return [
    finding({ code: 'SCHEMA_MISSING', severity: 'note', message: `the target has no schema ${schema}: it is made` }),
  ]
}

/** Cells and names are judged as Unicode here; the server converts them only as it takes them in. */
async function encodingFindings(session: Session): Promise<Finding[]> {
  const [row] = await session.query("select pg_catalog.current_setting('server_encoding') as encoding")
  const encoding = row?.['encoding']
  if (encoding === 'UTF8') return []
  const says =
    encoding === 'SQL_ASCII'
      ? 'knows no characters: text is kept as its UTF-8 bytes, and lengths and case go by bytes'
      : 'has not every character: text and names that hold others are refused as they are loaded'
  return [
    finding({
      code: 'TARGET_NOT_UTF8',
      severity: 'warning',
      verdict: 'safe',
      message: `the target's encoding is ${encoding}, which ${says}`,
      remedy: `for all of Unicode make the database anew: CREATE DATABASE … ENCODING 'UTF8' TEMPLATE template0`,
    }),
  ]
}
