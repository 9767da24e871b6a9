import type { OrphanQuery } from '@rowferry/source'
import { expect, test } from 'vitest'
import { database, main, open } from '../test/fixture.ts'

async function orphans(sql: string, query: Partial<OrphanQuery> = {}) {
  const file = database(`PRAGMA foreign_keys = OFF; ${sql}`)
  const source = await open(file)
  return source.findOrphans?.({
    table: main('child'),
    columns: ['p'],
    parent: main('parent'),
    parentColumns: ['id'],
    keyColumns: ['rowid'],
    limit: 10,
    ...query,
  })
}

test('compared by the affinity of the parent, as SQLite does', async () => {
  const found = await orphans(`CREATE TABLE parent (id TEXT PRIMARY KEY); CREATE TABLE child (p INTEGER);
    INSERT INTO parent VALUES ('1'), ('02'); INSERT INTO child VALUES (1), (2), (3)`)
  expect(found).toEqual({
    count: 2,
    rows: [
      [2, 2],
      [3, 3],
    ],
  })
  const numbers = await orphans(`CREATE TABLE parent (id INTEGER PRIMARY KEY); CREATE TABLE child (p TEXT);
    INSERT INTO parent VALUES (1), (2); INSERT INTO child VALUES ('1'), ('02'), ('x')`)
  expect(numbers).toEqual({ count: 1, rows: [[3, 'x']] })
})

test('compared by the collation of the parent', async () => {
  const found = await orphans(`CREATE TABLE parent (id TEXT COLLATE NOCASE PRIMARY KEY); CREATE TABLE child (p TEXT);
    INSERT INTO parent VALUES ('Ada'), ('Éva'); INSERT INTO child VALUES ('ADA'), ('éva'), (CAST(x'ff' AS TEXT))`)
  expect(found?.count).toBe(2)
  expect(found?.rows[0]).toEqual([2, 'éva'])
  expect(found?.rows[1]?.[1]).toMatchObject({ bytes: Uint8Array.of(0xff), encoding: 'utf-8' })
})

test('several columns: a NULL in any is no orphan; integers past 2^53 are exact', async () => {
  const found = await orphans(
    `CREATE TABLE parent (a, b, PRIMARY KEY (a, b)); CREATE TABLE child (x, y); INSERT INTO parent VALUES (1, 9007199254740993);
     INSERT INTO child VALUES (1, 9007199254740993), (1, 9007199254740992), (NULL, 5), (1, NULL)`,
    { columns: ['x', 'y'], parentColumns: ['a', 'b'] },
  )
  expect(found).toEqual({ count: 1, rows: [[2, 1, 9007199254740992n]] })
})
