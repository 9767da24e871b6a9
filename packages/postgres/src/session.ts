import type { Kysely } from 'kysely'

export interface ServerFacts {
  /** `server_version_num`, e.g. 180004. */
  readonly version: number
  readonly versionText: string
  readonly database: string
  readonly user: string
  readonly superuser: boolean
  readonly pid: number
  /** What long values are compressed with in this session: `lz4` wherever the server has it; null before PostgreSQL 14, which has `pglz` only. */
  readonly compression: string | null
  /** When that process, and the server as a whole, were started, in the server's words: a pid alone may be given to another process. */
  readonly backendStart: string
  readonly serverStart: string
}

/** Values for `$1` … : sent as text, so give a cast where PostgreSQL cannot tell the type; octets are sent as they are, as the type's binary form. */
export type SessionParameters = readonly (string | number | boolean | null | readonly string[] | Uint8Array)[]

/** What the server says a statement did (https://www.postgresql.org/docs/current/protocol-message-formats.html, CommandComplete). */
export interface CommandTag {
  /** The tag's first word: `COMMIT`, `ROLLBACK`, `TRUNCATE`, `INSERT` … */
  readonly command: string
  /** Rows it touched; null for statements that do not count. */
  readonly rows: number | null
}

/** One connection to PostgreSQL, a server's or PGlite's. One statement at a time. Values come back as the text PostgreSQL printed (or null), never parsed. */
export interface Session {
  readonly kind: 'server' | 'pglite'
  readonly label: string
  readonly server: ServerFacts
  /** Runs one statement (parameters by `$1` …), or several without parameters; rows of the last one. Rejects with `PostgresError`. */
  query(sql: string, parameters?: SessionParameters): Promise<Record<string, string | null>[]>
  /** The same for a statement whose answer is its command tag: what the server says it did, which need not be what was asked (a COMMIT may answer `ROLLBACK`). */
  execute(sql: string, parameters?: SessionParameters): Promise<CommandTag>
  /** The same connection as Kysely, for the readers of `@rowferry/introspect/postgres`. Values of json arrive parsed, int8 as text. */
  // oxlint-disable-next-line typescript/no-explicit-any -- the database's tables are not known beforehand
  readonly kysely: Kysely<any>
  /** COPY … FROM STDIN (FORMAT binary): `sql` is the statement; header and trailer are written here. */
  copyIn(sql: string): Promise<CopyIn>
  /** COPY … TO STDOUT (FORMAT binary), the file's bytes in pieces with boundaries anywhere (the header comes together with row 1). */
  copyOut(sql: string): AsyncIterable<Uint8Array>
  /**
   * Several small COPY … FROM STDIN (FORMAT binary) in one go, for all the way there and back only once; on a server, not on PGlite.
   * All rows are sent at once, so keep them to a megabyte or two together. Rejects with the server's first error; then nothing of what followed was run.
   */
  readonly copyInAll?: (loads: readonly SmallLoad[]) => Promise<SmallLoaded[]>
  /** Several COPY … TO STDOUT (FORMAT binary) in one go: the pieces of each in turn, and a null at the end of each. On a server, not on PGlite. */
  readonly copyOutAll?: (statements: readonly string[]) => AsyncIterable<Uint8Array | null>
  /** Another connection to the same place (to settle a lost COMMIT); not for PGlite, which refuses with `PGLITE_SINGLE`. Only its own signal ends it. */
  another(options?: { readonly signal?: AbortSignal }): Promise<Session>
  /** Ends the connection; may be called twice. An open transaction is rolled back by the server. */
  close(): Promise<void>
}

export interface SmallLoad {
  /** The COPY statement. */
  readonly sql: string
  /** Whole tuples, without header or trailer. */
  readonly tuples: Uint8Array
}

export interface SmallLoaded {
  /** The number of rows the server says it took. */
  readonly rows: number
  /** From the end of the one before to its own. */
  readonly ms: number
}

export interface CopyIn {
  /** Whole tuples only, without header or trailer; the bytes may be reused as soon as the promise resolves. Waits while the server cannot swallow more. Rejects with the server's error as soon as it is known. */
  write(tuples: Uint8Array): Promise<void>
  /** Ends the COPY; the number of rows the server says it took. */
  finish(): Promise<number>
  /** CopyFail: the statement fails on the server and the transaction is aborted. Resolves when the server has said so; never rejects. */
  fail(reason: string): Promise<void>
}

/** What PostgreSQL (or the way to it) said. `code` is the SQLSTATE, or a code of ours such as `TARGET_LOST`. */
export class PostgresError extends Error {
  readonly code: string
  readonly detail: string | null
  readonly hint: string | null
  /** CONTEXT, e.g. `COPY users, line 3, column role`. */
  readonly where: string | null
  readonly schema: string | null
  readonly table: string | null
  readonly column: string | null
  readonly constraint: string | null
  readonly remedy: string | null
  /** The SQLSTATE by which the server ended the session, where `code` is `TARGET_LOST`: `57P01` when somebody asked it to. */
  readonly ended: string | null
  constructor(
    code: string,
    message: string,
    facts: Partial<
      Pick<
        PostgresError,
        'detail' | 'hint' | 'where' | 'schema' | 'table' | 'column' | 'constraint' | 'remedy' | 'ended'
      >
    > & { cause?: unknown } = {},
  ) {
    super(message, facts.cause === undefined ? undefined : { cause: facts.cause })
    this.name = 'PostgresError'
    this.code = code
    this.detail = facts.detail ?? null
    this.hint = facts.hint ?? null
    this.where = facts.where ?? null
    this.schema = facts.schema ?? null
    this.table = facts.table ?? null
    this.column = facts.column ?? null
    this.constraint = facts.constraint ?? null
    this.remedy = facts.remedy ?? null
    this.ended = facts.ended ?? null
  }
}
