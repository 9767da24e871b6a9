import Database from 'better-sqlite3'
import fc from 'fast-check'
import pg from 'pg'
import { useDatabase } from '@rowferry/vitest-preset/database'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { translateExpression } from './expression.ts'
import type { ExpressionColumn } from './term.ts'

const columns: readonly ExpressionColumn[] = [
  { name: 'b', declaredType: 'BOOLEAN', type: 'boolean', target: 'is b' },
  { name: 'b2', declaredType: 'BOOLEAN', type: 'boolean', target: 'b2' },
  { name: 'i', declaredType: 'INTEGER', type: 'integer', target: 'i' },
  { name: 'j', declaredType: 'INT', type: 'smallint', target: 'j' },
  { name: 'big', declaredType: 'INTEGER', type: 'bigint', target: 'big' },
  { name: 'n', declaredType: 'DECIMAL(10,2)', type: 'numeric(10,2)', target: 'n' },
  { name: 'd', declaredType: 'DOUBLE', type: 'double precision', target: 'd' },
  { name: 'f', declaredType: 'FLOAT', type: 'real', target: 'f' },
  { name: 't', declaredType: 'TEXT', type: 'text', target: 't' },
  { name: 'u', declaredType: 'VARCHAR(20)', type: 'character varying(20)', target: 'u', collation: 'NOCASE' },
  { name: 'r', declaredType: 'TEXT', type: 'text', target: 'r', collation: 'RTRIM' },
  { name: 's', declaredType: 'STRING', type: 'text', target: 's' },
  { name: 'x', declaredType: 'BLOB', type: 'bytea', target: 'x' },
  { name: 'o', declaredType: 'TEXT', type: 'jsonb', target: 'o' },
  { name: 'at', declaredType: 'DATETIME', type: 'timestamp without time zone', target: 'at' },
]
const integers = [0, 1, -1, 2, 5, 7, 100, -32_768, 32_767]
const texts = [
  '',
  'a',
  'A',
  'abc',
  'ABC',
  'abcdef',
  'xyz',
  'x%z',
  'a_c',
  'a\\b',
  'É',
  'é',
  ' a ',
  'a ',
  '5',
  '05',
  '10',
  "it's",
  'a\nb',
  '漢字',
  'NORMAL',
]
const stored: Readonly<Record<string, readonly unknown[]>> = {
  b: [0, 1],
  b2: [0, 1],
  i: [...integers, -2_147_483_648, 2_147_483_647],
  j: integers,
  big: [...integers.map(BigInt), 2n ** 63n - 1n, -(2n ** 63n), 2n ** 53n + 1n],
  n: [0, 1, 0.1, 0.5, 1.25, -3.99, 100, 99_999_999.99],
  d: [0.0, 0.1, 0.5, 1 / 3, -3.25, 1e300, 5],
  f: [0.5, 1.25, -7, 5],
  t: texts,
  u: texts,
  r: texts,
  s: [...texts, 5, 12, 'abc'],
  x: [Buffer.alloc(0), Buffer.from('abc'), Buffer.from([0, 255]), Buffer.from([1])],
  o: ['{}', '[1,2]', '5', 'null'],
  at: ['2024-01-01 00:00:00', '1999-12-31 23:59:59'],
}

const sqlite = new Database(':memory:')
const database = useDatabase()
let client: pg.Client

beforeAll(async () => {
  client = new pg.Client(database.url)
  await client.connect()
  sqlite.exec(
    `create table t(id integer primary key, ${columns.map((c) => `${c.name} ${c.declaredType}${c.collation ? ` collate ${c.collation}` : ''}`).join(', ')})`,
  )
  await client.query(
    `create table t(id integer primary key, ${columns.map((c) => `"${c.target}" ${c.type}`).join(', ')})`,
  )
  const rows = fc.sample(
    fc.tuple(
      ...columns.map(({ name }) =>
        fc.oneof(
          { weight: 1, arbitrary: fc.constant(null) },
          { weight: 5, arbitrary: fc.constantFrom(...(stored[name] ?? [])) },
        ),
      ),
    ),
    { numRuns: 400, seed: 7 },
  )
  const insert = sqlite.prepare(`insert into t values (?${', ?'.repeat(columns.length)})`)
  for (const [id, row] of rows.entries()) {
    insert.run(id, ...row)
    // What SQLite made of it is what crosses
    const kept = sqlite.prepare('select * from t where id = ?').safeIntegers().raw().get(id) as unknown[]
    const values = kept.map((value, index) =>
      columns[index - 1]?.type === 'boolean' && value !== null
        ? value === 1n
        : typeof value === 'bigint'
          ? String(value)
          : value,
    )
    await client.query(`insert into t values (${values.map((_, index) => `$${index + 1}`).join(', ')})`, values)
  }
})
afterAll(async () => {
  await client.end()
  sqlite.close()
})

