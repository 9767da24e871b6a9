import type { SourceValue } from '@rowferry/introspect'
import type { Session } from '@rowferry/postgres'
import { useDatabase } from '@rowferry/vitest-preset/database'
import { needs } from '@rowferry/vitest-preset/features'
import fc from 'fast-check'
import { afterAll, beforeEach, expect, test } from 'vitest'
import { literal, typeCases } from '../test/all-types.ts'
import { sessionOn } from '../test/pg-session.ts'
import { formOf, valueMap } from './column.ts'
import { sameCell } from './comparison.ts'
import type { ExpectedColumn, ExpectedType } from './expectation.ts'
import { sameCanonical } from './form.ts'
import { readTuples } from './tuples.ts'

const database = useDatabase()
let session: Session | undefined

beforeEach(async () => {
  if (session !== undefined) return
  session = await sessionOn(database.url)
  await session.query(`begin; set local search_path = public; create type mood as enum ('calm', 'glad', 'Glad ')`)
})
afterAll(() => session?.close())

interface Sent {
  readonly bytes: Buffer
  readonly at: number
  readonly size: number
}

/** What PostgreSQL sends for each of these expressions; null for NULL. */
async function sent(expressions: readonly string[], type: string): Promise<(Sent | null)[]> {
  const tuples = readTuples([0])
  const read: (Sent | null)[] = []
  const rows = expressions.map((sql, i) => `(${i}, (${sql})::${type})`).join(', ')
  for await (const piece of session!.copyOut(
    `copy (select v from (values ${rows}) t(i, v) order by i) to stdout (format binary)`,
  )) {
    tuples.feed(piece)
    while (tuples.next()) {
      const [at, size] = [tuples.at[0]!, tuples.size[0]!]
      read.push(size < 0 ? null : { bytes: Buffer.from(tuples.bytes.subarray(at, at + size)), at: 0, size })
    }
  }
  tuples.finish()
  return read
}

const column = (type: ExpectedType, rules: Partial<ExpectedColumn> = {}): ExpectedColumn => ({
  source: 'v',
  target: 'v',
  type,
  ...rules,
})
const reals = { numbersAreReals: false }

test.for(typeCases)(
  'the quick answer and the canonicals agree on $declared ($name)',
  async ({ name, declared, type, rules, cells }) => {
    const numbers = { numbersAreReals: name === 't' }
    const form = formOf(column(type, rules), numbers)
    const map = valueMap(column(type, rules), numbers)
    const samples = fc.sample(cells, { numRuns: 60, seed: 3 })
    const targets = await sent(
      samples.map(({ sql }) => sql),
      declared,
    )
    const stored = samples.map((cell) => (map === null || cell.stored === null ? cell.stored : map(cell.stored)))
    let equal = 0
    for (const [i, target] of targets.entries()) {
      for (const [j, value] of stored.entries()) {
        if (target === null || value === null) continue
        const same = sameCanonical(form.ofSource(value), form.ofTarget(target.bytes, target.at, target.size))
        const must = i === j || form.obvious(target.bytes, target.at, target.size, value)
        expect({ value, same: same || !must }).toEqual({ value, same: true })
        if (same) equal += 1
      }
    }
    expect(equal).toBeGreaterThan(0)
  },
)

