import { InvalidText, type SourceRow, type SourceValue } from '@rowferry/introspect'
import type { Session } from '@rowferry/postgres'
import { useDatabase } from '@rowferry/vitest-preset/database'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { memorySource, type MemoryOptions } from '../test/memory-source.ts'
import { sessionOn } from '../test/pg-session.ts'
import type { ExpectedTable } from './expectation.ts'
import { verifyTable } from './verify-table.ts'
import { whole } from '../test/whole.ts'

const database = useDatabase()
let session: Session

beforeEach(async () => {
  session = await sessionOn(database.url)
  await session.query('begin; create table public.t (id bigint, big numeric, label text, ratio float8, bytes bytea)')
})
afterEach(() => session.close())

const stored: readonly SourceRow[] = [
  [1n, 9007199254740993n, 'a\0b', 1.5, Uint8Array.of(1, 2)],
  [2n, 9007199254740992n, 'ÿ', -0, Uint8Array.of()],
  [3n, 5n, 'abc', 2.5, null],
  [4n, 6n, '1', 1e300, Uint8Array.of(255)],
]
const expected: ExpectedTable = {
  source: { schema: 'main', name: 't' },
  target: { schema: 'public', name: 't' },
  columns: [
    { source: 'id', target: 'id', type: { kind: 'int8' } },
    { source: 'big', target: 'big', type: { kind: 'numeric', precision: null, scale: null } },
    { source: 'label', target: 'label', type: { kind: 'text' } },
    { source: 'ratio', target: 'ratio', type: { kind: 'float8' } },
    { source: 'bytes', target: 'bytes', type: { kind: 'bytea' } },
  ],
  key: ['id'],
  ...whole,
}

function loadable(value: SourceValue): string {
  if (typeof value === 'string') return value.replaceAll('\0', '')
  return typeof value === 'object' ? '' : Object.is(value, -0) ? '-0' : String(value)
}

/** Loads what the reader handed out, as a load by the same faulty reader would: the cells themselves then agree. */
async function loadAndVerify(options: MemoryOptions, rows = stored, crossCheck = true) {
  const handed = options.fault?.(rows) ?? rows
  for (const row of handed) {
    const bytes = row[4]
    await session.query('insert into public.t values ($1, $2, $3, $4, decode($5, $6))', [
      ...row.slice(0, 4).map(loadable),
      bytes instanceof Uint8Array ? Buffer.from(bytes).toString('hex') : null,
      'hex',
    ])
  }
  const source = memorySource({ columns: ['id', 'big', 'label', 'ratio', 'bytes'], rows }, options)
  return verifyTable({ expected, source, session, level: 'full', crossCheck })
}

const clean = stored.map((row) => row.map((value) => (typeof value === 'string' ? value.replaceAll('\0', '') : value)))
const mending = (column: number, mend: (value: SourceValue) => SourceValue) => (rows: readonly SourceRow[]) =>
  rows.map((row) => row.map((value, i) => (i === column ? mend(value) : value)))

test('a faithful reader has no faults, in any encoding of its database', async () => {
  expect(await loadAndVerify({}, clean)).toMatchObject({ equal: true, readerFaults: [] })
  await session.query('truncate public.t')
  expect(await loadAndVerify({ encoding: 'utf-16le' }, clean)).toMatchObject({ equal: true, readerFaults: [] })
})

test('integers rounded past 2^53', async () => {
  const fault = mending(1, (value) => (typeof value === 'bigint' ? BigInt(Number(value)) : value))
  expect(await loadAndVerify({ fault }, clean)).toMatchObject({
    equal: false,
    missing: 0,
    different: 0,
    readerFaults: ['big'],
  })
})

test.each<[string, (value: number) => number]>([
  ['rounded to single precision', Math.fround],
  ['with fifteen digits', (value) => Number(value.toPrecision(15))],
  ['without the sign of nought', (value) => value + 0],
  ['cut to whole numbers', Math.trunc],
  ['its last bit lost', (value) => value * (1 + Number.EPSILON)],
])('reals %s', async (_, mend) => {
  const rows = clean.map((row, i) => row.with(3, [0.1 + 0.2, -0, 7, 1 / 3][i]!))
  const fault = mending(3, (value) => (typeof value === 'number' ? mend(value) : value))
  expect(await loadAndVerify({ fault }, rows)).toMatchObject({ equal: false, different: 0, readerFaults: ['ratio'] })
})

