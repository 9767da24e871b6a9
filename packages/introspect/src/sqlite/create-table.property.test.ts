import Database from 'better-sqlite3'
import fc from 'fast-check'
import { afterAll, expect, test } from 'vitest'
import { parseCreateTable } from './create-table.ts'
import { foldName, tokenize, trimComments } from './token.ts'

const database = new Database(':memory:')
afterAll(() => database.close())

const oneOf = <T>(...values: readonly T[]): fc.Arbitrary<T> => fc.constantFrom(...values)
const maybe = (text: fc.Arbitrary<string>): fc.Arbitrary<string> => fc.oneof(fc.constant(''), text)
const joined = (...parts: readonly (string | fc.Arbitrary<string>)[]): fc.Arbitrary<string> =>
  fc
    .tuple(...parts.map((part) => (typeof part === 'string' ? fc.constant(part) : part)))
    .map((texts) => texts.join(' '))
const gap = oneOf(' ', '\n', '\t\f', ' /* ) , check ( */ ', ' -- ) it\'s "so\n', '/**/')

/** A name as SQLite knows it, and one of its spellings. */
const name = fc
  .tuple(
    oneOf('a', 'B', 'é', 'check', 'a b', 'x,y', ')', "it's", '__proto__', 'generated', 'desc', '--', 'to"x'),
    oneOf('"', '`', "'", '[', ''),
  )
  .map(([text, quote]) => {
    if (quote === '[') return { text, written: `[${text}]` }
    if (quote === '' && /^[aBé_]\w*$/u.test(text)) return { text, written: text }
    const mark = quote === '' ? '"' : quote
    return { text, written: mark + text.replaceAll(mark, mark + mark) + mark }
  })
const expression = oneOf(
  '1',
  "')'",
  '(1 + 2) * 3',
  "'it''s' || x'00'",
  "'a' glob '[(]*'",
  '1 in (1, 2)',
  'case when 1 then (2) else 3 end /* ) */',
  '1 -- )\n',
  '/* ( */ 1.5e-3',
  'abs(-1) <> 0x1F',
  "'(' || '-- no'",
)
const conflict = maybe(oneOf('on conflict abort', 'ON CONFLICT ROLLBACK'))
const type = oneOf(
  '',
  'int',
  'INTEGER',
  'Varchar ( 10 )',
  'decimal(10 , +2)',
  'double precision',
  '"odd type"',
  '[t] text',
  "'x'",
  'timestamp with time zone',
  'enum',
)
const named = maybe(name.map(({ written }) => `constraint ${written}`))
const actions = maybe(
  oneOf(
    'on delete cascade',
    'ON UPDATE SET NULL on delete no action',
    'match full on insert restrict',
    'on update set default MATCH simple',
  ),
)
const deferral = maybe(
  oneOf(
    'deferrable',
    'not deferrable initially deferred',
    'DEFERRABLE INITIALLY IMMEDIATE',
    'deferrable initially deferred',
  ),
)

interface Piece {
  readonly sql: string
  readonly check?: string
  readonly collation?: string
}
const plain = (text: fc.Arbitrary<string>): fc.Arbitrary<Piece> => text.map((sql) => ({ sql }))
const check = fc
  .tuple(named, expression, gap)
  .map(([constraint, text, blank]): Piece => ({ sql: `${constraint} check${blank}(${text}${blank})`, check: text }))
const columnPiece: fc.Arbitrary<Piece> = fc.oneof(
  check,
  plain(joined(named, 'not null', conflict)),
  plain(joined('null', conflict)),
  plain(joined(named, 'unique', conflict)),
  plain(
    joined(
      named,
      'default',
      oneOf("'it''s'", '-5', '+ 1.5', '(1 + (2))', 'null', 'current_timestamp', 'word', "x'00'", "(')' -- ,\n)"),
    ),
  ),
  plain(
    joined(
      named,
      'references',
      name.map(({ written }) => written),
      maybe(oneOf('(a)', '("x,y")')),
      actions,
      deferral,
    ),
  ),
  plain(named),
  oneOf('nocase', 'RTRIM', '"binary"').map((collation): Piece => ({ sql: `collate ${collation}`, collation })),
)
const column = fc
  .record({
    name,
    type,
    blank: gap,
    pieces: fc.array(columnPiece, { maxLength: 4 }),
    generated: fc.option(
      fc.record({ words: oneOf('as', 'GENERATED ALWAYS AS'), text: expression, kind: oneOf('', 'stored', 'VIRTUAL') }),
    ),
  })
  .map(({ pieces, generated, ...rest }) => ({
    ...rest,
    generated,
    pieces: generated ? pieces.filter((piece) => !/\b(?:default|references)\b/.test(piece.sql)) : pieces,
  }))