interface Truths {
  readonly sqlite: readonly (boolean | null)[]
  readonly postgres: readonly (boolean | null)[]
}

async function truths(expression: string, sql: string): Promise<Truths> {
  const ours = sqlite
    .prepare(`select iif((${expression}) is null, null, (${expression}) is true) from t order by id`)
    .pluck()
    .all()
  const theirs = await client.query({
    text: `select ${sql === '' ? 'true' : `(${sql})`} from t order by id`,
    rowMode: 'array',
  })
  return {
    sqlite: ours.map((value) => (value === null ? null : value === 1)),
    postgres: theirs.rows.map((row: (boolean | null)[]) => row[0] ?? null),
  }
}

/** A long run: ROWFERRY_RUNS=50000, from another beginning with ROWFERRY_SEED. */
const runs = Number(process.env['ROWFERRY_RUNS'] ?? 600)
const seed = process.env['ROWFERRY_SEED']

const expressions = (text: string): string[] => text.trim().split(/\s+;\s+|\n\s*/)
const say = (expression: string) => translateExpression(expression, { columns, use: 'where' })

async function expectEqual(expression: string): Promise<void> {
  const said = say(expression)
  if (!said.ok) throw new Error(`${expression}: ${said.reason}`)
  const { sqlite: ours, postgres } = await truths(expression, said.sql)
  expect({ said: `${expression}   as   ${said.sql}`, postgres }).toEqual({
    said: `${expression}   as   ${said.sql}`,
    postgres: ours,
  })
}

const proven = expressions(String.raw`
  b ; not b ; b = 1 ; b = 0 ; b <> 1 ; 0 = b ; b in (0, 1) ; b in (1) ; b in (1, null) ; b not in (0, 1)
  b is true ; b is not 1 ; b = true ; b = b2 ; b + b2 = 1 ; b < 1 ; b = '1' ; b is null ; b notnull
  (i is null) + (t is null) = 1 ; coalesce(b, 0) = 0 ; ifnull(b, b2) ; (i > 5) = 1
  case when b then i else 0 end > 1 ; case b when 1 then 1 when 0 then 0 end ; iif(b, i, j) = 5 ; i ; i = 5
  i = '5' ; i == 5 ; i <> '' ; i = 'abc' ; i < 'abc' ; i > '' ; i in (1, 2, 5) ; i in (1, 'x')
  i not in ('x', 'y') ; i not in (1, null) ; i in () ; i not in () ; i between 1 and 5 ; i not between j and 7
  i is 5 ; i is not j ; i is distinct from j ; i + j > 0 ; i * j < 100 ; i - 1 = j ; i / 2 = 3 ; i / j = 1
  i % 5 = 0 ; j % i = 2 ; i & 4 ; (i | j) = 7 ; ~i = -6 ; -i > 0 ; i >> 1 = 2 ; abs(i) > 5 ; abs(j) = 32768
  big + i > 0 ; big - 1 < 5 ; big * i > 0 ; big * big ; big >= -9223372036854775808 ; big & 1 ; big % -1 = 0
  big > 0.5 ; i > 0.5 ; i is 'x' ; i is not 'x' ; n >= 0 ; n > 0.5 ; n = 0.1 ; n between 0.1 and 1 ; n <= n
  i <= n ; d > 0.5 ; d = 0.1 ; d >= 5 ; d = 5 ; d < i ; f > 1 ; f = 5 ; -n < 3 ; abs(d) > 0.1 ; coalesce(n, 0) > 0
  n > 'x' ; t = 'abc' ; t <> '' ; t in ('a', 'abc', 'é') ; t < 'abc' ; t between 'A' and 'b' ; t = 5
  t in (5, 'a') ; t < 5 ; t > 10 ; t is 'a' ; u = 'ABC' ; u < 'b' ; u in ('ABC', 'É') ; t = 'ABC' collate nocase
  t collate nocase = u ; u = t ; t < u ; r = 'a' ; r < 'a ' ; s = 'abc' ; t = u collate binary ; t like 'ABC%'
  t like '%_c' ; t not like 'a%' ; t like '5%' ; t like 'a\b' ; t like 'x!%z' escape '!'
  t like 'x\%z' escape '\' ; t like 'É' ; u like 'abc%' ; t glob 'a*' ; t glob '*%*' ; t glob 'A?C'
  t not glob '*[^0-9]*' ; t glob '[0-9]*' ; t glob '[a-z][a-z]c*' ; t glob '*\*' ; s glob '[0-9]*' ; s like '1%'
  length(t) = 3 ; length(x) > 1 ; length(trim(t)) > 0 ; lower(t) = 'abc' ; upper(u) = 'ABC'
  substr(t, 1, 1) = 'a' ; substr(t, 2) = 'bc' ; instr(t, 'b') > 1 ; replace(t, 'a', 'b') = 'bbc' ; ltrim(t) = 'a '
  rtrim(t, 'ac') = 'ab' ; t || 'x' = 'ax' ; t || i = 'a5' ; cast(i as text) = '5' ; i || '' = '100'
  coalesce(t, '') = '' ; nullif(t, '') is null ; ifnull(u, 'ABC') = 'abc' ; iif(length(t) > 1, t, 'x') = 'x'
  x = x'00ff' ; x <> x'' ; x < x'61' ; x in (x'01', x'616263') ; x is null ; typeof(i) = 'integer'
  typeof(t) in ('text', 'null') ; typeof(x) <> 'blob' ; typeof(n) in ('integer', 'real') ; typeof(d) = 'real'
  typeof(b) is 'integer' ; 'text' = typeof(o) ; typeof(i) = 'text' ; json_valid(o) ; json_valid(o) = 1
  at is not null ; o isnull ; i > 0 and (t is null or b) ; not (i > 0 or j > 0) ; 1 ; 0 ; null
  i in (1,2) is true ; t.i = 1 ; [i] = "j" ; "i" = 5 ; '5' = i ; +i = 5
`)

