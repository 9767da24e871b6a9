/** How to reach a PostgreSQL server. The password is here and nowhere else: `label` never holds it. */
export interface PostgresAddress {
  readonly kind: 'postgres'
  /** A name, an IP address (IPv6 without brackets), or the directory of a Unix socket when it starts with `/`. */
  readonly host: string
  readonly port: number
  readonly database: string
  readonly user: string
  readonly password: string | null
  /**
   * libpq's meaning of the modes; `allow` has become `prefer`. `rootCertificate` is the absolute path of a PEM file with the authorities to trust;
   * null means those that Node.js trusts. https://www.postgresql.org/docs/current/libpq-ssl.html
   */
  readonly ssl: {
    readonly mode: 'disable' | 'prefer' | 'require' | 'verify-ca' | 'verify-full'
    readonly rootCertificate: string | null
    /** Absolute paths of this client's own certificate and its key, both PEM; the key's password, where it is encrypted. */
    readonly client?: { readonly certificate: string; readonly key: string; readonly keyPassword: string | null }
  }
  /** With `require`, no password is given to a server that does not prove, over TLS, to know it as well (SCRAM-SHA-256-PLUS). Default: not asked for. */
  readonly channelBinding?: 'require'
  /** Further places to try, in order, where the first cannot be reached or is not of the kind wanted. */
  readonly others?: readonly { readonly host: string; readonly port: number; readonly password: string | null }[]
  /** libpq's `target_session_attrs`. Default `any`. */
  readonly sessionAttributes?: SessionAttributes
  readonly applicationName: string
  /** 0 waits for ever. */
  readonly connectTimeoutMs: number
  /** libpq's `options`, e.g. `-c search_path=app`. */
  readonly options: string | null
  /** The schema that the URL itself names, as Prisma (`?schema=`) and JDBC (`?currentSchema=`) write it: a default for the target schema. */
  readonly schema?: string
  /** What was understood but not used, in words for a person; never holds a secret. */
  readonly notes?: readonly string[]
  /** For people: `postgres://user@host:5432/database`. */
  readonly label: string
}

export const sessionAttributes = ['any', 'read-write', 'read-only', 'primary', 'standby', 'prefer-standby'] as const
export type SessionAttributes = (typeof sessionAttributes)[number]

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
  /** Without SQLAlchemy's driver suffix: `mysql` for `mysql+pymysql://…`. */
  readonly scheme: string
  /** The whole URL, password included and percent-encoded, its scheme as in `scheme`. */
  readonly url: string
  readonly label: string
}

export type DatabaseAddress = PostgresAddress | PgliteAddress | SqliteAddress | OtherAddress
