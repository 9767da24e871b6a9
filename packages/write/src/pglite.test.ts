import type { SourceRow } from '@rowferry/introspect'
import { expect, test } from 'vitest'
import { memorySource } from '../test/memory-source.ts'
import { isClean, openLiteTarget, planOf, rowsOf } from '../test/target.ts'
import { writeGuarded } from './guarded.ts'
import { writeTable } from './write-table.ts'

const SQL = "create table t (id int primary key, v text check (v <> 'x'), parent int references t)"

test('PGlite takes the same load, plain, by key and guarded', { timeout: 60_000 }, async () => {
  await using session = await openLiteTarget(SQL)
  const rows: SourceRow[] = Array.from({ length: 2500 }, (_, index) => [index + 1, 'v', null])
  const columns = ['id', 'v', 'parent']
  const table = await planOf(session, 't')
  expect(await writeTable({ table, source: memorySource(columns, rows), session, freeze: false })).toMatchObject({
    outcome: 'written',
    written: 2500,
  })

  const merge = await planOf(session, 't', { onExisting: 'merge' })
  const more: SourceRow[] = [
    [1, 'new', null],
    [5001, 'n', 1],
  ]
  expect(await writeTable({ table: merge, source: memorySource(columns, more), session, freeze: false })).toMatchObject(
    { written: 2, kept: 0 },
  )
  const skip = { ...merge, onExisting: 'skip' as const }
  expect(await writeTable({ table: skip, source: memorySource(columns, more), session, freeze: false })).toMatchObject({
    written: 0,
    kept: 2,
  })

  const rejects: string[] = []
  const mixed: SourceRow[] = [
    [6001, 'v', 6002],
    [6002, 'x', null],
    [6003, 'v', 6004],
    [6004, 'v', null],
    [1, 'v', null],
    ['no', 'v', null],
  ]
  const guarded = await writeGuarded({
    table,
    source: memorySource(columns, mixed),
    session,
    onReject: ({ row, code }) => void rejects.push(`${row} ${code}`),
  })
  expect(guarded).toMatchObject({ read: 6, written: 2, rejected: 4 })
  expect(rejects.toSorted()).toEqual([
    'id=1 UNIQUE_VIOLATION',
    'id=6001 FOREIGN_KEY_VIOLATION',
    'id=6002 CHECK_VIOLATION',
    'id=no NOT_AN_INTEGER',
  ])
  expect(await rowsOf(session, 'select count(*) as n, max(id) as last from public.t')).toEqual([['2503', '6004']])

  await session.query('create table public.hosts (id int primary key, ip inet)')
  const hosts = await writeGuarded({
    table: await planOf(session, 'hosts'),
    source: memorySource(
      ['id', 'ip'],
      [
        [1, '2001:DB8::1'],
        [2, 'nowhere'],
      ],
    ),
    session,
    onReject: ({ row, column }) => void rejects.push(`${row} ${column}`),
  })
  expect(hosts).toMatchObject({ read: 2, written: 1, rejected: 1 })
  expect(rejects.at(-1)).toBe('id=2 ip')

  const misfit = await writeTable({
    table,
    source: memorySource(columns, [
      [7001, 'v', null],
      ['no', 'v', null],
    ]),
    session,
    freeze: false,
  })
  expect(misfit).toMatchObject({ outcome: 'misfit' })
  expect(await isClean(session)).toBe(true)
})
