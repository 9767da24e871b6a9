import Database from 'better-sqlite3'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { rig } from '../test/rig.ts'
import { migrate } from './migrate-command.ts'
import { plan } from './plan-command.ts'
import { verify } from './verify-command.ts'

const sq = (name: string) => `"${name.replaceAll('"', '""')}"`

/** Nothing that SQLite itself cannot call a table: no NUL, not its own prefix, no half of a character. */
const isName = (name: string) => !/^sqlite_|\0/i.test(name) && name.isWellFormed()
const awkward = fc
  .oneof(
    fc.string({ unit: 'binary', maxLength: 70 }),
    fc.string({ unit: 'grapheme', maxLength: 70 }),
    fc.constantFrom(
      '',
      '_',
      '"',
      "'",
      '"";--',
      'a b',
      'Order',
      'order_',
      'select',
      'ctid',
      'ctid_',
      'xmin',
      'tableoid',
    ),
    fc.constantFrom(
      '__proto__',
      'constructor',
      '%s',
      '$1',
      '\\',
      '\n',
      '\u{7f}',
      '/../x',
      'É',
      'é',
      'e\u{301}',
      'a.b',
      'a=b',
    ),
    fc
      .tuple(fc.constantFrom('x', 'É', 'é', '🦊'), fc.integer({ min: 15, max: 70 }), fc.constantFrom('', 'a', 'b'))
      .map(([letter, times, end]) => letter.repeat(times) + end),
  )
  .filter(isName)
/** SQLite compares ASCII letters without case. */
const asciiLower = (name: string) => name.replace(/[A-Z]+/g, (letters) => letters.toLowerCase())
const names = (minLength: number, maxLength: number) =>
  fc.uniqueArray(awkward, { minLength, maxLength, selector: asciiLower })

/** Whatever stands behind a column's name, in quotes or as words with one or two numbers. */
const declared = fc.oneof(
  awkward.map(sq),
  fc.constantFrom('', 'ANY', 'VARCHAR(0)', 'VARCHAR(99999999999)', 'DECIMAL(5000, 2)', 'NUMERIC(2, 5)', 'DECIMAL(-1)'),
  fc.constantFrom(
    'INT',
    'UNSIGNED BIG INT',
    'TINYINT(1)',
    'BOOLEAN',
    'DATETIME',
    'DATE',
    'TIME',
    'JSON',
    'UUID',
    'REAL',
  ),
  fc.constantFrom(
    '"text[]"',
    'ENUM',
    'timestamp with time zone',
    'serial',
    'GEOMETRY',
    '"int4; drop table x"',
    'bit(3)',
  ),
)
const stored = fc.constantFrom(
  'null',
  '5',
  "'a'",
  '1.5',
  "x'00ff'",
  "'2024-01-31'",
  "''",
  '9223372036854775807',
  '-0.0',
  '9e999',
)

test(
  'whatever tables, columns, keys, indexes and checks are called and columns declared as, they arrive and are proven',
  { timeout: 300_000 },
  async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(
          fc.tuple(awkward, names(3, 6), awkward, fc.array(fc.tuple(declared, stored), { minLength: 3, maxLength: 3 })),
          {
            minLength: 2,
            maxLength: 12,
            selector: ([name]) => asciiLower(name),
          },
        ),
        fc.constantFrom('keep' as const, 'lower' as const, 'snake' as const),
        async (tables, how) => {
          await using crossing = await rig('')
          const file = new Database(crossing.path)
          file.pragma('foreign_keys = off')
          const used = new Set(tables.map(([name]) => asciiLower(name)))
          const [parent] = tables
          for (const [name, [key, text, reference, ...others], extra, columns] of tables) {
            const rest = others
              .map((other, at) => `, ${sq(other)} ${columns[at]![0]} DEFAULT (${columns[at]![1]})`)
              .join('')
            file.exec(`CREATE TABLE ${sq(name)} (${sq(key!)} INTEGER PRIMARY KEY, ${sq(text!)} TEXT DEFAULT 'x',
            ${sq(reference!)} INTEGER REFERENCES ${sq(parent![0])}${rest},
            CONSTRAINT ${sq(extra)} CHECK (${sq(key!)} > 0))`)
            file.exec(
              `INSERT INTO ${sq(name)} (${sq(key!)}, ${sq(text!)}, ${sq(reference!)}) VALUES (1, 'a', 1), (2, 'b', 2)`,
            )
            if (used.has(asciiLower(extra))) continue
            used.add(asciiLower(extra))
            file.exec(`CREATE UNIQUE INDEX ${sq(extra)} ON ${sq(name)} (${sq(text!)}, ${sq(key!)})`)
          }
          file.close()
          const report = await migrate(crossing.input({ case: how }))
          expect([report.outcome, report.error, report.findings.filter((each) => each.severity === 'refuse')]).toEqual([
            'done',
            null,
            [],
          ])
          expect(report.tables.map((table) => [table.written, table.verdict])).toEqual(tables.map(() => [2, 'equal']))
          const there = await crossing.rows(
            `SELECT count(*) FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace`,
          )
          expect(there).toEqual([[String(tables.length)]])
          const keys = await crossing.rows(`SELECT count(*) FROM pg_constraint WHERE contype = 'f'`)
          expect(keys).toEqual([[String(tables.length)]])
          expect((await verify(crossing.input({ case: how }))).outcome).toBe('done')
        },
      ),
      { numRuns: 12 },
    )
  },
)

test('names that had to change are said, and another can be chosen', async () => {
  const long = 'é'.repeat(40)
  await using crossing =
    await rig(`CREATE TABLE "${long}" (ctid INTEGER PRIMARY KEY, "" TEXT NOT NULL CHECK ("" <> 'no'));
    CREATE INDEX "by ${long}" ON "${long}" ("");
    INSERT INTO "${long}" VALUES (1, 'a');
    CREATE TABLE child (id INTEGER PRIMARY KEY, p INTEGER REFERENCES "${long}" (ctid)); INSERT INTO child VALUES (1, 1)`)
  const report = await migrate(crossing.input({ rename: [{ from: `${long}.ctid`, to: 'number' }] }))
  expect(report.outcome).toBe('done')
  expect(report.findings.filter((each) => each.code === 'NAME_CHANGED').map((each) => each.column)).toEqual([
    null,
    '',
    null,
  ])
  const found =
    await crossing.rows(`SELECT c.relname, a.attname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
    WHERE c.relkind = 'r' AND c.relname LIKE 'é%' AND a.attnum > 0 ORDER BY a.attnum`)
  const table = `${'é'.repeat(27)}_84fe2e03`
  expect(found).toEqual([
    [table, 'number'],
    [table, '_'],
  ])
  const chosen = await migrate(
    crossing.input({
      rename: [
        { from: long, to: 'short' },
        { from: 'child', to: 'kid' },
      ],
    }),
  )
  expect(chosen.outcome).toBe('done')
  expect(await crossing.rows('SELECT * FROM short JOIN kid ON p = ctid_')).toHaveLength(1)
})

test('the report tells which columns have another name in the target', async () => {
  await using at = await rig(
    'create table Users (id integer primary key, createdAt text); insert into Users values (1, null)',
    'create table users (id int primary key, created_at text)',
  )
  const input = at.input({ case: 'snake' })
  for (const report of [(await plan(input)).report, await migrate(input)])
    expect(report.tables).toMatchObject([
      { source: 'Users', target: 'users', renamed: [{ column: 'createdAt', target: 'created_at' }] },
    ])
})