const table = fc.record({
  name,
  // SQLite wants one column that is not generated; the key below is the first
  columns: fc
    .uniqueArray(column, { minLength: 1, maxLength: 4, selector: (one) => foldName(one.name.text) })
    .map(([first, ...others]) => (first ? [{ ...first, generated: null }, ...others] : [])),
  key: oneOf<(column: string) => string>(
    () => '',
    (first) => `, constraint "the key" primary key (${first} desc) on conflict fail`,
    (first) => `, unique (${first} collate nocase asc)`,
    (first) => `, foreign key (${first}) references p deferrable initially deferred`,
    (first) => ` , constraint u unique(${first}) constraint f foreign key (${first}) references p(q)`,
  ),
  checks: fc.array(fc.tuple(check, oneOf(',', ' ')), { maxLength: 3 }),
  end: oneOf('', '', '', 'strict', ' without rowid'),
})

const codeOf = (sql: string): string =>
  tokenize(sql)
    .map((token) => token.value)
    .join(' ')

test('whatever CREATE TABLE SQLite accepts is read as SQLite reads it', () => {
  let accepted = 0
  const refusals = new Set<unknown>()
  fc.assert(
    fc.property(table, ({ name: tableName, columns, key, checks, end }) => {
      const columnSql = columns.map(({ name: own, type: declared, blank, pieces, generated }) => {
        const made = generated ? ` ${generated.words}${blank}(${generated.text}${blank})${generated.kind}` : ''
        return `${own.written}${blank}${declared}${blank}${pieces.map((piece) => piece.sql).join(blank)}${made}`
      })
      const keySql = key(columns[0]?.name.written ?? '')
      const tail = checks.map(([piece, comma], at) => (at === 0 && keySql === '' ? ',' : comma) + piece.sql).join(' ')
      const sql = `create table ${tableName.written} (${columnSql.join(',')}${keySql}${tail}) ${end}`
      try {
        database.exec(`begin; ${sql}`)
      } catch (error) {
        database.exec('rollback')
        refusals.add(error instanceof Database.SqliteError ? error.code : error)
        return
      }
      accepted += 1
      try {
        compare(
          tableName.text,
          columns,
          checks.map(([piece]) => piece),
        )
      } finally {
        database.exec('rollback')
      }
    }),
    { numRuns: 600 },
  )
  expect([...refusals]).toEqual(['SQLITE_ERROR'])
  expect(accepted).toBeGreaterThan(250)
})

type ColumnModel = typeof column extends fc.Arbitrary<infer T> ? T : never

function compare(tableName: string, columns: readonly ColumnModel[], tableChecks: readonly Piece[]): void {
  const quoted = `"${tableName.replaceAll('"', '""')}"`
  const stored = database
    .prepare('select sql from sqlite_schema where name = ? and type = ?')
    .pluck()
    .get(tableName, 'table') as string
  const text = parseCreateTable(stored)

  const facts = database.pragma(`table_xinfo(${quoted})`) as {
    name: string
    type: string
    hidden: number
    pk: number
  }[]
  expect(text.columns.map((one) => one.name)).toEqual(facts.map((fact) => fact.name))
  for (const [at, fact] of facts.entries()) {
    const own = text.columns[at]
    expect([own?.name, own?.generated !== null]).toEqual([fact.name, fact.hidden > 1])
    // SQLite unquotes a type, and takes a comment in front of GENERATED for a part of it
    const declared = /["'[]/.test(own?.type ?? '') ? own?.type : fact.hidden > 1 ? trimComments(fact.type) : fact.type
    expect(foldName(own?.type ?? '')).toBe(foldName(declared ?? ''))
    const collation = columns[at]?.pieces.findLast((piece) => piece.collation !== undefined)?.collation
    expect(own?.collation ?? null).toBe(collation?.replaceAll('"', '') ?? null)
  }
  expect(text.primaryKey !== null).toBe(facts.some((fact) => fact.pk > 0))

  const foreignKeys = database.pragma(`foreign_key_list(${quoted})`) as { id: number }[]
  expect(text.foreignKeys).toHaveLength(new Set(foreignKeys.map((fact) => fact.id)).size)

  const indexes = database.pragma(`index_list(${quoted})`) as { name: string; origin: string }[]
  for (const index of indexes.filter((fact) => fact.origin === 'u')) {
    const terms = (database.pragma(`index_info("${index.name.replaceAll('"', '""')}")`) as { name: string }[]).map(
      (term) => foldName(term.name),
    )
    expect(text.uniques.map((unique) => unique.columns.map(foldName))).toContainEqual(terms)
  }

  const expected = [...columns.flatMap((one) => one.pieces), ...tableChecks].flatMap((piece) => piece.check ?? [])
  expect(text.checks.map((one) => codeOf(one.expression))).toEqual(expected.map(codeOf))
  // Cut out, an expression stands on its own, also with a parenthesis written right behind it
  const generated = text.columns.flatMap((one) => one.generated ?? [])
  for (const cut of [...text.checks.map((one) => one.expression), ...generated]) {
    expect(() => database.prepare(`select (${cut}) from ${quoted}`)).not.toThrow()
  }
}