const rounding: readonly [
  title: string,
  type: ExpectedType,
  declared: string,
  values: readonly (string | number | bigint)[],
][] = [
  [
    'numeric(10,2)',
    { kind: 'numeric', precision: 10, scale: 2 },
    'numeric(10,2)',
    [10.005, '2.345', '-2.345', '0.004', '-0.005', 99999.994999, 3n],
  ],
  ['numeric(10,-2)', { kind: 'numeric', precision: 10, scale: -2 }, 'numeric(10,-2)', ['149.99', '150', '-50', '49']],
  ['float8', { kind: 'float8' }, 'float8', ['12345678901234567890', '0.1000000000000000055', 9007199254740993n]],
  ['float4', { kind: 'float4' }, 'float4', [16777217n, 0.123456789, '3.14159265358979']],
  ['integer from reals', { kind: 'int4' }, 'float8::int4', [0.5, 1.5, 2.5, -0.5, -1.5, 2.4999]],
  ['bigint from reals past 2^53', { kind: 'int8' }, 'float8::int8', [1.2345678901234568e18, 0.5]],
  ['integer from text', { kind: 'int4' }, 'numeric::int4', ['0.5', '1.5', '2.5', '-2.5']],
  ['varchar(3)', { kind: 'text', length: 3 }, 'varchar(3)', ['abcdef', '日本語だ', '👢👢👢👢', 'ab']],
  ['char(3)', { kind: 'bpchar', length: 3 }, 'char(3)', ['abcdef', 'a  x', 'ab']],
  [
    'timestamp',
    { kind: 'timestamp' },
    'timestamp',
    ['2024-12-31 23:59:59.9999999', '2024-01-02 03:04:05.1234567', '2024-01-02 03:04:60'],
  ],
  [
    'timestamp(3)',
    { kind: 'timestamp', precision: 3 },
    'timestamp(3)',
    ['2024-12-31 23:59:59.9996', '2024-01-02 03:04:05.1234', '1969-01-02 03:04:05.1236'],
  ],
  [
    'timestamptz(0)',
    { kind: 'timestamptz', precision: 0 },
    'timestamptz(0)',
    ['2024-12-31 23:59:59.6Z', '2024-12-31 23:59:59.4+05:30'],
  ],
  ['time(1)', { kind: 'time', precision: 1 }, 'time(1)', ['03:04:05.16', '23:59:59.99']],
  ['date', { kind: 'date' }, 'date', ['2024-02-29 23:59:59.9999999', '1969-12-31 12:00']],
  ['interval(0)', { kind: 'interval', precision: 0 }, 'interval(0)', ['00:00:01.6', 'PT-1.6S']],
  ['jsonb', { kind: 'jsonb' }, 'jsonb', ['{"a":1,"b":2,"a":3}', '[{"x":{"y":1,"y":[]}}]']],
]

test('a float4 is shown as PostgreSQL writes it, and that text means it', async () => {
  const bits = fc.sample(fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }), 2000)
  const singles = [...new Float32Array(Int32Array.from(bits).buffer), 990099968, 11000001536, -3849169.25].filter(
    (value) => Number.isFinite(value),
  )
  const targets = await sent(
    singles.map((value) => literal(String(value))),
    'float4',
  )
  const texts = await sent(
    singles.map((value) => literal(String(value))),
    'float4::text',
  )
  const form = formOf(column({ kind: 'float4' }), reals)
  for (const [i, target] of targets.entries()) {
    const { bytes, at, size } = target!
    const written = texts[i]!.bytes.toString('latin1', texts[i]!.at, texts[i]!.at + texts[i]!.size)
    expect(Number(form.show(bytes, at, size))).toBe(Number(written))
    expect({ written, same: sameCell(form, bytes, at, size, written) }).toEqual({ written, same: true })
  }
})

test.for(rounding)(
  'a named loss in %s is the one that PostgreSQL itself makes',
  async ([, type, declared, values], context) => {
    if (type.kind === 'numeric' && (type.scale ?? 0) < 0) needs(context, 'numeric scales beyond the precision')
    const targets = await sent(
      values.map((value) => literal(String(value))),
      declared,
    )
    for (const [i, value] of values.entries()) {
      const { bytes, at, size } = targets[i]!
      const same = sameCell(formOf(column(type, { lossy: true }), reals), bytes, at, size, value)
      expect({ value, same }).toEqual({ value, same: true })
    }
    const exact = formOf(column(type), reals)
    const kept = values.filter((value, i) => sameCell(exact, targets[i]!.bytes, 0, targets[i]!.size, value))
    // What nobody named must not pass
    expect(kept.length).toBeLessThan(values.length)
  },
)

