import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Session } from '@rowferry/postgres'
import { openSqlite } from '@rowferry/source-sqlite'
import { useDatabase } from '@rowferry/vitest-preset/database'
import Database from 'better-sqlite3'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { sessionOn } from '../test/pg-session.ts'
import type { ExpectedTable } from './expectation.ts'
import { verifyTable } from './verify-table.ts'
import { whole } from '../test/whole.ts'

const database = useDatabase()
let session: Session
let folder: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rowferry-verify-'))
  session = await sessionOn(database.url)
  await session.query(`begin; create table public.t (id bigint, free text, money numeric(10,2), bytes bytea, seen timestamptz);
    insert into public.t values
      (1, '1', 10, '\\x00ff', '2024-01-02T03:04:05Z'), (2, '1.0', 10.5, null, '2024-07-01T10:00:00Z'),
      (3, 'naïve 日本 👢', 0.1, '\\x', null), (9007199254740993, '2.5', -3, '\\x616263', '2024-01-01T11:00:00Z'), (-5, null, 7, null, null)`)
})
afterEach(async () => {
  await session.close()
  await rm(folder, { recursive: true })
})

const expected: ExpectedTable = {
  source: { schema: 'main', name: 't' },
  target: { schema: 'public', name: 't' },
  columns: [
    { source: 'id', target: 'id', type: { kind: 'int8' } },
    { source: 'free', target: 'free', type: { kind: 'text' } },
    { source: 'money', target: 'money', type: { kind: 'numeric', precision: 10, scale: 2 } },
    { source: 'bytes', target: 'bytes', type: { kind: 'bytea' } },
    { source: 'seen', target: 'seen', type: { kind: 'timestamptz' }, timezone: 'Europe/Paris' },
  ],
  key: ['id'],
  ...whole,
}

test.for([
  ['UTF-8', 'before it is read'],
  ['UTF-16le', 'before it is read'],
  ['UTF-8', 'meanwhile'],
])('a SQLite file in %s, read by the adapter and summed by its SQL %s', async ([encoding, when]) => {
  const path = join(folder, 'app.db')
  const db = new Database(path)
  db.pragma(`encoding = "${encoding}"`)
  db.exec(`create table t (id integer primary key, free, money decimal(10,2), bytes blob, seen text);
    insert into t values
      (1, 1, 10, x'00ff', '2024-01-02 04:04:05'), (2, 1.0, 10.5, null, '2024-07-01 12:00:00'),
      (3, 'naïve 日本 👢', 0.1, x'', null), (9007199254740993, 2.5, -3, 'abc', '2024-01-01T12:00:00+01:00'), (-5, null, 7.0, null, null)`)
  db.close()
  const plain = await openSqlite({ path })
  const source = when === 'meanwhile' ? { ...plain, supports: { ...plain.supports, beside: true } } : plain
  try {
    // SQLite reads by rowid, so -5 comes first
    const verdict = await verifyTable({ expected, source, session, level: 'full' })
    expect(verdict).toMatchObject({ equal: true, method: 'buckets', readerFaults: [], cells: 25, mismatches: [] })
    await session.query(`update public.t set free = '1' where id = 2`)
    expect(await verifyTable({ expected, source, session, level: 'full' })).toMatchObject({
      equal: false,
      readerFaults: [],
      mismatches: [{ kind: 'different', key: 'id=2', column: 'free', source: '1.0', target: '"1"' }],
    })
    const keyless = { ...expected, key: [], rowIdentifier: 'rowid', rejected: ['2'] }
    await session.query('delete from public.t where id = 2')
    expect(await verifyTable({ expected: keyless, source, session, level: 'full' })).toMatchObject({
      equal: true,
      rejected: 1,
    })
    expect(await verifyTable({ expected: keyless, source, session, level: 'counts' })).toMatchObject({
      equal: true,
      sourceRows: 5,
    })
  } finally {
    await source.close()
  }
})
