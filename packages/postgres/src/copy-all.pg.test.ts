import { useDatabase } from '@rowferry/vitest-preset/database'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { memoryAddress, serverAddress } from '../test/addresses.ts'
import { tuple } from '../test/tuples.ts'
import { copyHeader, copyTrailer } from './binary-copy.ts'
import { copyInStatement, copyOutStatement } from './copy-statements.ts'
import { openSession } from './open-session.ts'
import type { Session, SmallLoad } from './session.ts'

const database = useDatabase()
const named = (name: string) => ({ schema: 'public', name })
const tables = ['a', 'b', 'c'].map(named)
const rows = (from: number, count: number): Buffer =>
  Buffer.concat(Array.from({ length: count }, (_, at) => tuple(from + at, `row ${from + at}`)))
const load = (name: string, tuples: Uint8Array, freeze = false): SmallLoad => ({
  sql: copyInStatement(named(name), ['id', 'name'], { freeze }),
  tuples,
})

describe('on a server', () => {
  let session: Session

  beforeAll(async () => {
    session = await openSession(serverAddress(database.url))
  })
  beforeEach(async () => {
    await session.query('rollback')
    for (const name of ['c', 'b', 'a']) await session.query(`drop table if exists public.${name}`)
    await session.query(`begin; create table public.a (id bigint primary key, name text);
      create table public.b (id bigint primary key references public.a, name text check (name <> 'row 7'));
      create table public.c (id bigint primary key references public.b, name text)`)
  })
  afterAll(() => session?.close())

  const count = async (name: string): Promise<number> =>
    Number((await session.query(`select count(*) from public.${name}`))[0]!['count'])
  const all = async (statements: readonly string[]): Promise<Buffer[]> => {
    const found: Buffer[][] = [[]]
    for await (const piece of session.copyOutAll!(statements)) {
      if (piece) found.at(-1)!.push(Buffer.from(piece))
      else found.push([])
    }
    return found.slice(0, -1).map((pieces) => Buffer.concat(pieces))
  }

  test('loads run in their order, an empty one too, each counted, and FREEZE is allowed', async () => {
    const loads = [load('a', rows(1, 5000), true), load('b', rows(8, 100), true), load('c', rows(1, 0), true)]
    expect((await session.copyInAll!(loads)).map((each) => each.rows)).toEqual([5000, 100, 0])
    const read = await all(tables.map((table) => copyOutStatement(table, ['id', 'name'])))
    expect(read).toEqual(
      [rows(1, 5000), rows(8, 100), rows(1, 0)].map((body) => Buffer.concat([copyHeader, body, copyTrailer])),
    )
    expect(await session.copyInAll!([])).toEqual([])
    expect(await all([])).toEqual([])
  })

  test('what a trigger swallows is missing from the count of its table', async () => {
    await session.query(`create function public.swallow() returns trigger language plpgsql as 'begin return null; end';
      create trigger swallow before insert on public.b for each row when (new.id = 3) execute function public.swallow()`)
    const loads = [load('a', rows(1, 5)), load('b', rows(1, 5)), load('c', rows(1, 2))]
    expect((await session.copyInAll!(loads)).map((each) => each.rows)).toEqual([5, 4, 2])
    await session.query('rollback; drop function if exists public.swallow() cascade; begin')
  })

  test.each([
    ['a CHECK', rows(1, 3), rows(7, 1), { code: '23514', table: 'b' }],
    ['a foreign key', rows(1, 3), rows(10, 1), { code: '23503', table: 'b' }],
    ['a key', Buffer.concat([rows(1, 1), rows(1, 1)]), rows(1, 1), { code: '23505', table: 'a' }],
    ['bytes that are no rows', rows(1, 3), Buffer.from('nonsense'), { code: '22P04' }],
  ])('%s that refuses a row ends them all, and the session goes on', async (_, a, b, refusal) => {
    await session.query('savepoint before')
    const refused = session.copyInAll!([load('a', a), load('b', b), load('c', rows(1, 50_000))])
    await expect(refused).rejects.toMatchObject(refusal)
    await expect(session.query('select 1')).rejects.toMatchObject({ code: '25P02' })
    await session.query('rollback to savepoint before')
    expect(await Promise.all(['a', 'b', 'c'].map(count))).toEqual([0, 0, 0])
    expect((await session.copyInAll!([load('a', rows(1, 2))]))[0]).toMatchObject({ rows: 2 })
  })

  test('what is asked meanwhile waits for its turn', async () => {
    const loading = session.copyInAll!([load('a', rows(1, 2000)), load('b', rows(10, 1000))])
    expect(await count('b')).toBe(1000)
    expect(await loading).toHaveLength(2)
  })

  test('a reading that is ended early leaves the session as it was', async () => {
    await session.copyInAll!([load('a', rows(1, 3000)), load('b', rows(10, 2000))])
    for await (const piece of session.copyOutAll!(tables.map((table) => copyOutStatement(table, ['id', 'name'])))) {
      expect(piece).not.toBeNull()
      break
    }
    expect(await count('b')).toBe(2000)
  })

  test('a statement that cannot be read ends them all', async () => {
    const statements = [
      copyOutStatement(tables[0]!, ['id']),
      'copy (select 1 / (id - 2) from public.a) to stdout',
      copyOutStatement(tables[1]!, ['id']),
    ]
    await session.copyInAll!([load('a', rows(1, 3))])
    await expect(all(statements)).rejects.toMatchObject({ code: '22012' })
    await session.query('rollback')
    expect(await session.query('select 1 as one')).toEqual([{ one: '1' }])
  })

  test('only COPY is taken', async () => {
    await expect(session.copyInAll!([{ sql: 'select 1', tuples: rows(1, 1) }])).rejects.toThrow(TypeError)
    await expect(all(['select 1'])).rejects.toThrow(TypeError)
  })

  test.each(['the server', 'a signal'])('%s that ends the session in the middle ends the loads', async (who) => {
    await session.query('commit')
    const stop = new AbortController()
    const other = await openSession(serverAddress(database.url), { signal: stop.signal })
    await session.query('begin; lock table public.b in access exclusive mode')
    await other.query('begin')
    const loading = other.copyInAll!([load('a', rows(1, 10)), load('b', rows(1, 10)), load('c', rows(1, 10))])
    loading.catch(() => {})
    const waiting = `select from pg_stat_activity where pid = ${other.server.pid} and wait_event_type = 'Lock'`
    while ((await session.query(`select pg_stat_clear_snapshot(); ${waiting}`)).length === 0);
    if (who === 'a signal') stop.abort()
    else await session.query(`select pg_terminate_backend(${other.server.pid})`)
    await expect(loading).rejects.toMatchObject({ code: who === 'a signal' ? 'ABORTED' : 'TARGET_LOST' })
    await other.close()
    await session.query('rollback')
    expect(await count('a')).toBe(0)
  })
})

test('PGlite takes them one by one', async () => {
  const session = await openSession(memoryAddress)
  expect([session.copyInAll, session.copyOutAll]).toEqual([undefined, undefined])
  await session.close()
})
