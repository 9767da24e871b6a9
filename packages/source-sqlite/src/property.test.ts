import { InvalidText, type SourceValue } from '@rowferry/introspect'
import Database from 'better-sqlite3'
import fc from 'fast-check'
import path from 'node:path'
import { expect, test } from 'vitest'
import { folder, main, rowsOf } from '../test/fixture.ts'
import { openSqlite } from './index.ts'

/** A value and how it is put into SQLite. */
interface Stored {
  readonly value: SourceValue
  readonly sql: '?' | 'CAST(? AS TEXT)'
  readonly bound: unknown
}

const plain = (value: SourceValue, bound: unknown = value): Stored => ({ value, sql: '?', bound })
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

const integer = fc.oneof(
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  fc.bigInt({ min: -5n, max: 5n }),
  fc.bigInt({ min: -2n, max: 2n }).map((near) => 2n ** 53n + near),
  fc.bigInt({ min: -2n, max: 2n }).map((near) => -(2n ** 53n) + near),
)
const asRead = (value: bigint): SourceValue => (Number.isSafeInteger(Number(value)) ? Number(value) : value)

const cell: fc.Arbitrary<Stored> = fc.oneof(
  fc.constant(plain(null)),
  integer.map((value) => plain(asRead(value), value)),
  fc.double({ noNaN: true }).map((value) => plain(value)),
  fc.string({ unit: 'grapheme', maxLength: 40 }).map((value) => plain(value)),
  fc
    .constantFrom('', '\0', 'a\0b', '\uFFFD', '\uFEFFx', '12', '0012', '1e3', 'x'.repeat(5000))
    .map((value) => plain(value)),
  fc.uint8Array({ maxLength: 40 }).map((value) => plain(value, Buffer.from(value))),
  fc.uint8Array({ minLength: 1, maxLength: 8 }).map((bytes): Stored => {
    try {
      return { value: decoder.decode(bytes), sql: 'CAST(? AS TEXT)', bound: Buffer.from(bytes) }
    } catch {
      return {
        value: new InvalidText(Uint8Array.from(bytes), 'utf-8'),
        sql: 'CAST(? AS TEXT)',
        bound: Buffer.from(bytes),
      }
    }
  }),
)

const shapes = {
  'a rowid': 'CREATE TABLE t (k, v, w)',
  'an INTEGER PRIMARY KEY': 'CREATE TABLE t (k, v, w, id INTEGER PRIMARY KEY)',
  'WITHOUT ROWID': 'CREATE TABLE t (k, v, w, PRIMARY KEY (k, v)) WITHOUT ROWID',
  'WITHOUT ROWID, descending': 'CREATE TABLE t (k, v, w, PRIMARY KEY (v DESC, k)) WITHOUT ROWID',
  'no key at all': 'CREATE TABLE t (k, v, w, rowid, _rowid_, oid)',
} as const

/** Values of one kind compare equal exactly if they are written alike. */
function write(value: SourceValue): string {
  if (value instanceof InvalidText) return `invalid ${value.encoding} ${Buffer.from(value.bytes).toString('hex')}`
  if (value instanceof Uint8Array) return `bytes ${Buffer.from(value).toString('hex')}`
  return `${typeof value} ${Object.is(value, -0) ? '-0' : String(value)}`
}

for (const [shape, sql] of Object.entries(shapes)) {
  test(`random rows come out as they went in: ${shape}`, async () => {
    const dir = folder()
    let run = 0
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(cell, cell, cell), { maxLength: 30 }),
        fc.integer({ min: 1, max: 9 }),
        async (cells, batchRows) => {
          const file = path.join(dir, `${(run += 1)}.db`)
          const db = new Database(file)
          db.pragma('synchronous = OFF')
          db.exec(sql)
          const expected: string[] = []
          for (const row of cells) {
            const statement = db.prepare(
              `INSERT OR IGNORE INTO t (k, v, w) VALUES (${row.map((part) => part.sql).join(', ')})`,
            )
            // OR IGNORE also passes over a NULL in the key of a WITHOUT ROWID table
            if (statement.run(row.map((part) => part.bound)).changes === 1)
              expected.push(row.map((part) => write(part.value)).join())
          }
          db.close()
          const source = await openSqlite({ path: file })
          try {
            const columns = ['k', 'v', 'w']
            const found = await rowsOf(source, 't', columns, { batchRows })
            expect(found.map((row) => row.map(write).join()).toSorted()).toEqual(expected.toSorted())
            expect(await rowsOf(source, 't', columns)).toEqual(found)
            const account = await source.aggregate?.(main('t'), columns)
            const exact = await rowsOf(source, 't', columns, { integers: 'bigint' })
            for (const [at, column] of (account?.columns ?? []).entries()) {
              const values = exact.map((row) => row[at] as SourceValue)
              const whole = values.filter((value) => typeof value === 'bigint')
              expect(column).toMatchObject({
                nulls: values.filter((value) => value === null).length,
                integers: whole.length,
                reals: values.filter((value) => typeof value === 'number').length,
                texts: values.filter((value) => typeof value === 'string' || value instanceof InvalidText).length,
                blobs: values.filter((value) => value instanceof Uint8Array).length,
                octets: String(values.reduce((sum: number, value) => sum + octetsOf(value), 0)),
                integerSum: whole.length === 0 ? null : String(whole.reduce((sum, value) => sum + value, 0n)),
              })
            }
          } finally {
            await source.close()
          }
        },
      ),
      { numRuns: 25 },
    )
  })
}

function octetsOf(value: SourceValue): number {
  if (typeof value === 'string') return Buffer.byteLength(value)
  return value instanceof InvalidText ? value.bytes.length : value instanceof Uint8Array ? value.length : 0
}
