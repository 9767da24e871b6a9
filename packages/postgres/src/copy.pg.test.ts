import { useDatabase } from '@rowferry/vitest-preset/database'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { memoryAddress, serverAddress } from '../test/addresses.ts'
import { collect, tuple } from '../test/tuples.ts'
import { copyHeader, copyTrailer } from './binary-copy.ts'
import { copyInStatement, copyOutStatement } from './copy-statements.ts'
import { openSession } from './open-session.ts'
import type { Session } from './session.ts'

const database = useDatabase()
const table = { schema: 'public', name: 'to stdin' }
const columns = ['id', 'from stdin']
const into = copyInStatement(table, columns, { freeze: false })
const out = copyOutStatement(table, columns)

describe.each(['server', 'pglite'] as const)('%s', (kind) => {
  let session: Session

  beforeAll(async () => {
    session = await openSession(kind === 'server' ? serverAddress(database.url) : memoryAddress)
  })
  beforeEach(() =>
    session.query(
      'rollback; drop table if exists public."to stdin"; create table public."to stdin" (id bigint primary key, "from stdin" varchar(60))',
    ),
  )
  afterAll(() => session?.close())

  test('200,000 rows go in and come out the same bytes', async () => {
    const rows = 200_000
    const parts: Buffer[] = []
    const copy = await session.copyIn(into)
    for (let from = 0; from < rows; from += 1000) {
      const part = Buffer.concat(
        Array.from({ length: 1000 }, (_, index) => tuple(from + index, 'é'.repeat(index % 30))),
      )
      parts.push(Buffer.from(part))
      await copy.write(part)
      part.fill(0xff)
    }
    expect(await copy.finish()).toBe(rows)
    // Without ORDER BY a small row may come early: PostgreSQL puts it where an earlier page has room left
    const read = await collect(
      session.copyOut('copy (select id, "from stdin" from public."to stdin" order by id) to stdout (format binary)'),
    )
    expect(read.equals(Buffer.concat([copyHeader, ...parts, copyTrailer]))).toBe(true)
  })

  test('no row at all is a COPY, too', async () => {
    const copy = await session.copyIn(into)
    expect(await copy.finish()).toBe(0)
    expect(await collect(session.copyOut(out))).toEqual(Buffer.concat([copyHeader, copyTrailer]))
  })

  test('a tuple larger than any buffer arrives', async () => {
    await session.query('alter table public."to stdin" alter "from stdin" type text')
    const large = tuple(1, 'x'.repeat(10_000_000))
    const copy = await session.copyIn(into)
    await copy.write(large)
    expect(await copy.finish()).toBe(1)
    expect((await collect(session.copyOut(out))).equals(Buffer.concat([copyHeader, large, copyTrailer]))).toBe(true)
  })

  test("the server's refusal comes with its place, counted from the first row of all", async () => {
    await session.query('begin')
    const copy = await session.copyIn(into)
    const refused = (async () => {
      for (let id = 1; ; id += 1000) {
        await copy.write(
          Buffer.concat(
            Array.from({ length: 1000 }, (_, index) => tuple(id + index, 'x'.repeat(id + index === 250_123 ? 61 : 60))),
          ),
        )
      }
    })()
    await expect(refused).rejects.toMatchObject({
      code: '22001',
      where: 'COPY to stdin, line 250123, column from stdin',
    })
    await expect(copy.write(tuple(1, ''))).rejects.toMatchObject({ code: '22001' })
    await expect(copy.finish()).rejects.toMatchObject({ code: '22001' })
    await copy.fail('too late')
    await expect(session.query('select 1')).rejects.toMatchObject({ code: '25P02' })
    await session.query('rollback')
    expect(await session.query('select count(*) from public."to stdin"')).toEqual([{ count: '0' }])
  })

  test('what the server finds at the end only, finish tells', async () => {
    const copy = await session.copyIn(into)
    await copy.write(Buffer.concat([tuple(1, 'one'), tuple(1, 'again')]))
    await expect(copy.finish()).rejects.toMatchObject({
      code: '23505',
      constraint: 'to stdin_pkey',
      where: 'COPY to stdin, line 2',
    })
    expect(await session.query('select count(*) from public."to stdin"')).toEqual([{ count: '0' }])
  })

  test('fail takes everything back, also what was sent long ago', async () => {
    const copy = await session.copyIn(into)
    for (let id = 0; id < 200_000; id += 1000) {
      await copy.write(Buffer.concat(Array.from({ length: 1000 }, (_, index) => tuple(id + index, 'x'.repeat(60)))))
    }
    await copy.fail('a row does not fit')
    expect(await session.query('select count(*) from public."to stdin"')).toEqual([{ count: '0' }])
    await session.query('begin')
    const again = await session.copyIn(into)
    await again.fail('a row\0does not fit')
    await expect(session.query('select 1')).rejects.toMatchObject({ code: '25P02' })
  })

  test('while a COPY is open the connection takes nothing else', async () => {
    const copy = await session.copyIn(into)
    await expect(session.query('select 1')).rejects.toMatchObject({ code: 'SESSION_BUSY' })
    await copy.write(tuple(1, 'one'))
    await copy.finish()
    for await (const _ of session.copyOut(out)) {
      await expect(session.query('select 1')).rejects.toMatchObject({ code: 'SESSION_BUSY' })
    }
    expect(await session.query('select 1 as free')).toEqual([{ free: '1' }])
  })

  test('a COPY that cannot begin says why, in and out, and leaves no trace in the next', async () => {
    await expect(
      session.copyIn('copy nowhere.t from stdin (format binary)').then((copy) => copy.finish()),
    ).rejects.toMatchObject({ code: '3F000' })
    await expect(collect(session.copyOut('copy nowhere.t to stdout (format binary)'))).rejects.toMatchObject({
      code: '3F000',
    })
    const broken = 'copy (select 1 / (5000 - n) from generate_series(1, 9000) n) to stdout (format binary)'
    await expect(collect(session.copyOut(broken))).rejects.toMatchObject({ code: '22012' })
    expect(await collect(session.copyOut(out))).toEqual(Buffer.concat([copyHeader, copyTrailer]))
  })

  test('leaving the rows early leaves the connection and its transaction usable', async () => {
    await session.query(
      `begin; insert into public."to stdin" select n, repeat('x', 60) from generate_series(1, 100000) n`,
    )
    for await (const piece of session.copyOut(out)) {
      expect(piece.length).toBeGreaterThan(0)
      break
    }
    expect(await session.query('select count(*) from public."to stdin"')).toEqual([{ count: '100000' }])
    await session.query('rollback')
  })

  test('FREEZE is taken after a TRUNCATE in the same transaction, and refused without', async () => {
    const freeze = copyInStatement(table, columns, { freeze: true })
    await session.query('begin')
    await expect(session.copyIn(freeze).then((copy) => copy.finish())).rejects.toMatchObject({ code: '55000' })
    await session.query('rollback; begin; truncate only public."to stdin"')
    const copy = await session.copyIn(freeze)
    await copy.write(tuple(1, 'one'))
    expect(await copy.finish()).toBe(1)
    await session.query('commit')
  })

  test('a partitioned table is read by a query, and children of a plain one stay out', async () => {
    await session.query(
      `drop table if exists public.parted, public.plain cascade;
       create table public.parted (id bigint) partition by range (id); create table public.parted_1 partition of public.parted for values from (0) to (9);
       insert into public.parted values (1); create table public.plain (id bigint); create table public.child () inherits (public.plain); insert into public.child values (1)`,
    )
    const parted = { schema: 'public', name: 'parted' }
    const plain = { schema: 'public', name: 'plain' }
    await expect(collect(session.copyOut(copyOutStatement(parted, ['id'])))).rejects.toMatchObject({ code: '42809' })
    const empty = copyHeader.length + copyTrailer.length
    expect(await collect(session.copyOut(copyOutStatement(parted, ['id'], { partitioned: true })))).toHaveLength(
      empty + 14,
    )
    expect(await collect(session.copyOut(copyOutStatement(plain, ['id'])))).toHaveLength(empty)
    expect(await collect(session.copyOut(copyOutStatement(plain, ['id'], { where: 'id = 1' })))).toHaveLength(empty)
  })
})
