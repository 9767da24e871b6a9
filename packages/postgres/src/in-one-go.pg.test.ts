import { useDatabase } from '@rowferry/vitest-preset/database'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openServer } from '../test/sessions.ts'
import { inOneGo } from './in-one-go.ts'
import type { Session } from './session.ts'

const database = useDatabase()
let session: Session
beforeAll(async () => {
  session = await openServer(database.url)
})
afterAll(() => session?.close())

test('each question has its own answer, however many there are', async () => {
  const numbers = Array.from({ length: 450 }, (_, at) => at)
  expect(
    await inOneGo(
      session,
      numbers.map((at) => (at % 7 === 0 ? `max(null::text) as value from (values (1)) t` : `'${at}' as value`)),
    ),
  ).toEqual(numbers.map((at) => (at % 7 === 0 ? null : String(at))))
  expect(await inOneGo(session, ["'nobody' as value from (values (1)) t where false", "'one' as value"])).toEqual([
    null,
    'one',
  ])
  expect(await inOneGo(session, [])).toEqual([])
})