test('clocks put forward and back are read as PostgreSQL reads them, in any zone and century', async () => {
  const zones = [
    'Europe/Paris',
    'America/New_York',
    'Australia/Lord_Howe',
    'Europe/Dublin',
    'Asia/Kathmandu',
    'Pacific/Apia',
  ]
  const changes = [
    '2024-03-31 02:30',
    '2024-10-27 02:30',
    '2024-03-10 02:30',
    '2024-11-03 01:30',
    '2023-10-01 02:15',
    '2024-04-07 01:45',
    '2023-03-19 02:30',
    '1916-06-14 23:30',
    '2011-12-30 12:00',
  ]
  const moments = [
    ...changes,
    '1850-01-01 00:00:00.5',
    '0044-03-15 12:00 BC',
    '2500-07-01 00:00',
    '29000-07-01 12:00',
    '290000-01-01 00:00',
  ]
  for (const timezone of zones) {
    const targets = await sent(
      moments.map((moment) => `'${moment}'::timestamp at time zone '${timezone}'`),
      'timestamptz',
    )
    const form = formOf(column({ kind: 'timestamptz' }, { timezone }), reals)
    const civil = formOf(column({ kind: 'timestamp' }, { timezone }), reals)
    const instants = changes.map((moment) => `${moment}:00Z`)
    const walls = await sent(
      instants.map((instant) => `'${instant}'::timestamptz at time zone '${timezone}'`),
      'timestamp',
    )
    const shown = (of: typeof form, all: readonly (Sent | null)[]) =>
      all.map((each) => of.ofTarget(each!.bytes, 0, each!.size))
    expect({ timezone, read: moments.map((moment) => form.ofSource(moment)) }).toEqual({
      timezone,
      read: shown(form, targets),
    })
    expect({ timezone, read: instants.map((instant) => civil.ofSource(instant)) }).toEqual({
      timezone,
      read: shown(civil, walls),
    })
  }
})

test('epochs of every unit, with fractions, negative and beyond Date', async () => {
  const cases: readonly [epoch: 's' | 'ms' | 'us', value: SourceValue, target: string][] = [
    ['s', 1704164645n, '2024-01-02 03:04:05Z'],
    ['s', 1704164645.123456, '2024-01-02 03:04:05.123456Z'],
    ['s', '-0.5', '1969-12-31 23:59:59.5Z'],
    ['ms', 1704164645123, '2024-01-02 03:04:05.123Z'],
    ['us', -1n, '1969-12-31 23:59:59.999999Z'],
    ['s', 253402300800n, '10000-01-01 00:00:00Z'],
    ['s', 9000000000000n, '287168-08-24 16:00:00Z'],
  ]
  const [stamps, walls] = [
    await sent(
      cases.map(([, , target]) => `'${target}'`),
      'timestamptz',
    ),
    await sent(
      cases.map(([, , target]) => `'${target}'`),
      'timestamp',
    ),
  ]
  for (const [i, [epoch, value]] of cases.entries()) {
    expect(sameCell(formOf(column({ kind: 'timestamptz' }, { epoch }), reals), stamps[i]!.bytes, 0, 8, value)).toBe(
      true,
    )
    expect(sameCell(formOf(column({ kind: 'timestamp' }, { epoch }), reals), walls[i]!.bytes, 0, 8, value)).toBe(true)
  }
})