test('invalid text replaced by U+FFFD', async () => {
  const rows = clean.map((row, i) => (i === 1 ? row.with(2, new InvalidText(Uint8Array.of(0xff))) : row))
  const fault = mending(2, (value) => (value instanceof InvalidText ? '\ufffd' : value))
  expect(await loadAndVerify({ fault }, rows)).toMatchObject({ equal: false, different: 0, readerFaults: ['label'] })
})

test('invalid text handed out as such equals nothing', async () => {
  const rows = clean.map((row, i) => (i === 1 ? row.with(2, new InvalidText(Uint8Array.of(0xff))) : row))
  const verdict = await loadAndVerify({}, rows)
  expect(verdict).toMatchObject({
    equal: false,
    different: 1,
    readerFaults: [],
    mismatches: [{ key: 'id=2', column: 'label', source: 'invalid utf-8 \\xff', target: '""' }],
  })
})

test('text cut at NUL', async () => {
  const fault = mending(2, (value) => (typeof value === 'string' ? value.split('\0')[0]! : value))
  expect(await loadAndVerify({ fault })).toMatchObject({ equal: false, different: 0, readerFaults: ['label'] })
})

test('rows skipped, and a row handed out twice', async () => {
  const names = ['id', 'big', 'label', 'ratio', 'bytes']
  expect(await loadAndVerify({ fault: (rows) => rows.slice(0, 2) }, clean)).toMatchObject({
    equal: false,
    missing: 0,
    readerFaults: names,
  })
  await session.query('truncate public.t')
  expect(await loadAndVerify({ fault: (rows) => [...rows, rows[1]!] }, clean)).toMatchObject({
    equal: false,
    extra: 0,
    readerFaults: names,
  })
})

test('a row in place of another', async () => {
  const fault = (rows: readonly SourceRow[]): SourceRow[] => rows.map((row, i) => (i === 3 ? rows[2]! : row))
  expect(await loadAndVerify({ fault }, clean)).toMatchObject({
    equal: false,
    readerFaults: ['id', 'big', 'label', 'ratio', 'bytes'],
  })
})

test('the sign of nought lost by the load alone is found in the cell', async () => {
  await loadAndVerify({}, clean)
  await session.query('update public.t set ratio = 0 where id = 2')
  const source = memorySource({ columns: ['id', 'big', 'label', 'ratio', 'bytes'], rows: clean })
  expect(await verifyTable({ expected, source, session, level: 'full' })).toMatchObject({
    different: 1,
    mismatches: [{ key: 'id=2', column: 'ratio', source: '-0.0', target: '0' }],
  })
})

test('without the cross-check, or without aggregates, nobody would know', async () => {
  const fault = mending(1, (value) => (typeof value === 'bigint' ? BigInt(Number(value)) : value))
  expect(await loadAndVerify({ fault }, clean, false)).toMatchObject({ equal: true, readerFaults: [] })
  await session.query('truncate public.t')
  expect(await loadAndVerify({ fault, aggregates: false }, clean)).toMatchObject({ equal: true, readerFaults: [] })
})

test('a source that does not stay the same is refused', async () => {
  await loadAndVerify({}, clean)
  const steady = memorySource({ columns: ['id', 'big', 'label', 'ratio', 'bytes'], rows: clean })
  const moved = memorySource({ columns: ['id', 'big', 'label', 'ratio', 'bytes'], rows: clean.slice(1) })
  let readings = 0
  const source: typeof steady = {
    ...steady,
    readBatches: (...given) => ((readings += 1) === 1 ? moved : steady).readBatches(...given),
  }
  await expect(verifyTable({ expected, source, session, level: 'full' })).rejects.toMatchObject({
    code: 'READING_UNSTABLE',
  })
})
