import { useDatabase } from '@rowferry/vitest-preset/database'
import pg from 'pg'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { refuseSharedProcess } from './pooler.ts'

const database = useDatabase()
const open: pg.Client[] = []
let ours: number

async function connected(): Promise<pg.Client> {
  const client = new pg.Client(database.url)
  await client.connect()
  open.push(client)
  return client
}

/** A login that a pooler has answered, with a process number of its own making. */
async function pooled(): Promise<pg.Client> {
  const client = await connected()
  ours = (client as unknown as { processID: number }).processID
  return Object.assign(client, { processID: 1 })
}

beforeEach(() => void (ours = 0))
afterEach(() => Promise.all(open.splice(0).map((client) => client.end())))

const refuse = (client: pg.Client, another: () => Promise<pg.Client>) =>
  refuseSharedProcess(client, ours, another, 'the pooler')

test('a server that answers for itself is not asked twice', async () => {
  const client = await connected()
  ours = (client as unknown as { processID: number }).processID
  await refuse(client, () => Promise.reject(new Error('asked')))
  expect(open).toHaveLength(1)
})

test('a process that goes to whoever asks is refused', async () => {
  const client = await pooled()
  await expect(refuse(client, async () => client)).rejects.toMatchObject({
    code: 'TARGET_POOLED',
    message: expect.stringContaining('the pooler'),
  })
})

test('a process that stays ours is good, also when the pool has no second one', async () => {
  await expect(refuse(await pooled(), connected)).resolves.toBeUndefined()
  const full = () => Promise.reject(new Error('no more connections allowed'))
  await expect(refuse(await pooled(), full)).resolves.toBeUndefined()
})
