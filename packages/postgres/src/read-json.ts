import type { Session } from './session.ts'

type Values = NonNullable<Parameters<Session['query']>[1]>

/** The rows of a query as the server writes them in JSON: booleans, numbers, arrays and nested rows need no parsing of their own. Numbers past 2^53 must be cast to text in the query. */
export async function readJson<Row>(session: Session, sql: string, parameters: Values = []): Promise<Row[]> {
  const [row] = await session.query(
    `select coalesce(pg_catalog.json_agg(pg_catalog.to_json(answer)), '[]')::text as json from (${sql}) as answer`,
    parameters,
  )
  return JSON.parse(row?.['json'] ?? '[]')
}
