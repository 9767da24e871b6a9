import { Kysely, PostgresDialect, type PostgresPoolClient } from 'kysely'
import type pg from 'pg'
import {
  PostgresError,
  type CommandTag,
  type CopyIn,
  type ServerFacts,
  type Session,
  type SessionParameters,
  type SmallLoad,
  type SmallLoaded,
} from './session.ts'

/** What differs between a server and PGlite; everything else is in `clientSession`. */
export interface SessionParts {
  readonly kind: Session['kind']
  readonly label: string
  readonly server: ServerFacts
  readonly client: pg.Client
  readonly toError: (error: unknown) => Error
  /** Starts a COPY FROM STDIN; `over` is to be called as soon as the connection takes other statements again. */
  readonly copyIn: (sql: string, over: () => void) => Promise<CopyIn>
  readonly copyOut: (sql: string) => AsyncIterable<Uint8Array>
  readonly copyInAll?: (loads: readonly SmallLoad[]) => Promise<SmallLoaded[]>
  readonly copyOutAll?: (sql: string) => AsyncIterable<Uint8Array | null>
  readonly another: Session['another']
  /** Told of every wait for an answer. */
  readonly awaiting?: <Result>(work: Promise<Result>) => Promise<Result>
  readonly close: (busy: boolean) => Promise<void>
}

type TextResult = pg.QueryResult<Record<string, string | null>>

// An array besides, since PGlite's adapter takes `types` for those of the parameters
const asText = Object.assign([], { getTypeParser: () => (text: string) => text })

/** A session over a connected `pg.Client`: one statement at a time, in the order asked, and none while a COPY is open. */
export function clientSession(parts: SessionParts): Session {
  const { client, toError, awaiting = (work) => work } = parts
  let copying = false
  let running = 0
  let closed: Promise<void> | undefined
  let last: Promise<unknown> = Promise.resolve()

  const inTurn = async <T>(work: () => Promise<T>): Promise<T> => {
    if (closed) throw toError(new PostgresError('SESSION_CLOSED', `The session with ${parts.label} has been closed`))
    if (copying) {
      throw new PostgresError('SESSION_BUSY', `A COPY is open on this connection to ${parts.label}`, {
        remedy: 'Finish or fail the COPY first, or use another session.',
      })
    }
    running += 1
    const turn = last.then(work)
    last = turn.catch(() => {})
    try {
      return await turn
    } catch (error) {
      throw toError(error)
    } finally {
      running -= 1
    }
  }

  const run = async (sql: string, parameters?: SessionParameters): Promise<TextResult> => {
    refuseBareCopy(sql)
    return inTurn(async () => {
      const config = { text: sql, types: asText, ...(parameters === undefined ? {} : { values: [...parameters] }) }
      const result: TextResult | TextResult[] = await awaiting(client.query(config))
      return Array.isArray(result) ? result.at(-1)! : result
    })
  }

  // oxlint-disable-next-line typescript/no-explicit-any -- the database's tables are not known beforehand
  const kysely = new Kysely<any>({
    dialect: new PostgresDialect({
      pool: {
        options: {},
        connect: async () => pooled((sql, parameters) => inTurn(() => awaiting(client.query(sql, [...parameters])))),
        end: async () => {},
      },
    }),
  })

  async function* copyingOut<Piece>(
    statements: readonly string[],
    pieces: () => AsyncIterable<Piece>,
  ): AsyncGenerator<Piece> {
    if (!statements.every((sql) => copyDirection.out.test(sql)))
      throw new TypeError('copyOut() takes a COPY … TO STDOUT')
    if (statements.length === 0) return
    await inTurn(async () => void (copying = true))
    try {
      yield* pieces()
    } catch (error) {
      throw toError(error)
    } finally {
      copying = false
    }
  }
  const { copyInAll, copyOutAll } = parts

  return {
    kind: parts.kind,
    label: parts.label,
    server: parts.server,
    kysely,
    async query(sql, parameters) {
      return (await run(sql, parameters)).rows
    },
    async execute(sql, parameters): Promise<CommandTag> {
      const { command, rowCount } = await run(sql, parameters)
      return { command, rows: rowCount }
    },
    async copyIn(sql) {
      if (!copyDirection.in.test(sql)) throw new TypeError('copyIn() takes a COPY … FROM STDIN')
      return inTurn(async () => {
        copying = true
        const over = (): void => void (copying = false)
        try {
          return await parts.copyIn(sql, over)
        } catch (error) {
          over()
          throw error
        }
      })
    },
    copyOut: (sql) => copyingOut([sql], () => parts.copyOut(sql)),
    ...(copyInAll && {
      copyInAll: async (loads: readonly SmallLoad[]) => {
        if (loads.length === 0) return []
        if (!loads.every(({ sql }) => copyDirection.in.test(sql)))
          throw new TypeError('copyInAll() takes COPY … FROM STDIN')
        return inTurn(() => awaiting(copyInAll(loads)))
      },
    }),
    ...(copyOutAll && {
      copyOutAll: (statements: readonly string[]) => copyingOut(statements, () => copyOutAll(statements.join(';\n'))),
    }),
    another: parts.another,
    close() {
      closed ??= parts.close(copying || running > 0)
      return closed
    },
  }
}

const copyDirection = { in: /^\s*copy\s.*\sfrom\s+stdin\b/is, out: /^\s*copy\s.*\sto\s+stdout\b/is }

// Through query() the driver would answer it with CopyFail, and PGlite would die of it
function refuseBareCopy(sql: string): void {
  if (copyDirection.in.test(sql) || copyDirection.out.test(sql)) {
    throw new TypeError('COPY … FROM STDIN and TO STDOUT go through copyIn() and copyOut()')
  }
}

function pooled(query: (sql: string, parameters: readonly unknown[]) => Promise<pg.QueryResult>): PostgresPoolClient {
  // A cursor would need a statement left open; `readBatches` has no use for one
  return { query: query as unknown as PostgresPoolClient['query'], release: () => {} }
}
