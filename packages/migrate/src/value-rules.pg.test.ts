import type { EpochUnit, MendName } from '@rowferry/coerce'
import { epochUnits, mendNames } from '@rowferry/coerce'
import Database from 'better-sqlite3'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { rig } from '../test/rig.ts'
import { migrate } from './migrate-command.ts'
import type { CrossingOptionsInput } from './options.ts'
import { plan } from './plan-command.ts'
import { verify } from './verify-command.ts'

interface RuleCase {
  readonly type: string
  /** Values as SQL, and what PostgreSQL then prints; the first is one that the rule changes. */
  readonly values: readonly (readonly [stored: string, printed: string | null])[]
  readonly options: (column: string) => CrossingOptionsInput
  /** A wrong value, as SQL, that verification has to find. */
  readonly wrong: string
  /** Rule of the report, and the cells that it changed. */
  readonly changed: readonly [rule: string, count: number]
}

const epoch =
  (unit: EpochUnit) =>
  (column: string): CrossingOptionsInput => ({ epoch: [{ column, unit }], timezone: 'UTC' })
const moment = (unit: EpochUnit, values: RuleCase['values']): RuleCase => ({
  type: 'timestamp',
  values,
  options: epoch(unit),
  wrong: "'2000-01-01 00:00:01'",
  changed: ['epoch', values.length],
})

/** Every rule there is: one that is missing here does not compile. */
const CASES: Readonly<Record<MendName | EpochUnit | 'map' | 'timezone' | 'allowLossy', RuleCase>> = {
  'replace-invalid': {
    type: 'text',
    values: [
      ["cast(x'61ff62' as text)", 'a\u{FFFD}b'],
      ["cast(x'e282' as text)", '\u{FFFD}'],
      ["'plain'", 'plain'],
    ],
    options: (column) => ({ replaceInvalid: [column] }),
    wrong: "'a?b'",
    changed: ['replace-invalid', 2],
  },
  'decode-jsonb': {
    type: 'json',
    values: [
      ['jsonb(\'{"b":[1,2.50,"x\\ny"],"a":null}\')', '{"b":[1,2.50,"x\\ny"],"a":null}'],
      ['\'{"as": "text"}\'', '{"as": "text"}'],
    ],
    options: (column) => ({ decodeJsonb: [column] }),
    wrong: '\'{"b":[1,2.5,"x\\ny"],"a":null}\'',
    changed: ['decode-jsonb', 1],
  },
  'decode-text': {
    type: 'bigint',
    values: [
      ["cast('-9007199254740993' as blob)", '-9007199254740993'],
      ["'12'", '12'],
      ['13', '13'],
    ],
    options: (column) => ({ decodeText: [column] }),
    wrong: '-9007199254740992',
    changed: ['decode-text', 1],
  },
  'strip-nul': {
    type: 'text',
    values: [["'a' || char(0) || 'b'", 'ab']],
    options: (column) => ({ stripNul: [column] }),
    wrong: "'a b'",
    changed: ['strip-nul', 1],
  },
  trim: {
    type: 'text',
    values: [
      ["char(9) || ' x y ' || char(13, 10)", 'x y'],
      ["' '", ''],
      ["'\u{A0}z'", '\u{A0}z'],
    ],
    options: (column) => ({ trim: [column] }),
    wrong: "' x y'",
    changed: ['trim', 2],
  },
  'empty-as-null': {
    type: 'int',
    values: [
      ["''", null],
      ['5', '5'],
    ],
    options: (column) => ({ emptyAsNull: [column] }),
    wrong: '0',
    changed: ['empty-as-null', 1],
  },
  'zero-date-as-null': {
    type: 'date',
    values: [
      ["'0000-00-00'", null],
      ["'0000-00-00 00:00:00.000'", null],
      ["'2024-02-29'", '2024-02-29'],
    ],
    options: (column) => ({ zeroDateAsNull: [column] }),
    wrong: "'1970-01-01'",
    changed: ['zero-date-as-null', 2],
  },
  'json-unwrap': {
    type: 'jsonb',
    values: [
      ['\'"{\\"a\\":[1]}"\'', '{"a": [1]}'],
      ['\'"text"\'', '"text"'],
    ],
    options: (column) => ({ jsonUnwrap: [column] }),
    wrong: '\'"{\\"a\\":[1]}"\'',
    changed: ['json-unwrap', 1],
  },
  s: moment('s', [['1704164645', '2024-01-02 03:04:05']]),
  ms: moment('ms', [['1704164645123', '2024-01-02 03:04:05.123']]),
  us: moment('us', [['1704164645123456', '2024-01-02 03:04:05.123456']]),
  ns: moment('ns', [['1704164645123456000', '2024-01-02 03:04:05.123456']]),
  julian: moment('julian', [
    ["julianday('2024-01-02 03:04:05.123')", '2024-01-02 03:04:05.123'],
    ['2451544.5', '2000-01-01 00:00:00'],
    ['2451545', '2000-01-01 12:00:00'],
  ]),
  apple: moment('apple', [
    ['725857445.5', '2024-01-02 03:04:05.5'],
    ['0', '2001-01-01 00:00:00'],
  ]),
  'apple-ns': moment('apple-ns', [['725857445123456000', '2024-01-02 03:04:05.123456']]),
  webkit: moment('webkit', [['13348638245123456', '2024-01-02 03:04:05.123456']]),
  ticks: moment('ticks', [
    ['638397614451234560', '2024-01-02 03:04:05.123456'],
    ['0', '0001-01-01 00:00:00'],
  ]),
  map: {
    type: 'text',
    values: [
      ["'INDIVIDUAL'", 'STUDENT'],
      ["'OTHER'", 'OTHER'],
    ],
    options: (column) => ({ map: [{ column, from: 'INDIVIDUAL', to: 'STUDENT' }] }),
    wrong: "'INDIVIDUAL'",
    changed: ['map', 1],
  },
  timezone: {
    type: 'timestamptz',
    values: [["'2024-07-01 12:00:00'", '2024-07-01 12:00:00+00']],
    options: () => ({ timezone: 'UTC' }),
    wrong: "'2024-07-01 12:00:00+02'",
    changed: ['timezone', 0],
  },
  allowLossy: {
    type: 'numeric(5,2)',
    values: [
      ['3.14159', '3.14'],
      ["'-1.005'", '-1.01'],
    ],
    options: (column) => ({ allowLossy: [column] }),
    wrong: '3.15',
    changed: ['lossy', 2],
  },
}

