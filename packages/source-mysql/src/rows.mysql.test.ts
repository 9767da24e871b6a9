import type { SourceRow } from '@rowferry/introspect'
import type { ReadOptions, Source } from '@rowferry/source'
import { mysqlServer, useMysqlDatabase } from '@rowferry/vitest-preset/mysql'
import { expect, test } from 'vitest'
import { openMysql } from './index.ts'

const database = useMysqlDatabase()

async function readAll(source: Source, table: string, options: ReadOptions): Promise<SourceRow[]> {
  const rows: SourceRow[] = []
  for await (const batch of source.readBatches({ schema: database.name, name: table }, options)) rows.push(...batch)
  return rows
}

test.each([
  ['decimal(65,2)', ['-5.50', '0.00', '123456789012345678901234567890.10', '123456789012345678901234567890.11']],
  ['datetime(6)', ['1000-01-01 00:00:00.000000', '2024-01-01 00:00:00.000001', '2024-01-01 00:00:00.000002']],
  ['timestamp(3)', ['1970-01-01 00:00:01.000+00:00', '2024-10-27 00:30:00.000+00:00', '2024-10-27 01:30:00.000+00:00']],
  ['varchar(20)', ['', 'B', 'ça', 'é ', 'z']],
  ['varchar(20) character set latin1', ['a', 'é', 'z']],
  ['varbinary(8)', [Buffer.from(''), Buffer.from('00', 'hex'), Buffer.from('ff00', 'hex')]],
  ["enum('z','a','m')", ['z', 'a', 'm']],
  ["set('b','a')", ['', 'b', 'a', 'b,a']],
  ['bit(6)', ['B000001', 'B000010', 'B111111']],
  ['double', [-1.5, 0, 1 / 3]],
  ['time', ['-10:00:00', '-00:00:01', '00:00:00', '100:00:00']],
])('a table keyed by %s is read by it, in batches, from any row on', async (type, values) => {
  const name = `keyed ${type.replaceAll(/\W+/g, ' ')}`.trim()
  const literals = values.map((value) =>
    typeof value === 'string'
      ? value.startsWith('B0') || value.startsWith('B1')
        ? `b'${value.slice(1)}'`
        : `'${value.replace('+00:00', '')}'`
      : typeof value === 'number'
        ? `${value}e0`
        : `x'${value.toString('hex')}'`,
  )
  await database.run(
    `set time_zone = '+00:00'; create table \`${name}\` (k ${type} primary key, n int); insert into \`${name}\` (k) values ${literals
      .map((each) => `(${each})`)
      .toReversed()
      .join(', ')}`,
  )
  const source = await openMysql({ url: database.url })
  try {
    const all = await readAll(source, name, { columns: ['k'], batchRows: 2 })
    expect(all).toEqual(values.map((value) => [value]))
    for (const [at, row] of all.entries())
      expect(await readAll(source, name, { columns: ['k'], batchRows: 2, after: row })).toEqual(all.slice(at + 1))
  } finally {
    await source.close()
  }
})

test('a reading without a key that is left early lets the next one through', async () => {
  await database.run(
    'create table heap (a int, b text); insert into heap select seq, repeat(char(97 + seq % 26), 500) from seq_1_to_20000',
  )
  const source = await openMysql({ url: database.url })
  try {
    for await (const batch of source.readBatches({ schema: database.name, name: 'heap' }, { columns: ['a', 'b'] })) {
      expect(batch.length).toBeGreaterThan(0)
      break
    }
    const account = await source.aggregate!({ schema: database.name, name: 'heap' }, ['a'])
    expect(account).toMatchObject({ rows: 20_000, columns: [{ integers: 20_000, integerSum: '200010000' }] })
    expect(await readAll(source, 'heap', { columns: ['a'] })).toHaveLength(20_000)
  } finally {
    await source.close()
  }
})

test('large values come in small batches', async () => {
  await database.run(
    `create table fat (id int primary key, body longtext); insert into fat select seq, if(seq > 500, repeat('x', 300000), 'y') from seq_1_to_520`,
  )
  const source = await openMysql({ url: database.url })
  try {
    const sizes: number[] = []
    for await (const batch of source.readBatches({ schema: database.name, name: 'fat' }, { columns: ['id', 'body'] }))
      sizes.push(batch.reduce((sum, row) => sum + (row[1] as string).length, 0))
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(500 + 20 * 300_000)
    expect(Math.max(...sizes)).toBeLessThan(700_000)
  } finally {
    await source.close()
  }
})

test.each([
  ['a server that is not there', (url: URL) => (url.port = '1'), 'SOURCE_UNREACHABLE'],
  ['a database that is not there', (url: URL) => (url.pathname = '/no_such_database'), 'SOURCE_MISSING'],
  ['a user that is not known', (url: URL) => ((url.username = 'nobody'), (url.password = 'hunter2')), 'SOURCE_REFUSED'],
])('%s', async (_, change, code) => {
  const server = mysqlServer()
  const url = new URL('url' in server ? database.url : 'mysql://h/d')
  change(url)
  const refused = openMysql({ url: url.href })
  await expect(refused).rejects.toMatchObject({ code, remedy: expect.any(String) })
  await expect(refused).rejects.not.toThrow(/hunter2/)
})
