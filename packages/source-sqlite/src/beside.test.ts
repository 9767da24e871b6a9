import fs from 'node:fs'
import path from 'node:path'
import Database from 'better-sqlite3'
import { expect, test } from 'vitest'
import { database, main, open, rowsOf } from '../test/fixture.ts'
import { openBeside } from './beside.ts'

const rows = `CREATE TABLE t (id INTEGER PRIMARY KEY, n INTEGER, s TEXT); CREATE INDEX i ON t (n);
  WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < 3000) INSERT INTO t SELECT i, i * 7 % 1000, 'row ' || i FROM c;`
/** So large that a thread is worth its while. */
const ballast = 'CREATE TABLE ballast (v); INSERT INTO ballast VALUES (zeroblob(34000000));'
/** Rows that an index does not know of. */
const unindexed = (file: string): string => {
  const db = new Database(file)
  const [index] = db.unsafeMode().prepare("SELECT * FROM sqlite_schema WHERE name = 'i'").raw().all() as unknown[][]
  db.pragma('writable_schema = ON')
  db.exec("DELETE FROM sqlite_schema WHERE name = 'i'")
  db.close()
  const again = new Database(file).unsafeMode()
  again.exec('DELETE FROM t WHERE id = 77')
  again.pragma('writable_schema = ON')
  again.prepare('INSERT INTO sqlite_schema VALUES (?, ?, ?, ?, ?)').run(...(index as unknown[]))
  again.close()
  return file
}

test('a large file is looked over beside the reading, which can ask for sums meanwhile', async () => {
  const file = database(rows + ballast)
  const source = await open(file, { integrityCheck: 'beside' })
  expect(source.supports.beside).toBe(true)
  const [sums, own] = [source.aggregate?.(main('t'), ['n', 's']), await open(file)]
  expect(await rowsOf(source, 't', ['id'])).toHaveLength(3000)
  expect(await sums).toEqual(await own.aggregate?.(main('t'), ['n', 's']))
  expect(source.aggregate?.(main('t'), ['n', 's'])).toBe(sums)
  await source.sound?.()
  expect(await source.fingerprint()).toBe(await own.fingerprint())
  await expect(source.aggregate?.(main('gone'), ['n'])).rejects.toMatchObject({ code: 'SOURCE_UNREADABLE' })
})

test('a small one at once', async () => {
  const source = await open(database(rows), { integrityCheck: 'beside' })
  expect('sound' in source || 'beside' in source.supports).toBe(false)
  await expect(open(unindexed(database(rows)), { integrityCheck: 'beside' })).rejects.toMatchObject({
    code: 'SOURCE_DAMAGED',
  })
})

test('an index that disagrees with its table', async () => {
  const file = unindexed(database(rows + ballast))
  await expect(open(file)).rejects.toMatchObject({ code: 'SOURCE_DAMAGED' })
  const source = await open(file, { integrityCheck: 'beside' })
  expect(await rowsOf(source, 't', ['id'])).toHaveLength(2999)
  const refused = {
    code: 'SOURCE_DAMAGED',
    message: expect.stringContaining('wrong # of entries in index i') as string,
    remedy: expect.stringContaining('REINDEX') as string,
  }
  await expect(source.sound?.()).rejects.toMatchObject(refused)
  await expect(source.sound?.()).rejects.toMatchObject(refused)
})

test('a private copy is looked over too, though it has no name any more', async () => {
  const file = database(`PRAGMA journal_mode = wal; ${rows}${ballast}`)
  const application = new Database(file)
  application.exec('DELETE FROM t WHERE id = 1')
  const source = await open(file, { integrityCheck: 'beside' })
  expect((await source.aggregate?.(main('t'), ['n']))?.rows).toBe(2999)
  await source.sound?.()
  application.close()
})

test('closed while it is being looked over', async () => {
  const source = await open(database(rows + ballast), { integrityCheck: 'beside' })
  const [sound] = await Promise.allSettled([source.sound?.(), source.close()])
  expect(sound).toMatchObject({ status: 'rejected', reason: { code: 'SOURCE_CLOSED' } })
})

test('where there can be no thread, the handle that reads answers', async () => {
  const beside = openBeside({ real: '/nowhere.db', fd: -1, label: 'nowhere.db', immutable: false, busyTimeoutMs: 10 })
  await beside.opened
  expect(await beside.soundness()).toBeNull()
  expect(await beside.aggregate('t', ['n'])).toBeNull()
  await beside.close()
  expect(fs.existsSync(path.resolve('/nowhere.db'))).toBe(false)
})
