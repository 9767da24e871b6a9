import type { ValueRules } from '@rowferry/coerce'
import { readPostgresCatalog } from '@rowferry/introspect/postgres'
import type { TablePlan } from '@rowferry/plan'
import type { Session } from '@rowferry/postgres'
import { openSession } from '@rowferry/postgres'

export type Target = Session & AsyncDisposable

/** A session on the test's database, in an open transaction, with the tables that `sql` makes. */
export async function openTarget(url: string, sql: string): Promise<Target> {
  const { hostname, port, pathname, username } = new URL(url)
  return prepare(
    await openSession({
      kind: 'postgres',
      label: url,
      host: hostname,
      port: Number(port || 5432),
      database: pathname.slice(1),
      user: username,
      password: null,
      ssl: { mode: 'prefer', rootCertificate: null },
      applicationName: 'rowferry-test',
      connectTimeoutMs: 10_000,
      options: null,
    }),
    sql,
  )
}

export async function openLiteTarget(sql: string): Promise<Target> {
  return prepare(await openSession({ kind: 'pglite', folder: 'memory://', label: 'pglite:memory' }), sql)
}

async function prepare(session: Session, sql: string): Promise<Target> {
  await session.query(`begin; set local search_path = public; ${sql}; set local search_path = ''`)
  return { ...session, [Symbol.asyncDispose]: () => session.close() }
}

/** The plan of a table of the target, from its own catalog; the source's table and columns are called the same. */
export async function planOf(
  session: Session,
  name: string,
  given: Partial<TablePlan> & { rules?: Readonly<Record<string, ValueRules>> } = {},
): Promise<TablePlan> {
  const { rules = {}, ...rest } = given
  const { tables } = await readPostgresCatalog(session.kysely, { schemas: ['public'] })
  const table = tables.find((each) => each.name.name === name)!
  const key = [...(table.primaryKey?.columns ?? [])]
  return {
    source: { schema: 'main', name },
    target: table.name,
    mode: 'existing',
    onExisting: 'append',
    casts: table.columns.map((column) => ({
      column: column.name,
      target: column.name,
      type: column.type!,
      notNull: false,
      rules: rules[column.name] ?? {},
      because: 'the target says so',
    })),
    fills: [],
    generated: [],
    conditions: [],
    key,
    targetKey: key,
    rowIdentifier: null,
    classedIntegers: false,
    rows: null,
    oid: table.postgres?.oid ?? null,
    owned: true,
    partitioned: table.kind === 'partitioned',
    sequences: [],
    definition: null,
    ...rest,
  }
}

/** Rows of a query, one array a row. */
export async function rowsOf(session: Session, sql: string): Promise<(string | null)[][]> {
  return (await session.query(sql)).map((row) => Object.values(row))
}

/** Nothing of a COPY is left over: after ROLLBACK the connection takes statements, and the tables are gone. */
export async function isClean(session: Session): Promise<boolean> {
  await session.query('rollback')
  const [row] = await session.query("select count(*) as n from pg_class where relnamespace = 'public'::regnamespace")
  return row?.['n'] === '0'
}
