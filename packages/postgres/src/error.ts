import { PostgresError } from './session.ts'

/** The words of https://www.postgresql.org/docs/current/protocol-error-fields.html as the drivers hand them on. */
interface ErrorFields {
  readonly message: string
  readonly code: string
  readonly severity?: string
  readonly detail?: string
  readonly hint?: string
  readonly where?: string
  readonly schema?: string
  readonly table?: string
  readonly column?: string
  readonly constraint?: string
  readonly routine?: string
}

/** Where an error came from: what may be named, and what may not. */
export interface Origin {
  /** The address for people, without its password. */
  readonly label: string
  /** The password, so that it can be cut out; null when there is none. */
  readonly secret: string | null
}

/**
 * Anything a driver throws once a session is open, as a `PostgresError`; never with its `cause`, which may hold what must not be told.
 * A `TypeError` stays one: it is a fault of the program, not of the connection.
 */
export function asPostgresError(error: unknown, origin: Origin): Error {
  if (error instanceof PostgresError || error instanceof TypeError) return error
  if (!isFromServer(error)) return lost(error instanceof Error ? error.message : String(error), origin)
  const tell = (text: string | undefined): string | null => (text === undefined ? null : withoutSecret(text, origin))
  if (endsTheSession(error)) return lost(`${error.message} (${error.code})`, origin, error.code)
  return new PostgresError(error.code, tell(error.message) ?? '', {
    detail: tell(error.detail),
    hint: tell(error.hint),
    where: tell(error.where),
    schema: error.schema ?? null,
    table: error.table ?? null,
    column: error.column ?? null,
    constraint: error.constraint ?? null,
    remedy: remedies.get(error.code) ?? null,
  })
}

export function isFromServer(error: unknown): error is Error & ErrorFields {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' && 'severity' in error
}

/** A copy of the text in which the password, if it is told at all, is `***`. */
export function withoutSecret(text: string, { label, secret }: Origin): string {
  // A password that is also the user's or the database's name is no secret, and one of two letters would shred every message
  if (secret === null || secret.length < 3 || label.includes(secret)) return text
  return text.replaceAll(secret, '***')
}

function lost(reason: string, origin: Origin, ended: string | null = null): PostgresError {
  return new PostgresError(
    'TARGET_LOST',
    `The connection to ${origin.label} was lost: ${withoutSecret(reason, origin)}`,
    {
      ended,
      remedy:
        'Look into the log of the server for the reason. What was not committed has been rolled back: run it again.',
    },
  )
}

function endsTheSession({ code, severity }: ErrorFields): boolean {
  return severity === 'FATAL' || severity === 'PANIC' || code.startsWith('08') || code.startsWith('57P')
}

/** For SQLSTATEs whose way out is the same whatever was asked (https://www.postgresql.org/docs/current/errcodes-appendix.html). */
const remedies: ReadonlyMap<string, string> = new Map([
  [
    '25006',
    'The server takes no writes: it is a standby, or read-only for this role. Connect to the primary, with a role that may write.',
  ],
  [
    '40P01',
    'Another session held locks in another order: stop the application while its database is moved, then run it again.',
  ],
  [
    '22P05',
    "The encoding of the target's database lacks a character: make the database anew with ENCODING 'UTF8', or give names without it with --rename.",
  ],
  ['42501', 'Grant the right that is missing, or connect as the owner of the tables.'],
  ['53100', 'The disk of the server is full: make room, then run it again.'],
  [
    '53200',
    'Raise max_locks_per_transaction on the server (a restart is needed) when it says “out of shared memory”, its memory otherwise.',
  ],
  ['55P03', 'Stop the application while its database is moved, or allow a longer wait for locks.'],
  ['57014', 'Somebody cancelled the statement, or a timeout of the server did: run it again.'],
])
