import pg from 'pg'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createDatabase, useDatabase } from './database.ts'

const database = useDatabase()
let client: pg.Client

beforeEach(async () => {
  client = new pg.Client(database.url)
  await client.connect()
})
afterEach(() => client.end())

test('the database answers', async () => {
  const { rows } = await client.query('select 1 as one, current_database() as name')
  expect(rows).toEqual([{ one: 1, name: database.name }])
})

test('a second database is another one and goes away, connections and all', async () => {
  const second = await createDatabase()
  const guest = new pg.Client(second.url)
  const cut = new Promise<Error>((resolve) => guest.on('error', resolve))
  await guest.connect()
  expect(second.name).not.toBe(database.name)

  await second.drop()
  await expect(cut).resolves.toMatchObject({ message: expect.stringMatching(/terminat/) })
  const { rows } = await client.query('select from pg_database where datname = $1', [second.name])
  expect(rows).toEqual([])
})
