import type { SourceRow, SourceValue } from '@rowferry/introspect'
import type { Session } from '@rowferry/postgres'
import { useDatabase } from '@rowferry/vitest-preset/database'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { memorySource, type MemoryOptions } from '../test/memory-source.ts'
import { sessionOn } from '../test/pg-session.ts'
import type { ExpectedColumn, ExpectedTable } from './expectation.ts'
import { verifyTable } from './verify-table.ts'
import { whole } from '../test/whole.ts'

const database = useDatabase()
let session: Session

beforeEach(async () => {
  session = await sessionOn(database.url)
  await session.query('begin')
})
afterEach(() => session.close())

async function verify(
  [schema, name]: readonly [string, string],
  rows: readonly SourceRow[],
  over: Partial<ExpectedTable> = {},
  rules: Partial<ExpectedColumn> = {},
  options: MemoryOptions = {},
) {
  return verifyTable({
    expected: {
      source: { schema: 'main', name: 't' },
      target: { schema: 'public', name: 't' },
      columns: [
        { source: 'id', target: 'id', type: { kind: 'int8' } },
        { source: 'v', target: 'v', type: { kind: 'input', schema, name }, ...rules },
      ],
      key: ['id'],
      ...whole,
      ...over,
    },
    source: memorySource({ columns: ['id', 'v'], rows }, options),
    session,
    level: 'full',
  })
}

const make = (declared: string, values: string, before = '') =>
  session.query(`${before}; create table public.t (id bigint, v ${declared}); insert into public.t values ${values}`)
const inet = ['pg_catalog', 'inet'] as const

const cases: readonly (readonly [
  declared: string,
  type: readonly [string, string],
  stored: string | bigint,
  other: SourceValue,
])[] = [
  ['inet', inet, '2001:DB8::1', '2001:db8::2'],
  ['inet', inet, '10.0.0.1/32', '10.0.0.1/31'],
  ['bit(3)', ['pg_catalog', 'bit'], '101', '1011'],
  ['varbit(3)', ['pg_catalog', 'varbit'], 11n, '110'],
  ['tsvector', ['pg_catalog', 'tsvector'], 'b  a', 'a b c'],
  ['int4range', ['pg_catalog', 'int4range'], '[1,5]', '[1,5)'],
  ['point', ['pg_catalog', 'point'], '1.50,2', '1.5,2.5'],
  ['xml', ['pg_catalog', 'xml'], '<a/>', '<a></a>'],
  ['inet[]', ['pg_catalog', '_inet'], '{ ::1, NULL }', '{::1}'],
  ['public.pair', ['public', 'pair'], '( 1 ,)', '(,)'],
  ['public.pair', ['public', 'pair'], '(,)', null],
  ['public.host', inet, '::1', 'not an address'],
  ['money', ['pg_catalog', 'money'], '12.5', '12.51'],
  ['money', ['pg_catalog', 'money'], 12n, 12.25],
]

test.each(cases)(
  '%s: what its input makes of the text is equal, and nothing else',
  async (declared, type, stored, other) => {
    const text = `'${stored}'`
    const before = 'create type public.pair as (a int, b int); create domain public.host as inet'
    await make(
      declared,
      `(1, ${declared === 'money' ? `${text}::numeric::money` : `${text}::${declared}`}), (2, null)`,
      before,
    )
    expect(
      await verify(type, [
        [1n, stored],
        [2n, null],
      ]),
    ).toMatchObject({
      equal: true,
      method: 'buckets',
      sourceRows: 2,
      targetRows: 2,
      cells: 4,
      readerFaults: [],
      mismatches: [],
    })
    const verdict = await verify(type, [
      [1n, other],
      [2n, null],
    ])
    expect(verdict).toMatchObject({ equal: false, different: 1, mismatches: [{ key: 'id=1', column: 'v' }] })
  },
)

test('a changed cell among many is named with both sides, whatever the order', async () => {
  const rows = Array.from({ length: 3000 }, (_, i): SourceRow => [BigInt(i), `::${i.toString(16).toUpperCase()}`])
  await session.query(
    "create table public.t (id bigint, v inet); insert into public.t select i, inet '::' + i from generate_series(2999, 0, -1) i",
  )
  expect(await verify(inet, rows, {}, {}, { batchRows: 700 })).toMatchObject({ equal: true })
  await session.query("update public.t set v = '::ffff' where id = 1234")
  expect(await verify(inet, rows, {}, {}, { batchRows: 700 })).toMatchObject({
    equal: false,
    different: 1,
    missing: 0,
    extra: 0,
    mismatches: [{ kind: 'different', key: 'id=1234', column: 'v', source: '"::4D2"', target: '"::ffff"' }],
  })
})

test('texts that the server refuses equal nothing, and hurt no other', async () => {
  await make('inet', "(1, '::1'), (2, '::2'), (3, '::3')")
  const bad = ['x', '1.2.3', 'a\0b', '\ud800', 1.5, new Uint8Array([1])]
  for (const value of bad) {
    const rows: SourceRow[] = [
      [1n, '::1'],
      [2n, value],
      [3n, '0::3'],
    ]
    expect(await verify(inet, rows)).toMatchObject({ equal: false, different: 1, mismatches: [{ key: 'id=2' }] })
  }
  expect(await session.query('select 1 as alive')).toEqual([{ alive: '1' }])
})

test('rows set aside are not asked about', async () => {
  await make('inet', "(1, '::1')")
  expect(
    await verify(
      inet,
      [
        [1n, '::1'],
        [2n, 'x'],
      ],
      { rejected: ['["2"]'] },
    ),
  ).toMatchObject({ equal: true, rejected: 1 })
})

test('value maps come first, and rows that were there before do not matter', async () => {
  await make('inet', "(1, '::1'), (2, null), (9, '::9')")
  const rules = {
    map: [
      ['local', '0::1'],
      ['none', null],
    ] as const,
  }
  const rows: SourceRow[] = [
    [1n, 'local'],
    [2n, 'none'],
  ]
  expect(await verify(inet, rows, { extent: 'contains' }, rules)).toMatchObject({ equal: true })
  expect(await verify(inet, rows, {}, rules)).toMatchObject({ equal: false, extra: 1 })
})

test('without a key, and with the text in the key, a row is what its text means', async () => {
  await make('inet', "(1, '::1'), (1, '::1')")
  const rows: SourceRow[] = [
    [1n, '::1'],
    [1n, '0::1'],
  ]
  expect(await verify(inet, rows, { key: [] })).toMatchObject({ equal: true })
  await session.query("delete from public.t; insert into public.t values (1, '::1'), (5, '::2')")
  expect(
    await verify(
      inet,
      [
        [1n, '0::1'],
        [6n, '0::2'],
      ],
      { key: ['v'] },
    ),
  ).toMatchObject({
    different: 1,
    mismatches: [{ key: 'v=0::2', column: 'id', source: '6', target: '5' }],
  })
})

test('an integer and a real are two texts', async () => {
  await make('varbit', "(1, '1'), (2, '0')")
  expect(
    await verify(
      ['pg_catalog', 'varbit'],
      [
        [1n, 1n],
        [2n, 0n],
      ],
    ),
  ).toMatchObject({ equal: true })
  expect(
    await verify(
      ['pg_catalog', 'varbit'],
      [
        [1n, 1],
        [2n, 0n],
      ],
    ),
  ).toMatchObject({ different: 1 })
})
