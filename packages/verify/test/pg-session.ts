import { openSession, type Session } from '@rowferry/postgres'

/** The session that rowferry itself uses, on a URL of the tests' own server. */
export function sessionOn(databaseUrl: string): Promise<Session> {
  const url = new URL(databaseUrl)
  return openSession({
    kind: 'postgres',
    host: url.hostname,
    port: Number(url.port || '5432'),
    database: url.pathname.slice(1),
    user: url.username,
    password: url.password || null,
    ssl: { mode: 'disable', rootCertificate: null },
    applicationName: 'rowferry verify tests',
    connectTimeoutMs: 10_000,
    options: null,
    label: url.pathname,
  })
}
