import { DatabaseSync } from 'node:sqlite'
import { InvalidText, type SourceRow } from '@rowferry/introspect'
import Database from 'better-sqlite3'
import { describe, expect, test } from 'vitest'
import { database, main, open, rowsOf } from '../test/fixture.ts'

const invalid = (...bytes: number[]) => new InvalidText(Uint8Array.from(bytes))
const edges = [
  '9007199254740991',
  '9007199254740992',
  '9007199254740993',
  '-9007199254740991',
  '-9007199254740993',
  '9223372036854775807',
  '-9223372036854775808',
]

describe('numbers', () => {
  test('integers are numbers while safe, bigint past 2^53, each exact', async () => {
    const source = await open(database(`CREATE TABLE t (v); INSERT INTO t VALUES (${edges.join('), (')})`))
    const safe = (text: string) => (Number.isSafeInteger(Number(text)) ? Number(text) : BigInt(text))
    expect(await rowsOf(source, 't', ['v'])).toEqual(edges.map((text) => [safe(text)]))
    expect(await rowsOf(source, 't', ['v'], { integers: 'bigint' })).toEqual(edges.map((text) => [BigInt(text)]))
  })
  test('a real beyond 2^53 stays a real, beside integers that are not', async () => {
    const source = await open(
      database(
        'CREATE TABLE t (v); INSERT INTO t VALUES (9007199254740993), (9007199254740992.0), (1e300), (3), (3.0)',
      ),
    )
    expect(await rowsOf(source, 't', ['v'])).toEqual([[9007199254740993n], [2 ** 53], [1e300], [3], [3]])
    expect(await rowsOf(source, 't', ['v'], { integers: 'bigint' })).toEqual([
      [9007199254740993n],
      [2 ** 53],
      [1e300],
      [3n],
      [3],
    ])
  })
  test('infinities and the least real', async () => {
    const source = await open(
      database('CREATE TABLE t (v REAL); INSERT INTO t VALUES (9e999), (-9e999), (5e-324), (-0.0)'),
    )
    // A REAL column keeps a whole number as an integer, where there is no -0; https://www.sqlite.org/datatype3.html, section 3
    expect(await rowsOf(source, 't', ['v'])).toEqual([[Infinity], [-Infinity], [5e-324], [0]])
  })
  test('-0.0 where SQLite keeps it: in a column without a type', async () => {
    const source = await open(database('CREATE TABLE t (v); INSERT INTO t VALUES (-0.0), (0.0)'))
    expect((await rowsOf(source, 't', ['v'])).map(([value]) => Object.is(value, -0))).toEqual([true, false])
  })
})

describe('text', () => {
  test('bytes that are no UTF-8 come as they are; U+FFFD itself stays text', async () => {
    const values = [
      `CAST(x'61ff62' AS TEXT)`,
      `'\uFFFD'`,
      `CAST(x'eda080' AS TEXT)`,
      `'fine'`,
      `x'61ff62'`,
      `CAST(x'c080' AS TEXT)`,
      `1`,
      `NULL`,
      `CAST(x'efbbbf61' AS TEXT)`,
    ]
    const source = await open(database(`CREATE TABLE t (v); INSERT INTO t VALUES (${values.join('), (')})`))
    expect(await rowsOf(source, 't', ['v'])).toEqual([
      [invalid(0x61, 0xff, 0x62)],
      ['\uFFFD'],
      [invalid(0xed, 0xa0, 0x80)],
      ['fine'],
      [Buffer.from([0x61, 0xff, 0x62])],
      [invalid(0xc0, 0x80)],
      [1],
      [null],
      ['\uFEFFa'],
    ])
  })
  test.each(['UTF-16le', 'UTF-16be'])(
    '%s: a lone surrogate and half a character are invalid, all else is exact',
    async (encoding) => {
      const file = database(
        `PRAGMA encoding = '${encoding}'; CREATE TABLE t (v TEXT); INSERT INTO t VALUES ('漢字 👢'), ('a' || char(0) || 'b'), (''), (7)`,
      )
      const le = encoding === 'UTF-16le'
      const units = (...code: number[]) =>
        Uint8Array.from(code.flatMap((unit) => (le ? [unit & 255, unit >> 8] : [unit >> 8, unit & 255])))
      const lone = units(0x61, 0xd83d, 0x62)
      const db = new Database(file)
      const insert = db.prepare('INSERT INTO t VALUES (CAST(? AS TEXT))')
      for (const bytes of [lone, units(0xdc00), Uint8Array.of(0x61, 0, 0x62)]) insert.run(bytes)
      db.close()
      const name = encoding.toLowerCase()
      const source = await open(file)
      const rows = await rowsOf(source, 't', ['v'])
      expect(rows.slice(0, 6)).toEqual([
        ['漢字 👢'],
        ['a\0b'],
        [''],
        ['7'],
        [new InvalidText(lone, name)],
        [new InvalidText(units(0xdc00), name)],
      ])
      // SQLite itself cuts the odd byte off as it stores the text
      expect(rows[6]).toEqual([encoding === 'UTF-16le' ? 'a' : '\u6100'])
      const account = await source.aggregate?.(main('t'), ['v'])
      expect(account).toMatchObject({
        rows: 7,
        textEncoding: name,
        columns: [{ texts: 7, octets: String(5 * 2 + 6 + 0 + 2 + 6 + 2 + 2) }],
      })
    },
  )
})

