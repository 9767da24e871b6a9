import { expect, test } from 'vitest'
import { database, main, open, rowsOf } from '../test/fixture.ts'

const many = `CREATE TABLE t (id INTEGER PRIMARY KEY, v); WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000) INSERT INTO t SELECT i, 'value ' || i FROM n`

test('timers run while a table is read, so that a signal can be given', async () => {
  const source = await open(
    database(
      `${many}; INSERT INTO t SELECT id + 100000, v FROM t; INSERT INTO t SELECT id + 1000000, v FROM t; INSERT INTO t SELECT id + 10000000, v FROM t`,
    ),
  )
  const control = new AbortController()
  setTimeout(() => control.abort(new Error('enough')), 1)
  await expect(rowsOf(source, 't', ['id', 'v'], { signal: control.signal, batchRows: 10 })).rejects.toMatchObject({
    code: 'SOURCE_ABORTED',
    cause: { message: 'enough' },
  })
})

test('several readings at once, and the catalog between them', async () => {
  const source = await open(database(many))
  const [a, b, catalog] = await Promise.all([
    rowsOf(source, 't', ['id']),
    rowsOf(source, 't', ['v']),
    source.readCatalog(),
  ])
  expect([a.length, b.length, catalog.tables.length]).toEqual([20000, 20000, 1])
})

test('closing while a keyless table is scanned', async () => {
  const source = await open(database(`CREATE TABLE t (rowid, oid, _rowid_); INSERT INTO t VALUES (1, 2, 3), (4, 5, 6)`))
  const batches = source.readBatches(main('t'), { columns: ['oid'], batchRows: 1 }) as AsyncGenerator
  expect((await batches.next()).value).toEqual([[2]])
  await source.close()
  await expect(batches.next()).rejects.toMatchObject({ code: 'SOURCE_CLOSED' })
})

test('an aborted catalog', async () => {
  const source = await open(database(many))
  await expect(source.readCatalog({ signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'SOURCE_ABORTED' })
})

test('closing while the catalog is read', async () => {
  const source = await open(database(many))
  const reading = source.readCatalog()
  await source.close()
  await expect(reading).rejects.toMatchObject({ code: 'SOURCE_CLOSED' })
})