const RULES = Object.entries(CASES)
const tables = RULES.map(([, { values }], i) => {
  const rows = values.map(([stored], row) => `insert into t${i} values (${row + 1}, ${stored});`).join(' ')
  return `create table t${i} (id integer primary key, v); ${rows}`
})

test('every rule of the values is obeyed by the crossing, counted in its report, and held against the target by code of its own', async () => {
  expect(new Set(RULES.map(([rule]) => rule))).toEqual(
    new Set([...mendNames, ...epochUnits, 'map', 'timezone', 'allowLossy']),
  )
  await using at = await rig(
    tables.join('\n'),
    RULES.map(([, { type }], i) => `create table t${i} (id int primary key, v ${type});`).join('\n'),
  )
  const said = RULES.map(([, { options }], i) => options(`t${i}.v`))
  const joined: Record<string, unknown> = {}
  for (const options of said)
    for (const [name, value] of Object.entries(options))
      joined[name] = Array.isArray(value) ? [...((joined[name] as unknown[]) ?? []), ...value] : value
  const input = at.input({ ...joined, onExisting: 'refuse' })

  const report = await migrate(input)
  expect(report.error).toBeNull()
  expect(report.findings).toEqual([])
  expect(report).toMatchObject({ outcome: 'done', exitCode: 0 })
  for (const [i, [rule, { values, changed }]] of RULES.entries()) {
    const printed = await at.rows(`select v from t${i} order by id`)
    expect([rule, printed.flat()]).toEqual([rule, values.map(([, text]) => text)])
    const table = report.tables.find(({ target }) => target.endsWith(`t${i}`))
    expect([rule, table?.verdict]).toEqual([rule, 'equal'])
    const counted = table?.changed.filter((each) => each.rule === changed[0]).map(({ count }) => count)
    expect([rule, ...(counted ?? [])]).toEqual([rule, ...(changed[1] === 0 ? [] : [changed[1]])])
  }
  expect(await verify(input)).toMatchObject({ outcome: 'done', exitCode: 0 })

  for (const [i, [, { wrong }]] of RULES.entries()) await at.rows(`update t${i} set v = ${wrong} where id = 1`)
  const later = await verify(input)
  for (const [i, [rule]] of RULES.entries()) {
    const table = later.tables.find(({ target }) => target.endsWith(`t${i}`))
    expect([rule, table?.verdict, table?.mismatches.map(({ key }) => key)]).toEqual([rule, 'different', ['id=1']])
  }
}, 60_000)

/** Everything that a mend may meet, and much that it may not. */
const hostile = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.string({
      unit: fc.constantFrom(
        ' ',
        '\t',
        '\n',
        '\r',
        '\v',
        '\f',
        '\0',
        'a',
        '0',
        '-',
        ':',
        '.',
        'T',
        'Z',
        '"',
        '\\',
        'u',
        '{',
        '}',
        '[',
        ']',
        '\u{A0}',
        '\u{FEFF}',
        '\u{1F600}',
      ),
    }),
  },
  fc.constantFrom(
    '',
    '0000-00-00',
    '0000-00-00T00:00Z',
    '0000-00-00 00:00:00+00:00',
    '0000-00-00 00:00:01',
    '0000-00-00 ',
    '0000-00-00 00:00:00 +0000',
  ),
  fc.json().map((json) => JSON.stringify(json)),
  fc.json().map((json) => JSON.stringify(JSON.stringify(json))),
  fc.json({ stringUnit: 'binary' }),
  fc.string({ unit: 'binary' }).map((text) => text.toWellFormed()),
)

