import type { SourceRow, SourceValue } from '@rowferry/introspect'
import fc from 'fast-check'
import type { ExpectedColumn, ExpectedTable, ExpectedType } from '../src/expectation.ts'
import { whole } from './whole.ts'

/** A stored value, and the SQL with which PostgreSQL's own input makes the target's value of it. */
export interface Cell {
  readonly stored: SourceValue
  readonly sql: string
}

export interface TypeCase {
  readonly name: string
  /** In PostgreSQL's words. */
  readonly declared: string
  readonly type: ExpectedType
  readonly rules?: Partial<ExpectedColumn>
  readonly cells: fc.Arbitrary<Cell>
}

export const literal = (text: string): string => `E'${text.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`
const asText = (cell: fc.Arbitrary<string>): fc.Arbitrary<Cell> =>
  cell.map((text) => ({ stored: text, sql: literal(text) }))
const plainText = fc
  .string({
    unit: fc.oneof(
      { weight: 5, arbitrary: fc.string({ minLength: 1, maxLength: 1 }) },
      fc.constantFrom('é', '日', '👢', '\n', '\t', '\\', "'", '"', '\ufeff', '\u0301'),
    ),
    maxLength: 60,
  })
  .map((text) => text.replaceAll('\0', ''))
const integer = (min: bigint, max: bigint): fc.Arbitrary<Cell> =>
  fc.oneof(fc.bigInt({ min, max }), fc.constantFrom(min, max, 0n, 1n, -1n)).chain((value) => {
    const sql = `'${value}'`
    return fc.constantFrom<Cell>(
      { stored: value, sql },
      { stored: String(value), sql },
      ...(Number.isSafeInteger(Number(value)) ? [{ stored: Number(value), sql }] : []),
    )
  })
const double = fc.double({ noNaN: true }).filter((value) => Number.isFinite(value))
const two = (value: number, width = 2): string => String(value).padStart(width, '0')
const date = fc
  .date({ min: new Date('0001-01-01T00:00:00Z'), max: new Date('9999-12-31T23:59:59Z'), noInvalidDate: true })
  .map((day) => `${two(day.getUTCFullYear(), 4)}-${two(day.getUTCMonth() + 1)}-${two(day.getUTCDate())}`)
const time = fc
  .tuple(fc.nat(23), fc.nat(59), fc.nat(59), fc.constantFrom('', '.5', '.123', '.000001', '.999999'))
  .map(([h, m, s, f]) => `${two(h)}:${two(m)}:${two(s)}${f}`)
const naive = fc.tuple(date, fc.constantFrom(' ', 'T'), time).map((parts) => parts.join(''))
const offset = fc.constantFrom('Z', '+00:00', '+00', '+05:30', '-08:00', '+0545', ' +02:00')
const decimalText = fc
  .tuple(fc.constantFrom('', '-'), fc.bigInt({ min: 0n, max: 10n ** 24n }), fc.nat(12))
  .map(([sign, digits, scale]) => {
    const text = String(digits).padStart(scale + 1, '0')
    return scale === 0 ? sign + text : `${sign}${text.slice(0, -scale)}.${text.slice(-scale)}`
  })
const money = fc.integer({ min: -99_999_999, max: 99_999_999 }).map((cents) => cents / 100)
const json = fc
  .jsonValue({ stringUnit: 'binary', maxDepth: 3 })
  .map((value) => JSON.stringify(value))
  .filter((text) => !/\\u0000|\\ud[89a-f]/i.test(text))
const uuid = fc.uuid()
const span = fc.tuple(fc.nat(5), fc.nat(11), fc.nat(40), fc.nat(99), fc.nat(59), fc.nat(59))

