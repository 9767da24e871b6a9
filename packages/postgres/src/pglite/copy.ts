import type { PGlite } from '@electric-sql/pglite'
import { copyHeader, copyTrailer } from '../binary-copy.ts'
import { PostgresError, type CopyIn } from '../session.ts'

/** PGlite takes a COPY as one blob in its own memory: more at once is not faster, and it is there twice. */
const pieceSize = 8 << 20
const readSize = 256 << 10

interface PgliteCopy {
  readonly database: PGlite
  readonly sql: string
  readonly toError: (error: unknown) => Error
  /** Called as soon as the database takes other statements again. */
  readonly over: () => void
  /** No transaction is open, so the pieces need one to stay a single statement. */
  readonly alone: boolean
}

/** COPY FROM STDIN as a row of COPYs from PGlite's `/dev/blob`, cut between tuples; to the caller it is one COPY. */
export async function copyIntoPglite({ database, sql, toError, over, alone }: PgliteCopy): Promise<CopyIn> {
  const statement = throughBlob(sql)
  let tuples: Uint8Array<ArrayBuffer>[] = []
  let size = 0
  let rows = 0
  let failure: Error | undefined
  if (alone) await database.exec('begin')

  const fail = async (error: unknown): Promise<Error> => {
    failure = shifted(toError(error), rows)
    tuples = []
    if (alone) await database.exec('rollback')
    over()
    return failure
  }
  const flush = async (): Promise<void> => {
    const blob = new Blob([copyHeader, ...tuples, copyTrailer])
    tuples = []
    size = 0
    try {
      const { affectedRows = 0 } = await database.query(statement, [], { blob })
      rows += affectedRows
    } catch (error) {
      throw await fail(error)
    }
  }

  return {
    async write(more) {
      if (failure) throw failure
      // A Buffer's slice() would be a view of bytes that the caller uses again
      tuples.push(new Uint8Array(more))
      size += more.length
      if (size >= pieceSize) await flush()
    },
    async finish() {
      if (failure) throw failure
      if (size > 0 || rows === 0) await flush()
      if (alone) await database.exec('commit')
      over()
      return rows
    },
    async fail() {
      // No COPY is running that could fail, so the transaction is told by another statement
      if (!failure)
        await database
          .exec(`do 'begin raise query_canceled using message = ''COPY from stdin failed''; end'`)
          .catch(fail)
    },
  }
}

/** COPY TO STDOUT: PGlite hands over the whole answer at once, so all of it is in memory. */
export async function* copyFromPglite(database: PGlite, sql: string): AsyncGenerator<Uint8Array> {
  let blob: Blob | File | undefined
  try {
    ;({ blob } = await database.query(throughBlob(sql)))
  } catch (error) {
    // What a failed COPY has written would otherwise come before the next one's rows
    await database.query('select').catch(() => {})
    throw error
  }
  const size = blob?.size ?? 0
  for (let at = 0; at < size; at += readSize) {
    yield new Uint8Array(await blob!.slice(at, at + readSize).arrayBuffer())
  }
}

/** The same statement over PGlite's file, whatever the names in it say. */
export function throughBlob(sql: string): string {
  return sql.replaceAll(
    /"(?:[^"]|"")*"|'(?:[^']|'')*'|\b(from|to)\s+(?:stdin|stdout)\b/gi,
    (found, direction?: string) => (direction === undefined ? found : `${direction} '/dev/blob'`),
  )
}

/** `COPY t, line 3` of a later piece, as the line of the whole. */
function shifted(error: Error, rows: number): Error {
  if (rows === 0 || !(error instanceof PostgresError) || error.where === null) return error
  const where = error.where.replace(
    /^(COPY .*?, line )(\d+)/,
    (_, before: string, line: string) => before + String(Number(line) + rows),
  )
  const { detail, hint, schema, table, column, constraint, remedy } = error
  return new PostgresError(error.code, error.message, {
    detail,
    hint,
    where,
    schema,
    table,
    column,
    constraint,
    remedy,
  })
}