describe('tables and columns', () => {
  test('2000 columns, the most there can be, with wide values and the rowid besides', async () => {
    const names = Array.from({ length: 2000 }, (_, at) => `c${at}`)
    const file = database(`CREATE TABLE t (${names.join(', ')})`)
    const db = new Database(file)
    const insert = db.prepare(`INSERT INTO t VALUES (${names.map(() => '?').join(', ')})`)
    for (let row = 0; row < 3; row++)
      insert.run(
        names.map((_, at) => (at % 3 === 0 ? 9007199254740993n : at % 3 === 1 ? `text ${row} ${at}` : Buffer.of(row))),
      )
    db.exec(`UPDATE t SET c1999 = CAST(x'ff' AS TEXT) WHERE rowid = 3`)
    db.close()
    const source = await open(file)
    const rows = await rowsOf(source, 't', ['rowid', ...names], { batchRows: 2 })
    expect(rows.map((row) => [row.length, row[0], row[1], row[2], row[1999]])).toEqual(
      [1, 2, 3].map((id) =>
        [2001, id, 9007199254740993n, `text ${id - 1} 1`, 'text '.concat(String(id - 1), ' 1998')].with(
          4,
          rows[id - 1]?.[1999] as never,
        ),
      ),
    )
    expect(rows[2]?.[2000]).toEqual(invalid(0xff))
    expect(await rowsOf(source, 't', names)).toEqual(rows.map((row) => row.slice(1)))
    expect(
      (await source.aggregate?.(main('t'), names))?.columns.filter(
        ({ integerSum }) => integerSum === '27021597764222979',
      ),
    ).toHaveLength(667)
  })
  test('names that are SQL, properties of objects or nothing at all', async () => {
    const names = ['__proto__', 'constructor', 'select', 'a"b', 'semi;colon --', '', '?1', '$x', 'é漢', "it's"]
    const quoted = names.map((name) => `"${name.replaceAll('"', '""')}"`)
    const source = await open(
      database(
        `CREATE TABLE "t;""x" (${quoted.join(', ')}); INSERT INTO "t;""x" VALUES (${names.map((_, at) => at).join(', ')})`,
      ),
    )
    expect(await rowsOf(source, 't;"x', names.toReversed())).toEqual([names.map((_, at) => names.length - 1 - at)])
  })
  test('generated columns may be asked for', async () => {
    const source = await open(
      database('CREATE TABLE t (a, b AS (a * 2), c AS (a * 3) STORED); INSERT INTO t VALUES (2)'),
    )
    expect(await rowsOf(source, 't', ['c', 'b', 'a'])).toEqual([[6, 4, 2]])
  })
  test('a full-text table is read in one scan', async () => {
    const source = await open(
      database(`CREATE VIRTUAL TABLE f USING fts5 (title, body); INSERT INTO f VALUES ('one', 'a'), ('two', 'b')`),
    )
    expect(await rowsOf(source, 'f', ['body', 'title'])).toEqual([
      ['a', 'one'],
      ['b', 'two'],
    ])
  })
  test('a column that does not exist is refused, not read as a string', async () => {
    const source = await open(database('CREATE TABLE t (a); INSERT INTO t VALUES (1)'))
    await expect(rowsOf(source, 't', ['nosuch'])).rejects.toMatchObject({
      code: 'SOURCE_UNREADABLE',
      message: expect.stringContaining(', table t: '),
    })
    await expect(rowsOf(source, 'nosuch', ['a'])).rejects.toMatchObject({ code: 'SOURCE_UNREADABLE' })
  })
})