test('whatever the values, mends of the crossing and of the proof agree', async () => {
  const values = fc.sample(fc.oneof(hostile, fc.uint8Array({ maxLength: 6 })), { numRuns: 3000, seed: 41 })
  await using at = await rig(
    'create table t (id integer primary key, v, j)',
    'create table t (id int primary key, v text, j json)',
  )
  const file = new Database(at.path)
  const insert = file.prepare('insert into t (v, j) values (cast(? as text), ?)')
  file.transaction(() => {
    for (const value of values) {
      const json = typeof value === 'string' && isJson(value) ? value : null
      insert.run(Buffer.from(value), json)
    }
  })()
  file.close()
  const all = ['t.*']
  const options = {
    replaceInvalid: all,
    decodeJsonb: all,
    decodeText: all,
    stripNul: all,
    trim: all,
    emptyAsNull: all,
    zeroDateAsNull: all,
    jsonUnwrap: all,
  }
  const report = await migrate(at.input(options))
  expect(report.findings.filter(({ severity }) => severity === 'refuse')).toEqual([])
  expect(report).toMatchObject({ outcome: 'done', tables: [{ verdict: 'equal', read: values.length }] })
  const rules = new Set(report.tables[0]?.changed.map(({ rule }) => rule))
  expect(rules.size).toBeGreaterThanOrEqual(6)
}, 60_000)

/** Such as json of PostgreSQL takes once the escapes of U+0000 are gone. */
function isJson(text: string): boolean {
  try {
    return JSON.stringify(JSON.parse(text)).isWellFormed() && !/\\ud[89a-f]/i.test(text)
  } catch {
    return false
  }
}

const json5 = fc.oneof(
  fc.json(),
  fc.constantFrom(
    String.raw`{a:'it\'s "x"', b: .5, c: 5., d: +1, e: 0x1F, f: -0xffffffffffffffff, g: Infinity, h: -Infinity, i: NaN}`,
    String.raw`['\x41\0\
z\u2028', "\b\f\n\r\t\/\\", 0xffffffffffffffffff, -.5e3, 1.e2]`,
    `[${'['.repeat(900)}1${']'.repeat(900)}]`,
    JSON.stringify('é'.repeat(70_000)),
    JSON.stringify(Array.from({ length: 300 }, (_, i) => `${i}`)),
  ),
)

test('JSONB of SQLite reads as SQLite itself reads it', async () => {
  const values = fc.sample(json5, { numRuns: 1500, seed: 7 })
  await using at = await rig(
    'create table t (id integer primary key, b, own text)',
    'create table t (id int primary key, b text, own text)',
  )
  const file = new Database(at.path)
  const insert = file.prepare('insert into t (b, own) values (jsonb($json), json(jsonb($json)))')
  file.transaction(() => {
    for (const json of values) insert.run({ json })
    // Blobs that are none
    for (const blob of ['0c', 'ff', '0b00', '1b0b', '2c17', '7b', 'c31f31', '130a'])
      file.exec(`insert into t (b) values (x'${blob}')`)
  })()
  const kept = Number(file.prepare('select count(*) from t where own is null').pluck().get())
  file.close()
  expect(kept).toBe(8)
  const planned = await plan(at.input({ decodeJsonb: ['t.b'] }))
  const found = planned.report.findings.find(({ code }) => code === 'NOT_TEXT')
  expect(planned.report.findings.map(({ code, count }) => [code, count])).toEqual([['NOT_TEXT', found?.count]])
  const report = await migrate(at.input({ decodeJsonb: ['t.b'], onBadRow: 'quarantine', quarantineDir: at.folder }))
  expect(report.tables).toMatchObject([{ verdict: 'equal', rejected: found?.count }])
  expect(await at.rows('select id, b, own from t where b is distinct from own and own is not null')).toEqual([])
}, 60_000)

test('whole reals under a map and among labels: by their own text, else by that of the integer which they equal', async () => {
  await using at = await rig(
    'create table t (id integer primary key, n, m, e, b); insert into t values (1, 1.0, 1.0, 1.0, 2.0), (2, 1, 1, 1, 2), (3, 7.0, 7, null, 1.0)',
    `create type e as enum ('1', '2', '1.0'); create table t (id int primary key, n int, m text, e e, b boolean)`,
  )
  const map = [
    { column: 't.n', from: '1', to: '5' },
    { column: 't.m', from: '1.0', to: 'real' },
    { column: 't.m', from: '1', to: null },
    { column: 't.b', from: '2', to: 'false' },
  ]
  const report = await migrate(at.input({ map }))
  expect(report.error).toBeNull()
  expect(report).toMatchObject({ outcome: 'done' })
  expect(await at.rows('select n, m, e, b from t order by id')).toEqual([
    ['5', 'real', '1.0', 'f'],
    ['5', null, '1', 'f'],
    ['7', '7', null, 't'],
  ])
  expect(await verify(at.input({ map }))).toMatchObject({ outcome: 'done' })
})
