import type { Session } from '@rowferry/postgres'
import { useDatabase } from '@rowferry/vitest-preset/database'
import fc from 'fast-check'
import { afterAll, beforeEach, expect, test } from 'vitest'
import { jsonValue, picks, written } from '../test/json-documents.ts'
import { sessionOn } from '../test/pg-session.ts'
import { jsonbForm } from './form-json.ts'
import { sameCanonical } from './form.ts'

const database = useDatabase()
let session: Session | undefined

beforeEach(async () => {
  session ??= await sessionOn(database.url)
})
afterAll(() => session?.close())

test('documents are recognised at once in what PostgreSQL makes of them, and in nothing else', async () => {
  const random = fc.sample(
    fc.tuple(jsonValue, picks).map(([json, pick]) => written(json, pick)),
    { numRuns: 300, seed: 11 },
  )
  const sources = [
    ...random,
    '{"b":{"a":[1.50, -0.25]},"a":0}',
    '{"a":0,"b":{"a":[1.50]}}',
    '[1.5]',
    '[1.50]',
    '1',
    '10',
  ]
  const rows = await session!.query(
    'select d::jsonb::text as printed from unnest($1::text[]) with ordinality t(d, i) order by i',
    [sources],
  )
  const cells = rows.map(({ printed }) => Buffer.from(`\u0001${printed}`))
  const form = jsonbForm(false)
  const quick = (i: number, source: string): boolean => form.obvious(cells[i]!, 0, cells[i]!.length, source)
  const missed = sources.filter((source, i) => !quick(i, source))
  expect(missed).toEqual([])
  const canonicals = sources.map((source) => form.ofSource(source))
  const rash = sources.filter((source, i) =>
    cells.some((_, j) => quick(j, source) && !sameCanonical(canonicals[i], canonicals[j]!)),
  )
  expect(rash).toEqual([])
})