describe('keys', () => {
  const every = async (sql: string, columns: readonly string[], key = columns): Promise<readonly SourceRow[]> => {
    const source = await open(database(sql))
    const rows = await rowsOf(source, 't', columns)
    expect(await rowsOf(source, 't', columns, { batchRows: 1 })).toEqual(rows)
    expect(await rowsOf(source, 't', columns, { batchRows: 3 })).toEqual(rows)
    for (const [at, row] of rows.entries()) {
      const after = key.map((name) => row[columns.indexOf(name)] as never)
      expect(await rowsOf(source, 't', columns, { after, batchRows: 2 })).toEqual(rows.slice(at + 1))
    }
    return rows
  }
  test('rowids that are negative, nought, sparse and the greatest', async () => {
    const ids = ['-9223372036854775808', '-5', '0', '7', '1000000', '9007199254740993', '9223372036854775807']
    const rows = await every(`CREATE TABLE t (id INTEGER PRIMARY KEY); INSERT INTO t VALUES (${ids.join('), (')})`, [
      'id',
    ])
    expect(rows.map(String)).toEqual(ids)
  })
  test('a table whose columns take every name of the rowid', async () => {
    const source = await open(
      database(
        `CREATE TABLE t (rowid, _rowid_, oid); CREATE INDEX i ON t (oid); INSERT INTO t VALUES (3, 'c', 1), (2, 'b', 9), (1, 'a', 5), (1, 'a', 5)`,
      ),
    )
    const rows = await rowsOf(source, 't', ['oid', 'rowid', '_rowid_'], { batchRows: 3 })
    expect(rows).toEqual([
      [1, 3, 'c'],
      [9, 2, 'b'],
      [5, 1, 'a'],
      [5, 1, 'a'],
    ])
    // An index covers this column; the order is the table's all the same
    expect(await rowsOf(source, 't', ['oid'])).toEqual(rows.map(([oid]) => [oid]))
    await expect(rowsOf(source, 't', ['oid'], { after: [1] })).rejects.toThrow(TypeError)
  })
  test('the same with an INTEGER PRIMARY KEY, and with another key', async () => {
    expect(
      await every(
        `CREATE TABLE t (rowid INTEGER PRIMARY KEY, _rowid_, oid); INSERT INTO t (rowid) VALUES (5), (-3), (9)`,
        ['rowid'],
      ),
    ).toEqual([[-3], [5], [9]])
    await every(
      `CREATE TABLE t (rowid TEXT, _rowid_ INT, oid, PRIMARY KEY (_rowid_, rowid)); INSERT INTO t VALUES ('b', 1, 0), ('a', 2, 0), ('x', 9007199254740993, 0), ('a', 1, 0)`,
      ['rowid', '_rowid_'],
      ['_rowid_', 'rowid'],
    )
  })
  test('a key that is no longer there', async () => {
    const source = await open(database(`CREATE TABLE t (id INTEGER PRIMARY KEY); INSERT INTO t VALUES (1), (2), (9)`))
    expect(await rowsOf(source, 't', ['id'], { after: [5] })).toEqual([[9]])
    await expect(rowsOf(source, 't', ['id'], { after: [1, 2] })).rejects.toThrow(TypeError)
  })
  const mixed = [
    `1, 'x'`,
    `1, CAST(x'61ff' AS TEXT)`,
    `2.5, 'q'`,
    `'t', 'a'`,
    `x'00', 'z'`,
    `1, 'y'`,
    `9007199254740993, 'b'`,
    `9007199254740992, 'b'`,
    `'', ''`,
    `-1e300, 'k'`,
    `'10', 'ten'`,
    `10, 'TEN'`,
    `CAST(x'ff' AS TEXT), x'ff'`,
  ]
  for (const key of [
    'a, b',
    'a DESC, b',
    'a, b DESC',
    'b DESC, a DESC',
    'b COLLATE NOCASE, a',
    'b COLLATE RTRIM DESC, a',
  ]) {
    test(`WITHOUT ROWID, mixed storage classes, PRIMARY KEY (${key})`, async () => {
      for (const types of ['a, b', 'a NUMERIC, b TEXT', 'a TEXT, b BLOB', 'a COLLATE NOCASE, b TEXT COLLATE RTRIM']) {
        const names = key.split(', ').map((part) => part[0] as string)
        const rows = await every(
          `CREATE TABLE t (${types}, PRIMARY KEY (${key})) WITHOUT ROWID; INSERT OR IGNORE INTO t VALUES (${mixed.join('), (')})`,
          ['a', 'b'],
          names,
        )
        expect(rows.length).toBeGreaterThan(10)
      }
    })
  }
})

