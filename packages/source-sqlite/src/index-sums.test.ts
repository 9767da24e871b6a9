import Database from 'better-sqlite3'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { database } from '../test/fixture.ts'
import { indexesHoldRows } from './index-sums.ts'
import { refuseDamaged, refuseDamagedLarge } from './integrity.ts'

type Value = number | bigint | string | Buffer | null
type Row = readonly [bigint, Value, Value]

const value: fc.Arbitrary<Value> = fc.oneof(
  { weight: 6, arbitrary: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }) },
  { weight: 6, arbitrary: fc.bigInt({ min: -3n, max: 3n }) },
  fc.constant(null),
  fc.double({ noNaN: true }),
  fc.string({ unit: 'binary', maxLength: 4 }).filter((text) => text.isWellFormed()),
  fc.uint8Array({ maxLength: 4 }).map((bytes) => Buffer.from(bytes)),
)
const rowid = fc.oneof(fc.bigInt({ min: 1n, max: 20n }), fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }))
const rows = (of: fc.Arbitrary<Value>): fc.Arbitrary<Row[]> =>
  fc.uniqueArray(fc.tuple(rowid, of, of), { selector: ([id]) => id, maxLength: 30 })
const within = (bits: bigint) => rows(fc.bigInt({ min: -(2n ** bits), max: 2n ** bits }))
const anyRows = fc.oneof(rows(value), within(40n), within(31n), within(30n), within(3n), rows(fc.constant(null)))

const INDEXES = 'CREATE INDEX one ON t (a); CREATE INDEX two ON t (b DESC, a); CREATE UNIQUE INDEX three ON t (id, b)'

/** A table, and indexes that were made for other rows of it: taken out of the schema while those were exchanged. */
function tableWith(indexed: readonly Row[], stored: readonly Row[]): Database.Database {
  let db = new Database(':memory:')
  const fill = (all: readonly Row[]): void => {
    const insert = db.prepare('INSERT INTO t VALUES (?, ?, ?)')
    for (const row of all) insert.run(...row)
  }
  const withSchema = (change: () => void): void => {
    db.unsafeMode()
    db.pragma('writable_schema = ON')
    change()
    // Opened anew, SQLite reads the schema anew
    const bytes = db.serialize()
    db.close()
    db = new Database(bytes)
  }
  db.exec(`CREATE TABLE t (id INTEGER PRIMARY KEY, a, b); ${INDEXES}`)
  fill(indexed)
  if (indexed === stored) return db
  const kept = db.prepare("SELECT * FROM sqlite_schema WHERE type = 'index'").raw().all() as unknown[][]
  withSchema(() => db.exec("DELETE FROM sqlite_schema WHERE type = 'index'"))
  db.exec('DELETE FROM t')
  fill(stored)
  withSchema(() => {
    for (const row of kept) db.prepare('INSERT INTO sqlite_schema VALUES (?, ?, ?, ?, ?)').run(...row)
  })
  return db
}

function complains(check: (db: Database.Database, label: string) => void, db: Database.Database): boolean {
  try {
    check(db, 'app.db')
    return false
  } catch {
    return true
  }
}

test('indexes that hold the rows of their table', () => {
  fc.assert(
    fc.property(anyRows, (stored) => {
      const db = tableWith(stored, stored)
      expect(indexesHoldRows(db, 't')).toBe(true)
      db.close()
    }),
    { numRuns: 100 },
  )
})

test('a row too many, one that lacks, or another value is found as integrity_check finds it', () => {
  const change = fc.tuple(fc.constantFrom('drop', 'add', 'value', 'swap'), fc.nat(), value)
  let found = 0
  fc.assert(
    fc.property(anyRows, change, (stored, [kind, at, other]) => {
      const indexed = stored.map((row): Row => [...row])
      const place = stored.length === 0 ? 0 : at % stored.length
      if (kind === 'drop') indexed.splice(place, 1)
      else if (kind === 'add') indexed.push([2n ** 62n + 1n, other, null])
      else if (indexed[place] === undefined) return
      else if (kind === 'value') indexed[place] = [indexed[place][0], other, indexed[place][2]]
      else {
        const next = (place + 1) % indexed.length
        const [mine, theirs] = [indexed[place], indexed[next] as Row]
        indexed[place] = [mine[0], theirs[1], mine[2]]
        indexed[next] = [theirs[0], mine[1], theirs[2]]
      }
      const db = tableWith(indexed, stored)
      const damaged = complains(refuseDamaged, db)
      expect(complains(refuseDamagedLarge, db)).toBe(damaged)
      if (damaged) found += 1
      db.close()
    }),
    { numRuns: Number(process.env['ROWFERRY_RUNS'] ?? 300) },
  )
  expect(found).toBeGreaterThan(50)
})

test('what cannot be summed is left to integrity_check', () => {
  const made = (sql: string) => new Database(database(`${sql}; INSERT INTO t VALUES (1, 2)`))
  expect(indexesHoldRows(made('CREATE TABLE t (a, b); CREATE INDEX i ON t (a) WHERE b > 1'), 't')).toBeNull()
  expect(indexesHoldRows(made('CREATE TABLE t (a, b); CREATE INDEX i ON t (a + 1)'), 't')).toBeNull()
  expect(
    indexesHoldRows(made('CREATE TABLE t (a PRIMARY KEY, b) WITHOUT ROWID; CREATE INDEX i ON t (b)'), 't'),
  ).toBeNull()
  expect(indexesHoldRows(made('CREATE TABLE t (rowid, b); CREATE INDEX i ON t (rowid)'), 't')).toBe(true)
})

test('damage is seen behind any number of lines about values', () => {
  const indexed = Array.from({ length: 1200 }, (_, at): Row => [BigInt(at + 1), null, null])
  const withRule = (stored: readonly Row[]) => {
    let db = tableWith(indexed, stored)
    db.unsafeMode()
    db.pragma('writable_schema = ON')
    db.exec("UPDATE sqlite_schema SET sql = replace(sql, 'a, b)', 'a NOT NULL, b)') WHERE name = 't'")
    const bytes = db.serialize()
    db.close()
    db = new Database(bytes)
    return db
  }
  const sound = withRule([...indexed])
  const damaged = withRule(indexed.map((row, at): Row => (at === 1150 ? [row[0], 7n, null] : row)))
  for (const check of [refuseDamaged, refuseDamagedLarge]) {
    expect(complains(check, sound)).toBe(false)
    expect(complains(check, damaged)).toBe(true)
  }
})