test.each(proven)('the same truth for every row: %s', expectEqual)

const unproven = expressions(String.raw`
  d + 1 > 2 ; n * 2 > 1 ; t ; i = null ; d = f ; n = d ; big = d ; f = 0.1 ; i = t ; t + 1 > 2 ; i = ' 5' ; s < 5
  s > 'abc' ; s = 5 ; s = '5' ; i << 40 > 0 ; i / 0 ; big / big ; big + big + big > 0 ; -big > 0 ; abs(big) > 0
  max(i, j) > 3 ; round(d) = 1 ; t regexp 'a' ; t like u ; t glob '[]a]' ; t glob '[A-z]*' ; at > '2000-01-01'
  o = '{}' ; json_valid(t) ; o ->> '$.a' = 1 ; date(t) = t ; i = 5 collate strange and t = 'a' collate strange
  nosuch = 1 ; i in (select 1) ; typeof(n) = 'real' ; typeof(at) = 'text' ; cast(t as integer) = 5
  substr(t, 0, 2) = 'a' ; substr(t, -1) = 'a' ; coalesce(t, 0) = 0 ; likely(b) ; random() > 0
  t like 'a%' escape 'x' ; t like 'a!' escape '!' ; case when b then 1 else t end ; t = cast(x'ff' as text)
  t = char(0) ; at < CURRENT_TIMESTAMP ; cast(5 as integer) = t ; cast(5 as integer) is t
`)

test.each(unproven)('not proven, so not said: %s', (expression) => {
  const said = say(expression)
  expect(said).toMatchObject({ ok: false, reason: expect.stringMatching(/\w/) })
})