describe('batches', () => {
  test('hold a hundred KiB or so, whatever the rows weigh', async () => {
    const source = await open(
      database(`CREATE TABLE t (id INTEGER PRIMARY KEY, v);
      WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000) INSERT INTO t SELECT i, CASE WHEN i > 4000 THEN zeroblob(10000) END FROM n`),
    )
    const sizes: number[] = []
    let total = 0
    for await (const batch of source.readBatches(main('t'), { columns: ['id', 'v'] })) {
      sizes.push(batch.length)
      total += batch.length
    }
    expect(total).toBe(5000)
    expect(Math.max(...sizes.slice(0, 6))).toBeGreaterThan(1000)
    expect(sizes.slice(-10, -1).every((size) => size < 30)).toBe(true)
  })
  test('fat rows after thin ones do not come by the thousand', async () => {
    const source = await open(
      database(`CREATE TABLE t (id INTEGER PRIMARY KEY, v);
      WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 4000) INSERT INTO t SELECT i, CASE WHEN i > 3900 THEN zeroblob(700000) END FROM n`),
      { integrityCheck: false },
    )
    let most = 0
    for await (const batch of source.readBatches(main('t'), { columns: ['id', 'v'] })) {
      most = Math.max(
        most,
        batch.reduce((sum, [, value]) => sum + ((value as Uint8Array | null)?.length ?? 0), 0),
      )
    }
    expect(most).toBe(700_000)
  })
  test('of a view, as often as they are asked for', async () => {
    const source = await open(
      database(
        "CREATE TABLE t (n, w); INSERT INTO t VALUES (1, 'a'), (2, 'b'); CREATE VIEW v AS SELECT w, n * 1.5 AS m FROM t",
      ),
    )
    expect(source.supports.views).toBe(true)
    for (const columns of [
      ['w', 'm'],
      ['m', 'w'],
    ])
      expect(await rowsOf(source, 'v', columns)).toEqual(
        columns[0] === 'w'
          ? [
              ['a', 1.5],
              ['b', 3],
            ]
          : [
              [1.5, 'a'],
              [3, 'b'],
            ],
      )
  })
  test('a value past what can be held in memory is named, and what comes before it is read', async () => {
    const file = database('CREATE TABLE t (id INTEGER PRIMARY KEY, note, v)')
    // better-sqlite3 could not write it either
    const db = new DatabaseSync(file)
    db.exec(
      `PRAGMA journal_mode = off; PRAGMA synchronous = off; INSERT INTO t VALUES (1, 'fine', 'fine'), (7, 'x', zeroblob(536870889)), (8, 'y', 'z')`,
    )
    db.close()
    const source = await open(file, { integrityCheck: false })
    expect(await rowsOf(source, 't', ['id', 'note'])).toHaveLength(3)
    const batches = source.readBatches(main('t'), { columns: ['v'] }) as AsyncGenerator
    expect((await batches.next()).value).toEqual([['fine']])
    const refused = {
      code: 'SOURCE_VALUE_TOO_LARGE',
      message: `${file}: t.v (row id 7) has 536870889 bytes, which is larger than the 536870888 bytes that can be read`,
    }
    await expect(batches.next()).rejects.toMatchObject(refused)
  })
})
