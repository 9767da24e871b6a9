/** How to reach a PostgreSQL server. The password is here and nowhere else: `label` never holds it. */
export interface PostgresAddress {
  readonly kind: 'postgres'
  readonly host: string
  readonly port: number
  readonly database: string
  readonly user: string
  readonly password: string | null
  readonly ssl: { readonly mode: 'disable' | 'prefer' | 'require' | 'verify-ca' | 'verify-full'; readonly rootCertificate: string | null }
  readonly applicationName: string
  readonly connectTimeoutMs: number
  /** libpq's `options`, e.g. `-c search_path=app`. */
  readonly options: string | null
  /** For people: `postgres://user@host:5432/database`. */
  readonly label: string
}

/** PostgreSQL in a folder (PGlite): one process at a time, and not durable against power loss (fsync is off). */
export interface PgliteAddress {
  readonly kind: 'pglite'
  /** Absolute path, or `memory://`. */
  readonly folder: string
  readonly label: string
}

export interface SqliteAddress {
  readonly kind: 'sqlite'
  /** Absolute path. */
  readonly path: string
  readonly label: string
}

/** A scheme that some adapter may know (`mysql://…`). */
export interface OtherAddress {
  readonly kind: 'other'
  readonly scheme: string
  readonly url: string
  readonly label: string
}

export type DatabaseAddress = PostgresAddress | PgliteAddress | SqliteAddress | OtherAddress