const meaningless: readonly [type: ExpectedType, values: readonly SourceValue[], rules?: Partial<ExpectedColumn>][] = [
  [{ kind: 'bool' }, [2n, -1n, 0.5, '', 'maybe', 'tr', Uint8Array.of(1)]],
  [{ kind: 'int8' }, ['', 'lots', '0x1F', '1_000', '1.5', 1.5, Infinity, Uint8Array.of(0, 0, 0, 5)]],
  [{ kind: 'float8' }, ['', '1e400', '0x10', 9007199254740993n, '12345678901234567890', '1e-400']],
  [{ kind: 'float4' }, [16777217n, 1e300, 0.123456789]],
  [{ kind: 'numeric', precision: null, scale: null }, ['', '1,5', '--1', '1e', Uint8Array.of(1)]],
  [{ kind: 'text' }, [Uint8Array.of(97)]],
  [{ kind: 'enum', labels: ['a'] }, ['A', 'a ', 'b', 1n]],
  [{ kind: 'bytea' }, [1n, 1.5, 'a\ud800']],
  [
    { kind: 'uuid' },
    [
      '',
      'urn:uuid:00000000-0000-0000-0000-000000000000',
      '0000',
      Uint8Array.of(1, 2),
      '{00000000-0000-0000-0000-000000000000',
    ],
  ],
  [{ kind: 'date' }, ['', 'now', '2024-02-30', '0000-00-00', '01/02/2024', 20240101n, '2024-01-02 03:04', '20240102']],
  [{ kind: 'time' }, ['', '25:00', '24:00:01', '12:60', 'allballs', 5n, '12:00:60']],
  [{ kind: 'timestamp' }, ['', 'today', '2024-01-02 03:04:05+02', 1704164645n, '2024-01-02 03:04:05.1234567']],
  [{ kind: 'timestamptz' }, ['2024-01-02 03:04:05', '2024-01-02 03:04:05 IST', 1704164645n]],
  [{ kind: 'timestamptz' }, ['2024-01-02 03:04:05', '2024-13-02 03:04:05Z'], { epoch: 's' }],
  [{ kind: 'timestamptz' }, [0.0000001], { epoch: 's' }],
  [
    { kind: 'interval' },
    ['', '1', '1.5 months', 'P', 'PT', '1 fortnight', '00:61:00', 'PT0.0000001S', 5n, '1.2:03:04'],
  ],
  [{ kind: 'interval' }, [5n, 1.5, '5'], { epoch: 'julian' }],
  [{ kind: 'interval' }, [0.0000001], { epoch: 's' }],
  [
    { kind: 'jsonb' },
    ['', 'NaN', "{'a':1}", '[1,]', '{"a":1,"a":1}', '"\\u0000"', '"\\ud800"', '01', '[', '{"a"}', '1 2', '"\n"'],
  ],
  [
    { kind: 'array', element: { kind: 'int4' } },
    ['', '1', '{1', '[1,[2]]', '[[]]', '{"a":1}', '[1.5]', '{1,}', '{a}x', '[{"a":1}]'],
  ],
]

test.for(meaningless)('what has no meaning in %j equals nothing', ([type, values, rules]) => {
  const form = formOf(column(type, rules), reals)
  expect(values.map((value) => form.ofSource(value as Exclude<SourceValue, null>))).toEqual(values.map(() => undefined))
})

test('JSON may be nested as deep as it likes', () => {
  const deep = (leaf: string): string => `${'[{"a":'.repeat(5000)}${leaf}${'}]'.repeat(5000)}`
  const form = formOf(column({ kind: 'jsonb' }), reals)
  expect(form.ofSource(deep('1'))).toBe(form.ofSource(deep('1.0')))
  expect(form.ofSource(deep('1'))).not.toBe(form.ofSource(deep('2')))
})

test('a text keeps apart 1 and 1.0, and numeric the scale of a fraction', async () => {
  const [one, oneReal] = await sent([`'1'`, `'1.0'`], 'text')
  const text = (value: SourceValue, numbersAreReals: boolean, to: Sent | null | undefined) =>
    sameCell(formOf(column({ kind: 'text' }), { numbersAreReals }), to!.bytes, 0, to!.size, value)
  expect([text(1, false, one), text(1n, true, one), text(1, true, oneReal)]).toEqual([true, true, true])
  expect([text(1, false, oneReal), text(1n, true, oneReal), text(1, true, one)]).toEqual([false, false, false])
  const [long, short, whole] = await sent([`'1.10'`, `'1.1'`, `'2.00'`], 'numeric')
  const numeric = (value: SourceValue, to: Sent | null | undefined) =>
    sameCell(formOf(column({ kind: 'numeric', precision: null, scale: null }), reals), to!.bytes, 0, to!.size, value)
  expect([
    numeric('1.10', long),
    numeric('1.1', short),
    numeric(1.1, short),
    numeric('2', whole),
    numeric(2, whole),
  ]).toEqual([true, true, true, true, true])
  expect([numeric('1.10', short), numeric('1.1', long), numeric(1.1, long), numeric('1.10', whole)]).toEqual([
    false,
    false,
    false,
    false,
  ])
})