export const typeCases: readonly TypeCase[] = [
  {
    name: 'b',
    declared: 'boolean',
    type: { kind: 'bool' },
    cells: fc.constantFrom<Cell>(
      ...(
        [
          [0n, 'f'],
          [1n, 't'],
          [1, 't'],
          ['true', 't'],
          ['F', 'f'],
          ['0', 'f'],
          ['Yes', 't'],
          ['off', 'f'],
        ] as const
      ).map(([stored, word]) => ({ stored, sql: `'${word}'` })),
    ),
  },
  { name: 'i2', declared: 'smallint', type: { kind: 'int2' }, cells: integer(-32_768n, 32_767n) },
  { name: 'i4', declared: 'integer', type: { kind: 'int4' }, cells: integer(-2_147_483_648n, 2_147_483_647n) },
  { name: 'i8', declared: 'bigint', type: { kind: 'int8' }, cells: integer(-(2n ** 63n), 2n ** 63n - 1n) },
  {
    name: 'f4',
    declared: 'real',
    type: { kind: 'float4' },
    cells: fc
      .float({ noNaN: true })
      .filter((v) => Number.isFinite(v))
      .chain((v) => fc.constantFrom(v, Number(v.toPrecision(6))))
      .filter((v) => v === 0 || (Math.abs(v) > 1e-37 && Math.abs(v) < 3e38))
      // Halfway between two, it is neither, and PostgreSQL writes neither like it
      .filter((v) => Math.fround(v) === v || Math.fround(2 * v - Math.fround(v)) !== 2 * v - Math.fround(v))
      .map((v) => ({ stored: v, sql: `'${Object.is(v, -0) ? '-0' : v}'` })),
  },
  {
    name: 'f8',
    declared: 'double precision',
    type: { kind: 'float8' },
    cells: fc
      .oneof(double, fc.constantFrom(-0, 0, 5e-324, 1.7976931348623157e308))
      .map((v) => ({ stored: v, sql: `'${Object.is(v, -0) ? '-0' : v}'` })),
  },
  {
    name: 'n',
    declared: 'numeric',
    type: { kind: 'numeric', precision: null, scale: null },
    cells: fc.oneof(
      asText(decimalText),
      money.map((v) => ({ stored: v, sql: `'${v}'` })),
      integer(-(10n ** 17n), 10n ** 17n),
    ),
  },
  {
    name: 'n2',
    declared: 'numeric(14,2)',
    type: { kind: 'numeric', precision: 14, scale: 2 },
    cells: money.chain((v) =>
      fc.constantFrom<Cell>(
        { stored: v, sql: `'${v}'` },
        { stored: v.toFixed(2), sql: `'${v}'` },
        { stored: v.toFixed(1), sql: `'${v.toFixed(1)}'` },
      ),
    ),
  },
  {
    name: 't',
    declared: 'text',
    type: { kind: 'text' },
    cells: fc.oneof(
      asText(plainText),
      fc.bigInt({ min: -9n, max: 99n }).map((v) => ({ stored: v, sql: `'${v}'` })),
      fc.integer({ min: -9, max: 9 }).map((v) => ({
        stored: v / 2,
        sql: `'${Number.isInteger(v / 2) ? (Object.is(v / 2, -0) ? '-0.0' : `${v / 2}.0`) : v / 2}'`,
      })),
    ),
  },
  {
    name: 'c',
    declared: 'character(60)',
    type: { kind: 'bpchar' },
    cells: asText(plainText.map((text) => [...text].slice(0, 50).join(''))),
  },
  {
    name: 'e',
    declared: 'mood',
    type: { kind: 'enum', labels: ['calm', 'glad', 'Glad '] },
    rules: {
      map: [
        ['HAPPY', 'glad'],
        ['0', 'calm'],
        ['none', null],
      ],
    },
    cells: fc.constantFrom<Cell>(
      { stored: 'calm', sql: "'calm'" },
      { stored: 'HAPPY', sql: "'glad'" },
      { stored: 0n, sql: "'calm'" },
      { stored: 'Glad ', sql: "'Glad '" },
      { stored: 'none', sql: 'NULL' },
    ),
  },
  {
    name: 'y',
    declared: 'bytea',
    type: { kind: 'bytea' },
    cells: fc.oneof(
      fc
        .uint8Array({ maxLength: 40 })
        .map((bytes) => ({ stored: bytes, sql: `'\\x${Buffer.from(bytes).toString('hex')}'` })),
      plainText.map((text) => ({ stored: text, sql: `'\\x${Buffer.from(text).toString('hex')}'` })),
    ),
  },
  {
    name: 'u',
    declared: 'uuid',
    type: { kind: 'uuid' },
    cells: uuid.chain((id) =>
      fc.constantFrom<Cell>(
        ...[id, id.toUpperCase(), id.replaceAll('-', ''), `{${id}}`, Buffer.from(id.replaceAll('-', ''), 'hex')].map(
          (stored) => ({ stored, sql: `'${id}'` }),
        ),
      ),
    ),
  },
  {
    name: 'd',
    declared: 'date',
    type: { kind: 'date' },
    cells: date.chain((day) =>
      fc.constantFrom<Cell>({ stored: day, sql: `'${day}'` }, { stored: `${day} 00:00:00`, sql: `'${day}'` }),
    ),
  },
  { name: 'tm', declared: 'time', type: { kind: 'time' }, cells: asText(time) },
  { name: 'ts', declared: 'timestamp', type: { kind: 'timestamp' }, cells: asText(fc.oneof(naive, date)) },
  {
    name: 'tz',
    declared: 'timestamptz',
    type: { kind: 'timestamptz' },
    cells: asText(fc.tuple(naive, offset).map((parts) => parts.join(''))),
  },
  {
    name: 'tzp',
    declared: 'timestamptz',
    type: { kind: 'timestamptz' },
    rules: { timezone: 'Europe/Paris' },
    cells: naive.map((text) => ({ stored: text, sql: `'${text} Europe/Paris'` })),
  },
  {
    name: 'ms',
    declared: 'timestamptz',
    type: { kind: 'timestamptz' },
    rules: { epoch: 'ms' },
    cells: fc
      .bigInt({ min: -(10n ** 13n), max: 10n ** 13n })
      .map((v) => ({ stored: v, sql: `to_timestamp(0) + ${v} * interval '1 ms'` })),
  },
  {
    name: 'iv',
    declared: 'interval',
    type: { kind: 'interval' },
    cells: asText(
      span.chain(([y, mo, d, h, m, s]) =>
        fc.constantFrom(
          `P${y}Y${mo}M${d}DT${h}H${m}M${s}.25S`,
          `${y} years ${mo} mons ${d} days ${two(h)}:${two(m)}:${two(s)}`,
          `-${two(h)}:${two(m)}:${two(s)}.000001`,
        ),
      ),
    ),
  },
  { name: 'j', declared: 'json', type: { kind: 'json' }, cells: asText(json) },
  {
    name: 'jb',
    declared: 'jsonb',
    type: { kind: 'jsonb' },
    cells: asText(
      fc.oneof(
        json,
        fc.constantFrom(
          '{"n": 12345678901234567890.12345678901234567890}',
          '[1e2, -0, 1.50]',
          '{"b":1, "a":{"é":"\\u00e9\\n"}}',
        ),
      ),
    ),
  },
  {
    name: 'a',
    declared: 'integer[]',
    type: { kind: 'array', element: { kind: 'int4' } },
    cells: fc.array(fc.option(fc.integer({ min: -999, max: 999 })), { maxLength: 4 }).chain((list) => {
      const sql = `'{${list.map((item) => item ?? 'NULL').join()}}'`
      return fc.constantFrom<Cell>({ stored: JSON.stringify(list), sql }, { stored: sql.slice(1, -1), sql })
    }),
  },
  {
    name: 'at',
    declared: 'text[]',
    type: { kind: 'array', element: { kind: 'text' } },
    cells: fc
      .array(fc.array(plainText, { minLength: 2, maxLength: 2 }), { minLength: 1, maxLength: 2 })
      .map((rows) => ({
        stored: JSON.stringify(rows),
        sql: `ARRAY[${rows.map((row) => `ARRAY[${row.map((text) => `${literal(text)}::text`).join()}]`).join()}]`,
      })),
  },
]