test(
  'whatever is accepted of random expressions has the same truth for every row',
  { timeout: 3_600_000 },
  async () => {
    const number = fc.constantFrom(
      ...expressions(`
    i ; j ; big ; n ; d ; f ; b ; 0 ; 1 ; 5 ; -1 ; 0.5 ; 0.1 ; i + j ; i % 5 ; length(t) ; big - 1
    coalesce(i, 0) ; (b = b2) ; '5' ; 'abc' ; ''
  `),
    )
    const text = fc.constantFrom(
      ...expressions(`
    t ; u ; r ; s ; '' ; 'abc' ; 'ABC' ; 'a ' ; '5' ; lower(t) ; t || 'x' ; coalesce(u, 'a') ; u collate binary
    t collate nocase ; trim(r) ; 5 ; i ; substr(u, 1, 1) ; cast(i as text)
  `),
    )
    const operator = fc.constantFrom('=', '<>', '<', '<=', '>', '>=', 'is', 'is not', '==', '!=')
    const { condition } = fc.letrec<{ condition: string }>((tie) => ({
      condition: fc.oneof(
        { maxDepth: 3 },
        fc.tuple(number, operator, number).map((parts) => parts.join(' ')),
        fc.tuple(text, operator, text).map((parts) => parts.join(' ')),
        fc
          .tuple(
            fc.oneof(number, text),
            fc.constantFrom('', 'not '),
            fc.array(fc.oneof(number, text), { maxLength: 3 }),
          )
          .map(([left, not, list]) => `${left} ${not}in (${list.join(', ')})`),
        fc
          .tuple(fc.oneof(number, text), fc.oneof(number, text), fc.oneof(number, text))
          .map(([left, low, high]) => `${left} between ${low} and ${high}`),
        fc
          .tuple(
            text,
            fc.constantFrom('like', 'not like', 'glob', 'not glob'),
            fc.constantFrom("'a%'", "'A_C'", "'*[0-9]'", "'?bc*'", "'%\\%'", "'[^a-z]*'"),
          )
          .map((parts) => parts.join(' ')),
        fc.oneof(number, text).map((one) => `${one} is null`),
        fc
          .tuple(tie('condition'), fc.constantFrom('and', 'or'), tie('condition'))
          .map(([left, and, right]) => `(${left}) ${and} (${right})`),
        tie('condition').map((one) => `not (${one})`),
        tie('condition').map((one) => `(${one}) is not true`),
        fc
          .tuple(tie('condition'), tie('condition'))
          .map(([one, other]) => `case when ${one} then 1 when ${other} then 0 end`),
        fc.tuple(tie('condition'), tie('condition')).map(([one, other]) => `(${one}) = (${other})`),
      ),
    }))
    let accepted = 0
    await fc.assert(
      fc.asyncProperty(condition, async (expression) => {
        const said = say(expression)
        if (!said.ok) return
        accepted++
        const { sqlite: ours, postgres } = await truths(expression, said.sql)
        expect({ said: `${expression}   as   ${said.sql}`, postgres }).toEqual({
          said: `${expression}   as   ${said.sql}`,
          postgres: ours,
        })
      }),
      { numRuns: runs, ...(seed === undefined ? {} : { seed: Number(seed) }) },
    )
    expect(accepted).toBeGreaterThan(runs / 4)
  },
)

test('a check that the type implies is true of every row, and is dropped', () => {
  const check = (expression: string) => translateExpression(expression, { columns, use: 'check' })
  for (const implied of [
    'b in (0, 1)',
    "typeof(t) in ('text', 'null')",
    "i <> ''",
    'json_valid(o)',
    "b in (0, 1) and typeof(b) in ('integer', 'null')",
  ]) {
    expect({ implied, ...check(implied) }).toEqual({ implied, ok: true, sql: '', note: 'implied by the type' })
    const denied = sqlite.prepare(`select count(*) from t where not (${implied})`).pluck().get()
    expect({ implied, denied }).toEqual({ implied, denied: 0 })
  }
  expect(check("typeof(i) in ('integer', 'null') and i > 0")).toEqual({
    ok: true,
    sql: '("i" > 0)',
    note: 'in part implied by the type',
  })
  expect(check("typeof(i) = 'integer'")).toMatchObject({ sql: '("i" IS NOT NULL)', note: null })
})

test.each([
  ['lower(t)', 'lower("t" COLLATE "C")'],
  ['u', 'lower("u" COLLATE "C")'],
  ['t collate nocase', 'lower("t" COLLATE "C")'],
  ['i + j', '("i"::bigint + "j")'],
  ["t || '-' || i", `(("t" || '-') || ("i"::text))`],
  ['b is null', '("is b" IS NULL)'],
])('the index over %s is one over %s', async (expression, sql) => {
  const said = translateExpression(expression, { columns, use: 'index' })
  expect(said).toEqual({ ok: true, sql, note: null })
  await client.query(`create index on t (${sql})`)
  const ours = sqlite.prepare(`select count(*) from (select 1 from t group by ${expression})`).pluck().get()
  const { rows } = await client.query(`select count(*)::int as count from (select 1 from t group by ${sql}) as g`)
  expect(rows).toEqual([{ count: ours }])
})
