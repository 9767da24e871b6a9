import { expect, test } from 'vitest'
import { rig } from '../test/rig.ts'
import { migrate } from './migrate-command.ts'
import { verify } from './verify-command.ts'

const refusals = (report: { findings: readonly { severity: string; code: string; column: string | null }[] }) =>
  report.findings.filter((each) => each.severity === 'refuse').map((each) => [each.code, each.column])
const codes = (report: { findings: readonly { code: string; column: string | null; count: number | null }[] }) =>
  report.findings.map((each) => [each.code, each.column, each.count])

test('a column that the target lacks is left behind only when nothing is lost, or when it is named', async () => {
  await using crossing = await rig(
    `CREATE TABLE users (id INTEGER PRIMARY KEY, legacy TEXT, unused TEXT);
     INSERT INTO users VALUES (1, 'a', NULL), (2, NULL, NULL), (3, '', NULL)`,
    'CREATE TABLE users (id bigint PRIMARY KEY)',
  )
  const refused = await migrate(crossing.input())
  expect([refused.outcome, codes(refused)]).toEqual([
    'refused',
    [
      ['COLUMN_MISSING', 'legacy', null],
      ['COLUMN_EMPTY', 'unused', null],
    ],
  ])
  expect(refused.findings[0]).toMatchObject({
    message: `the target's users has no column "legacy", and the source holds 2 values there`,
    remedy: expect.stringContaining("--drop-column 'users.legacy'"),
  })
  const dropped = await migrate(crossing.input({ dropColumn: ['users.legacy'] }))
  expect([dropped.outcome, dropped.exitCode, codes(dropped)]).toEqual([
    'done',
    0,
    [
      ['COLUMN_DROPPED', 'legacy', 2],
      ['COLUMN_EMPTY', 'unused', null],
    ],
  ])
  expect(dropped.notCarried).toMatchObject([
    { object: 'column users.legacy', why: 'left out by --drop-column, with 2 values' },
  ])
  expect((await verify(crossing.input({ dropColumn: ['users.legacy'] }))).outcome).toBe('done')
})

test('a dropped column is not made either, and what needs it is listed', async () => {
  await using crossing = await rig(
    `CREATE TABLE users (id INTEGER, secret TEXT, name TEXT UNIQUE CHECK (name <> secret), PRIMARY KEY (id, secret));
     CREATE INDEX by_secret ON users (secret); CREATE INDEX by_name ON users (name);
     INSERT INTO users VALUES (1, 'x', 'ann'), (1, 'y', 'bob')`,
  )
  const report = await migrate(crossing.input({ dropColumn: ['users.secret'] }))
  expect([report.outcome, report.error]).toEqual(['done', null])
  expect(report.notCarried.map((each) => each.object)).toEqual([
    'column users.secret',
    'primary key of users',
    'index by_secret of users',
    'check on users',
  ])
  expect(await crossing.rows('SELECT * FROM users ORDER BY name')).toEqual([
    ['1', 'ann'],
    ['1', 'bob'],
  ])
  expect(await crossing.rows(`SELECT indexname FROM pg_indexes WHERE tablename = 'users' ORDER BY 1`)).toEqual([
    ['by_name'],
    ['users_name_key'],
  ])
})

const filled = `CREATE TYPE mood AS ENUM ('ok', 'sad'); CREATE DOMAIN pct AS int CHECK (VALUE <= 100);
  CREATE TABLE users (active boolean NOT NULL, since timestamptz NOT NULL, m mood NOT NULL, share pct NOT NULL, host inet NOT NULL,
    price numeric(6,2), note varchar(5), name text, id bigint PRIMARY KEY, extra jsonb NOT NULL, raw bytea, nothing text DEFAULT 'x')`
const people = `CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT); INSERT INTO users VALUES (1, 'ann'), (2, NULL), (3, '')`
const values: Record<string, string | null> = {
  active: 'true',
  since: '2024-01-02T03:04:05Z',
  m: 'sad',
  share: '99',
  host: '10.0.0.1',
  price: '1.50',
  note: 'a=b',
  extra: '"{}"',
  nothing: null,
}
const fill = Object.entries(values).map(([column, value]) => ({ column: `users.${column}`, value }))

test('every row gets the value of a column that only the target has, and that is proven', async () => {
  await using crossing = await rig(people, filled)
  expect(refusals(await migrate(crossing.input()))).toEqual(
    ['active', 'since', 'm', 'share', 'host', 'extra'].map((column) => ['TARGET_COLUMN_NEEDED', column]),
  )
  const report = await migrate(crossing.input({ fill }))
  expect([report.outcome, report.error, refusals(report)]).toEqual(['done', null, []])
  expect(report.tables[0]).toMatchObject({ written: 3, verdict: 'equal' })
  expect(report.tables[0]!.changed).toContainEqual({ column: 'm', rule: 'fill', from: 'sad', count: 3 })
  expect(
    await crossing.rows(
      "SELECT DISTINCT active, since AT TIME ZONE 'UTC', m, share, host, price, note, extra, raw, nothing FROM users",
    ),
  ).toEqual([['t', '2024-01-02 03:04:05', 'sad', '99', '10.0.0.1', '1.50', 'a=b', '"{}"', null, null]])
  const again = () => verify(crossing.input({ fill }))
  expect((await again()).outcome).toBe('done')
  for (const damage of [
    "m = 'ok'",
    'share = 98',
    "host = '10.0.0.2'",
    "nothing = ''",
    "since = since + interval '1 microsecond'",
  ]) {
    await crossing.rows(`UPDATE users SET ${damage} WHERE id = 2`)
    const found = await again()
    expect([damage, found.outcome, found.tables[0]!.mismatches.length]).toEqual([damage, 'different', 1])
    await crossing.rows(`DELETE FROM users; INSERT INTO users SELECT true, '2024-01-02T03:04:05Z', 'sad', 99, '10.0.0.1', 1.5, 'a=b', name, id, '"{}"', NULL, NULL
      FROM (VALUES (1, 'ann'), (2, NULL), (3, '')) AS v(id, name)`)
    expect((await again()).outcome).toBe('done')
  }
})

