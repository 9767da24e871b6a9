import type { PGlite } from '@electric-sql/pglite'
import pg from 'pg'
import { PostgresError, type Session } from '../src/index.ts'

type Query = Session['query']

const verbatim = { getTypeParser: () => (text: string) => text } as unknown as pg.CustomTypesConfig

export async function openServer(url: string): Promise<Session & AsyncDisposable> {
  const client = new pg.Client({ connectionString: url, types: verbatim })
  await client.connect()
  const query: Query = async (sql, parameters) => {
    const answer: pg.QueryResult | pg.QueryResult[] = await client
      .query(sql, parameters && [...parameters])
      .catch((error: pg.DatabaseError) => {
        throw new PostgresError(error.code ?? 'UNKNOWN', error.message, { cause: error, detail: error.detail ?? null })
      })
    return (Array.isArray(answer) ? answer.at(-1) : answer)?.rows ?? []
  }
  const close = () => client.end()
  return { kind: 'server', query, close, [Symbol.asyncDispose]: close } as unknown as Session & AsyncDisposable
}

/** A shared PGlite: closing the session leaves it open. */
export function openLite(lite: PGlite): Session {
  const query: Query = async (sql, parameters) => {
    try {
      if (parameters === undefined) {
        const answers = await lite.exec(sql, { parsers: textOnly })
        return (answers.at(-1)?.rows ?? []) as Record<string, string | null>[]
      }
      const answer = await lite.query<Record<string, string | null>>(sql, [...parameters], { parsers: textOnly })
      return answer.rows
    } catch (error) {
      const { code, message } = error as Error & { code?: string }
      throw new PostgresError(code ?? 'UNKNOWN', message, { cause: error })
    }
  }
  return { kind: 'pglite', query, close: async () => {} } as unknown as Session
}

const asText = (text: string) => text
const textOnly = { 16: asText, 20: asText, 21: asText, 23: asText, 114: asText }
