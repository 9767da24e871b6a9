import type { PgliteAddress, PostgresAddress } from '@rowferry/connect'

/** The address of a test database, or of what it becomes with a few changes. */
export function serverAddress(url: string, changes: Partial<PostgresAddress> = {}): PostgresAddress {
  const { hostname, port, pathname, username, password } = new URL(url)
  const address = {
    kind: 'postgres' as const,
    host: hostname,
    port: Number(port || 5432),
    database: pathname.slice(1),
    user: username,
    password: password === '' ? null : decodeURIComponent(password),
    ssl: { mode: 'prefer' as const, rootCertificate: null },
    applicationName: 'rowferry-test',
    connectTimeoutMs: 10_000,
    options: null,
    ...changes,
  }
  return { label: `postgres://${address.user}@${address.host}:${address.port}/${address.database}`, ...address }
}

export const memoryAddress: PgliteAddress = { kind: 'pglite', folder: 'memory://', label: 'pglite://memory' }