test('a fill takes part in keys, in merging, and beside rows that are set aside', async () => {
  const source = `CREATE TABLE items (id INTEGER PRIMARY KEY, price TEXT); INSERT INTO items VALUES (1, '1.5'), (2, 'dear'), (3, '2')`
  const target = `CREATE TABLE items (tenant int NOT NULL, id bigint NOT NULL, price numeric, PRIMARY KEY (tenant, id));
    INSERT INTO items VALUES (6, 1, 9), (7, 1, 9)`
  await using crossing = await rig(source, target)
  const options = {
    fill: [{ column: 'items.tenant', value: '7' }],
    onExisting: 'merge' as const,
    onBadRow: 'quarantine' as const,
    quarantineDir: `${crossing.folder}/aside`,
  }
  const report = await migrate(crossing.input(options))
  expect([report.outcome, report.error]).toEqual(['partial', null])
  expect(report.tables[0]!.changed).toEqual([{ column: 'tenant', rule: 'fill', from: '7', count: 2 }])
  expect(await crossing.rows('SELECT * FROM items ORDER BY 1, 2')).toEqual([
    ['6', '1', '9'],
    ['7', '1', '1.5'],
    ['7', '3', '2'],
  ])
})

test('a fill that cannot be is refused with its reason', async () => {
  await using crossing = await rig(
    people,
    `${filled}; ALTER TABLE users ADD twice bigint GENERATED ALWAYS AS (id * 2) STORED`,
  )
  const wrong = async (column: string, value: string | null) =>
    refusals(
      await migrate(crossing.input({ fill: [...fill.filter((each) => each.column !== column), { column, value }] })),
    )
  expect(await wrong('users.active', 'perhaps')).toEqual([['NOT_A_BOOLEAN', 'active']])
  expect(await wrong('users.m', null)).toEqual([['NULL_NOT_ALLOWED', 'm']])
  expect(await wrong('users.note', 'too long')).toEqual([['TOO_LONG', 'note']])
  expect(await wrong('users.name', 'bob')).toEqual([['FILL_CARRIED', 'name']])
  expect(await wrong('users.twice', '2')).toEqual([['FILL_GENERATED', 'twice']])
  const typo = await migrate(crossing.input({ fill: [...fill, { column: 'users.extro', value: '1' }] }))
  expect(typo.findings).toContainEqual(
    expect.objectContaining({ code: 'COLUMN_UNKNOWN', remedy: 'did you mean "users.extra"?' }),
  )
  const judged = await wrong('users.host', 'nowhere')
  expect(judged).toEqual([['SERVER_REFUSED', 'host']])
})

test('order of columns, identity, defaults and generated columns of the target are no obstacle, and what PostgreSQL puts in is said', async () => {
  await using crossing = await rig(
    `CREATE TABLE t (a TEXT, b INTEGER, id INTEGER PRIMARY KEY, doubled INTEGER AS (b * 2)); INSERT INTO t (a, b, id) VALUES ('x', 5, 41), ('y', NULL, 7)`,
    `CREATE SEQUENCE free START 100; CREATE TABLE t (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, doubled bigint GENERATED ALWAYS AS (b * 2) STORED,
      b bigint, made timestamptz NOT NULL DEFAULT '2020-01-01Z', a text, note text, number bigint NOT NULL DEFAULT nextval('free'))`,
  )
  const report = await migrate(crossing.input())
  expect([report.outcome, report.error]).toEqual(['done', null])
  expect(report.findings.map((each) => [each.code, each.column, each.message.split(': it ')[1]])).toEqual([
    ['COLUMN_DEFAULTED', 'made', expect.stringMatching(/^takes its default '2020-01-01.* in 2 rows$/)],
    ['COLUMN_DEFAULTED', 'note', 'stays NULL in 2 rows'],
    ['COLUMN_DEFAULTED', 'number', 'takes the next values of its sequence in 2 rows'],
  ])
  await crossing.rows(`INSERT INTO t (a) VALUES ('new')`)
  expect(await crossing.rows('SELECT id, a, b, doubled, number FROM t ORDER BY id')).toEqual([
    ['7', 'y', null, null, '100'],
    ['41', 'x', '5', '10', '101'],
    ['42', 'new', null, null, '102'],
  ])
})

test('a sequence that no column owns moves past the used ids', async () => {
  await using crossing = await rig(
    `CREATE TABLE t (id INTEGER PRIMARY KEY); INSERT INTO t VALUES (41), (7)`,
    `CREATE SEQUENCE free; CREATE TABLE t (id bigint PRIMARY KEY DEFAULT nextval('free'))`,
  )
  expect((await migrate(crossing.input())).outcome).toBe('done')
  expect(await crossing.rows(`SELECT nextval('free')`)).toEqual([['42']])
})