const expectedColumns: readonly ExpectedColumn[] = [
  { source: 'id', target: 'id', type: { kind: 'int8' } },
  ...typeCases.map(({ name, type, rules }): ExpectedColumn => ({ source: name, target: `${name} "x`, type, ...rules })),
]

export const sourceColumns = expectedColumns.map((column) => column.source)

export function expectedTable(over: Partial<ExpectedTable> = {}): ExpectedTable {
  const name = { schema: 'public', name: 'All "types' }
  return {
    source: { schema: 'main', name: 'all' },
    target: name,
    columns: expectedColumns,
    key: ['id'],
    ...whole,
    ...over,
  }
}

export const createTable = `create type mood as enum ('calm', 'glad', 'Glad '); create table public."All ""types" (id bigint, ${typeCases.map(({ name, declared }) => `"${name} ""x" ${declared}`).join(', ')})`

/** One row of everything, each cell NULL now and then. */
export const rowOfAll: fc.Arbitrary<readonly Cell[]> = fc.tuple(
  ...typeCases.map(({ cells }) =>
    fc.oneof({ weight: 9, arbitrary: cells }, { weight: 1, arbitrary: fc.constant({ stored: null, sql: 'NULL' }) }),
  ),
)

export const insertRows = (rows: readonly (readonly Cell[])[], firstId = 1): string =>
  `insert into public."All ""types" values ${rows.map((row, i) => `(${firstId + i}, ${row.map(({ sql }) => sql).join(', ')})`).join(', ')}`

export const storedRows = (rows: readonly (readonly Cell[])[], firstId = 1): SourceRow[] =>
  rows.map((row, i) => [BigInt(firstId + i), ...row.map(({ stored }) => stored)])
