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
