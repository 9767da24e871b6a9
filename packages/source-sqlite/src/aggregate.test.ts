import Database from 'better-sqlite3'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { database, main, open } from '../test/fixture.ts'

const nothing = {
  nulls: 0,
  integers: 0,
  reals: 0,
  texts: 0,
  blobs: 0,
  octets: '0',
  integerSum: null,
  integerMin: null,
  integerMax: null,
  realResidue: 0,
}

test('every storage class in one column', async () => {
  const source = await open(
    database(
      `CREATE TABLE t (v); INSERT INTO t VALUES (1), (-7), (2.5), ('é' || char(0) || 'x'), (x'00ff'), (NULL), (NULL)`,
    ),
  )
  expect(await source.aggregate?.(main('t'), ['v'])).toEqual({
    rows: 7,
    textEncoding: 'utf-8',
    columns: [
      {
        column: 'v',
        nulls: 2,
        integers: 2,
        reals: 1,
        texts: 1,
        blobs: 1,
        octets: '6',
        integerSum: '-6',
        integerMin: '-7',
        integerMax: '1',
        // 2 and a half, which is 2^30
        realResidue: 2 + 2 ** 30,
      },
    ],
  })
})

test('a column that turns to another class after the first rows', async () => {
  const source = await open(
    database(`CREATE TABLE t (id INTEGER PRIMARY KEY, i, r, s);
    WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n WHERE x < 100) INSERT INTO t SELECT x, x, x + 0.5, 's' FROM n;
    UPDATE t SET i = 'odd', r = 7, s = x'0102' WHERE id = 90`),
  )
  expect((await source.aggregate?.(main('t'), ['i', 'r', 's']))?.columns).toEqual([
    {
      ...nothing,
      column: 'i',
      integers: 99,
      texts: 1,
      octets: '3',
      integerSum: '4960',
      integerMin: '1',
      integerMax: '100',
    },
    {
      ...nothing,
      column: 'r',
      integers: 1,
      reals: 99,
      integerSum: '7',
      integerMin: '7',
      integerMax: '7',
      // 5050 - 90, and 99 halves
      realResidue: (4960 + 99 * 2 ** 30) % (2 ** 31 - 1),
    },
    { ...nothing, column: 's', texts: 99, blobs: 1, octets: '101' },
  ])
})

test('text that looks like an integer is none', async () => {
  const source = await open(database(`CREATE TABLE t (v); INSERT INTO t VALUES (5), ('0012')`))
  const expected = {
    ...nothing,
    column: 'v',
    integers: 1,
    texts: 1,
    octets: '4',
    integerSum: '5',
    integerMin: '5',
    integerMax: '5',
  }
  expect((await source.aggregate?.(main('t'), ['v']))?.columns).toEqual([expected])
})

test('sums past 64 bits, up and down', async () => {
  const [most, least] = ['9223372036854775807', '-9223372036854775808']
  const source = await open(
    database(`CREATE TABLE t (up, down); INSERT INTO t VALUES (${most}, ${least}), (${most}, ${least}), (${most}, -1)`),
  )
  expect((await source.aggregate?.(main('t'), ['up', 'down']))?.columns).toEqual([
    {
      ...nothing,
      column: 'up',
      integers: 3,
      integerSum: String(3n * BigInt(most)),
      integerMin: most,
      integerMax: most,
    },
    {
      ...nothing,
      column: 'down',
      integers: 3,
      integerSum: String(2n * BigInt(least) - 1n),
      integerMin: least,
      integerMax: '-1',
    },
  ])
})

test('a sum that passes 64 bits late, or beside other classes, is no less exact', async () => {
  const source = await open(
    database(`CREATE TABLE t (late, mixed, scarce, plain);
      WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 40)
      INSERT INTO t SELECT iif(i > 38, 9223372036854775807, i), iif(i = 40, 0.5, 4611686018427387904), iif(i % 2 = 0, -9223372036854775807, NULL), i FROM n`),
  )
  const found = await source.aggregate?.(main('t'), ['late', 'mixed', 'scarce', 'plain'])
  const integers = (column: string, values: bigint[]) => ({
    ...nothing,
    column,
    nulls: 40 - values.length,
    integers: values.length,
    integerSum: String(values.reduce((sum, value) => sum + value, 0n)),
    integerMin: String(values.toSorted((a, b) => (a < b ? -1 : 1))[0]),
    integerMax: String(values.toSorted((a, b) => (a < b ? 1 : -1))[0]),
  })
  const upTo = (count: number) => Array.from({ length: count }, (_, at) => BigInt(at + 1))
  expect(found?.columns).toEqual([
    integers('late', [...upTo(38), 9223372036854775807n, 9223372036854775807n]),
    {
      ...integers(
        'mixed',
        upTo(39).map(() => 4611686018427387904n),
      ),
      nulls: 0,
      reals: 1,
      realResidue: 2 ** 30,
    },
    integers(
      'scarce',
      upTo(20).map(() => -9223372036854775807n),
    ),
    integers('plain', upTo(40)),
  ])
})

test('reals of any size, in a column of their own and among others', async () => {
  const bits = new DataView(new ArrayBuffer(8))
  const real = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }).map((whole) => {
    bits.setBigUint64(0, whole)
    return bits.getFloat64(0)
  })
  const reals = fc.oneof(
    real.filter((each) => !Number.isNaN(each)),
    fc.double({ noNaN: true, min: -1e6, max: 1e6 }),
    fc.constantFrom(0, -0, Infinity, -Infinity),
  )
  const file = database('CREATE TABLE t (v)')
  const within = real.filter((each) => Math.abs(each) >= 1e-21 && Math.abs(each) <= 1e37)
  const batches = [reals, within].flatMap((some) => fc.sample(fc.array(some, { maxLength: 30 }), 60))
  const db = new Database(file)
  db.exec('BEGIN')
  for (const [batch, values] of batches.entries()) {
    db.exec(`CREATE TABLE t${batch} (own, mixed); INSERT INTO t${batch} VALUES (NULL, 'x')`)
    const insert = db.prepare(`INSERT INTO t${batch} VALUES (?, ?)`)
    for (const value of values) insert.run(value, value)
  }
  db.exec('COMMIT')
  db.close()
  const source = await open(file)
  for (const [batch, values] of batches.entries()) {
    const found = await source.aggregate?.(main(`t${batch}`), ['own', 'mixed'])
    const sum = values.reduce((all, value) => all + residueOf(value), 0n) % prime
    expect(found?.columns.map((column) => column.realResidue)).toEqual([Number(sum), Number(sum)])
  }
})

const prime = 2n ** 31n - 1n

function residueOf(real: number): bigint {
  if (!Number.isFinite(real)) return real > 0 ? 2n : 3n
  if (real === 0) return Object.is(real, -0) ? 1n : 0n
  // In units of 2^-1085, which is 2 to the power of −35 × 31, and so 1
  let [unit, rest] = [1085, Math.abs(real)]
  for (; !Number.isInteger(rest); unit -= 1) rest *= 2
  const size = BigInt(rest) * 2n ** BigInt(unit)
  return real < 0 ? prime - (size % prime) : size % prime
}
