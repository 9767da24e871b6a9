import type { PgType } from '@rowferry/introspect'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { judge } from '../test/judge.ts'
import { load, useClient } from '../test/load.ts'
import { bentArray, bentText } from '../test/spellings.ts'
import { builtinType, goesThroughText } from './index.ts'

/** More texts for each type, other texts: `ROWFERRY_TEST_CASES=100000 ROWFERRY_TEST_SEED=7`. */
const cases = Number(process.env['ROWFERRY_TEST_CASES'] ?? 600)
const seed = Number(process.env['ROWFERRY_TEST_SEED'] ?? 1)
const client = useClient()

const CENTS = builtinType('numeric(10,2)')
/** Types of the database's own, all but their oid. */
const MADE: Readonly<Record<string, Omit<PgType, 'oid'>>> = {
  mood: { schema: 'public', name: 'mood', kind: 'enum', typmod: -1, labels: ['abc', 'ab ', 'é日本', ''] },
  citext: { schema: 'public', name: 'citext', kind: 'base', typmod: -1 },
  cents: { schema: 'public', name: 'cents', kind: 'domain', typmod: -1, base: CENTS },
}

const TYPES: readonly (readonly [type: string, ...families: string[]])[] = [
  ['boolean', 'boolean', 'words'],
  ...['smallint', 'integer', 'bigint', 'oid'].map((type) => [type, 'integer', 'bigint', 'words', 'float'] as const),
  ...['real', 'double precision'].map((type) => [type, 'float', 'numeric', 'integer', 'bigint', 'words'] as const),
  ...['numeric', 'numeric(10,2)', 'numeric(20,7)', 'numeric(3,0)', 'cents'].map(
    (type) => [type, 'numeric', 'float', 'bigint', 'words'] as const,
  ),
  ...['text', 'varchar', 'varchar(5)', 'bpchar', 'character(5)', 'name', 'mood', 'citext', 'bytea'].map(
    (type) => [type, 'text', 'words'] as const,
  ),
  ['uuid', 'uuid'],
  ['date', 'date', 'timestamp', 'words'],
  ...['time', 'time(2)'].map((type) => [type, 'time'] as const),
  ...['timestamp', 'timestamp(0)', 'timestamptz', 'timestamptz(3)'].map(
    (type) => [type, 'timestamp', 'zoned', 'date', 'words'] as const,
  ),
  ...['interval', 'interval(2)'].map((type) => [type, 'interval', 'time', 'words'] as const),
  ...['json', 'jsonb'].map((type) => [type, 'json', 'array', 'words'] as const),
  ...['integer[]', 'text[]', 'numeric[]', 'date[]', 'boolean[]'].map((type) => [type, 'array', 'integer'] as const),
]

/** Arrays by the texts of their elements, in PostgreSQL's own form. */
const ARRAYS: typeof TYPES = [
  ...['smallint[]', 'integer[]', 'bigint[]', 'oid[]'].map((type) => [type, 'integer', 'bigint'] as const),
  ...['real[]', 'double precision[]', 'numeric[]', 'numeric(10,2)[]', 'cents[]'].map(
    (type) => [type, 'numeric', 'float'] as const,
  ),
  ...[
    'text[]',
    'varchar[]',
    'varchar(5)[]',
    'bpchar[]',
    'character(5)[]',
    'name[]',
    'citext[]',
    'mood[]',
    'bytea[]',
  ].map((type) => [type, 'text'] as const),
  ['boolean[]', 'boolean'],
  ['uuid[]', 'uuid'],
  ['date[]', 'date'],
  ['time[]', 'time'],
  ...['timestamp[]', 'timestamp(0)[]', 'timestamptz[]'].map((type) => [type, 'timestamp', 'zoned'] as const),
  ['interval[]', 'interval'],
  ...['json[]', 'jsonb[]'].map((type) => [type, 'json'] as const),
]

test.for([
  ...TYPES.map(([name, ...families]) => ({ name, as: 'as it is', texts: bentText(families) })),
  ...ARRAYS.map(([name, ...families]) => ({ name, as: 'from a literal', texts: bentArray(families) })),
])(
  '$name $as: what is sent is what PostgreSQL reads in the same text',
  { timeout: 600_000 },
  async ({ name, texts: arbitrary }) => {
    const type = await typeNamed(name)
    const texts = [...new Set(fc.sample(arbitrary, { seed, numRuns: cases }))]
    const fitting = texts.filter((text) => judge(type, text) === 'fits')
    expect(fitting.length).toBeGreaterThan(2)
    await client().query(
      `create or replace function pg_temp.reads(given text) returns text language plpgsql as
     'declare v ${name}; begin v := given; return v::text; exception when others then return null; end'`,
    )
    await load(client(), type, fitting)
    const { rows: differing } = await client().query(
      `with given as (select x, n from unnest($1::text[]) with ordinality as given (x, n)),
          sent as (select n, v::text as v from loaded), read as (select n, pg_temp.reads(x) as v from given),
          ours as (select * from sent except all select * from read), theirs as (select * from read except all select * from sent)
     select x as text, ours.v as sent, theirs.v as read from ours full join theirs using (n) join given using (n)`,
      [fitting.map((text) => inPostgresWords(name, text))],
    )
    expect(differing).toEqual([])
    const { rows: taken } = await client().query<{ written: string }>(
      'select distinct pg_temp.reads(x) as written from unnest($1::text[]) as given (x) where pg_temp.reads(x) is not null',
      [texts],
    )
    const written = taken.map((row) => row.written).filter((text) => !onPurpose(name, text))
    expect(written.filter((text) => judge(type, text) !== 'fits')).toEqual([])
  },
)

