import { once } from 'node:events'
import type { PgType, SourceValue } from '@rowferry/introspect'
import pg from 'pg'
import { from } from 'pg-copy-streams'
import { afterEach, beforeEach } from 'vitest'
import { useDatabase } from '@rowferry/vitest-preset/database'
import type { ValueRules } from '../src/index.ts'
import { compileRow, createCopyBuffer, formatType } from '../src/index.ts'
import { castTo } from './judge.ts'

/** A connection of its own for every test, to one database for the file. */
export function useClient(): () => pg.Client {
  const database = useDatabase()
  let client: pg.Client
  beforeEach(async () => {
    client = new pg.Client(database.url)
    await client.connect()
  })
  afterEach(() => client.end())
  return () => client
}

/** Loads values through COPY BINARY into a temporary table `loaded (n integer, v type)`, numbered from 1. */
export async function load(
  client: pg.Client,
  type: PgType,
  values: readonly SourceValue[],
  rules: ValueRules = {},
): Promise<void> {
  const int4: PgType = { oid: 23, schema: 'pg_catalog', name: 'int4', kind: 'base', typmod: -1 }
  const encoder = compileRow([castTo(int4), castTo(type, rules)])
  const out = createCopyBuffer(64)
  Buffer.from('PGCOPY\n\xff\r\n\0'.padEnd(19, '\0'), 'latin1').copy(out.bytes)
  out.position = 19
  values.forEach((value, i) => {
    const row = [i + 1, value]
    if (encoder.encode(row, out) !== -1) throw new Error(`${formatType(type)}: ${JSON.stringify(encoder.explain(row))}`)
  })
  await client.query('drop table if exists loaded')
  await client.query(`create temporary table loaded (n integer, v ${formatType(type)})`)
  const copy = client.query(from('copy loaded from stdin (format binary)'))
  const done = once(copy, 'finish')
  copy.end(Buffer.concat([out.bytes.subarray(0, out.position), Buffer.from([0xff, 0xff])]))
  await done
}

/** Loads values, and compares each with what PostgreSQL's own text input makes of `texts`. Returns where they differ, as text. */
export async function differences(
  client: pg.Client,
  type: PgType,
  values: readonly SourceValue[],
  texts: readonly (string | null)[],
  rules: ValueRules = {},
): Promise<unknown[]> {
  await load(client, type, values, rules)
  const { rows } = await client.query(
    `select n, x as text, x::${formatType(type)}::text as expected, v::text as loaded
     from loaded full join unnest($1::text[]) with ordinality as given (x, n) using (n)
     where v::text is distinct from x::${formatType(type)}::text limit 5`,
    [texts],
  )
  return rows
}