test('no type that is sent in its binary form is missing above', async () => {
  const { rows } = await client().query<Omit<PgType, 'schema' | 'kind' | 'typmod'> & { of: number; word: string }>(
    `select oid, typname as name, typelem as of, format_type(oid, null) as word from pg_type
      where typnamespace = 'pg_catalog'::regnamespace and typtype = 'b'`,
  )
  const plain = (row: (typeof rows)[number]): PgType => ({
    oid: row.oid,
    name: row.name,
    schema: 'pg_catalog',
    kind: 'base',
    typmod: -1,
  })
  const sent = rows.filter((row) => {
    const item = row.name.startsWith('_') ? rows.find(({ oid }) => oid === row.of) : undefined
    const type: PgType = item ? { ...plain(row), kind: 'array', element: plain(item) } : plain(row)
    return !goesThroughText(type) && !/TYPE_UNSUPPORTED/.test(judge(type, 'x'))
  })
  const tried = new Set(
    [...TYPES, ...ARRAYS].map(([name]) => (name in MADE || name.slice(0, -2) in MADE ? name : builtinType(name).name)),
  )
  expect(sent.length).toBeGreaterThan(40)
  expect(sent.map(({ name }) => name).filter((name) => !tried.has(name))).toEqual([])
})

/** Of what PostgreSQL itself writes, all is taken but this. */
function onPurpose(type: string, written: string): boolean {
  // A word may be a mistake, a mark or a label in the source; only a value mapping says which
  if (/^[+-]?(?:infinity|nan)$/i.test(written) && !/char|text|name|mood/.test(type)) return true
  // Of another calendar than the source's functions know, or of no clock
  if (/^date|^time/.test(type) && / BC$|^24:00:00|^294277-/.test(written)) return true
  // Positions that no JSON array has
  if (
    type.endsWith('[]') &&
    (/NaN|infinity|^\[| BC|24:00:00|294277-|\\u(?:0000|d[89a-f])/i.test(written) || type === 'bytea[]')
  )
    return true
  // Where a shorter decimal lies half-way to the next float, JavaScript writes that and PostgreSQL does not: both cannot be the one spelling
  if (/^(?:real|double)/.test(type) && !/infinity/i.test(written))
    return reads(type, Number(shorter(type, written))) === reads(type, Number(written))
  // PostgreSQL's json keeps what its jsonb and its functions then choke on
  return type.startsWith('json') && /\\u(?:0000|d[89a-f])/i.test(written)
}

const reads = (type: string, value: number): number => (type === 'real' ? Math.fround(value) : value)
const shorter = (type: string, written: string): string => {
  const digits = written.replace(/e.*|^-|\./g, '').replace(/^0+|0+$/g, '').length
  return reads(type, Number(written)).toPrecision(Math.max(1, digits - 1))
}

/** What is taken beyond PostgreSQL's own input: years as JavaScript writes them, `+012345-01-02`, signs in ISO 8601 durations, `-P1D`, and arrays in JSON, where 1.0 is a number like 1. */
function inPostgresWords(type: string, text: string): string {
  // Bytes are those of the text, which knows no escapes
  if (type === 'bytea') return `\\x${Buffer.from(text).toString('hex')}`
  if (/^(date|timestamp)/.test(type) && !type.endsWith('[]')) return text.replace(/^\+0*(?=[0-9]{4,}-)/, '')
  if (/^(date|timestamp)/.test(type) && /^[{]/.test(text)) return text.replaceAll(/(?<=["{,])\+0*(?=[0-9]{4,}-)/g, '')
  if (type === 'interval[]') return text.replaceAll(/-?P[^",{}]*/g, (part) => inPostgresWords('interval', part))
  if (type.startsWith('interval') && /^-?P/.test(text)) {
    const turned = text.startsWith('-')
    return text
      .replace(/^-/, '')
      .replaceAll(/[+-](?=[0-9])|(?<![0-9.+-])(?=[0-9])/g, (sign) => ((sign === '-') === turned ? '' : '-'))
  }
  if (!type.endsWith('[]') || !/^\s*\[/.test(text) || /^\[[0-9:-]+\]=/.test(text)) return text
  return text.replaceAll(/"(?:[^"\\]|\\.)*"|[[\]]|null|(?<=^|[[,\s])-?[0-9]+\.0+(?=$|[\],\s])/g, (token) =>
    token === '['
      ? '{'
      : token === ']'
        ? '}'
        : token === 'null'
          ? 'NULL'
          : /^(?:int|bool)/.test(type)
            ? token.replace(/\.0+$/, '')
            : token,
  )
}

async function typeNamed(name: string): Promise<PgType> {
  const item = name.replace(/\[\]$/, '')
  const made = MADE[item]
  if (made === undefined) return builtinType(name)
  await client().query(
    `create extension if not exists citext; drop type if exists mood, cents cascade; create domain cents as numeric(10,2);
     create type mood as enum (${MADE['mood']!.labels!.map((label) => `'${label}'`).join(', ')})`,
  )
  const { rows } = await client().query<{ oid: number; list: number }>(
    `select $1::regtype::oid, (select typarray from pg_type where oid = $1::regtype) as list`,
    [item],
  )
  const type: PgType = { ...made, oid: rows[0]!.oid }
  return item === name
    ? type
    : { oid: rows[0]!.list, schema: 'public', name: `_${item}`, kind: 'array', typmod: -1, element: type }
}
