import { expect, test } from 'vitest'
import { matchTables } from './match.ts'
import { planOptionsSchema } from './options.ts'
import { catalog, column, table, target } from './testing.ts'

const options = (given: object = {}) => planOptionsSchema.parse(given)
const source = catalog([table('users', [column('id'), column('role')]), table('posts', [column('id')])])
const codes = (matching: { findings: readonly { code: string }[] }) => matching.findings.map((each) => each.code)

test('an empty target gets every table created', () => {
  const matching = matchTables(source, catalog([]), options())
  expect(matching.matches.map((match) => [match.name, match.target])).toEqual([
    [{ schema: 'public', name: 'users' }, null],
    [{ schema: 'public', name: 'posts' }, null],
  ])
  expect(matching.findings).toEqual([])
})

test('a bystander in the target does not make the others missing', () => {
  expect(matchTables(source, catalog([target('audit', { id: 'int8' })]), options()).matches).toHaveLength(2)
})

test('a missing table is refused, skipped, or created, as asked', () => {
  const half = catalog([target('users', { id: 'int8', role: 'text' })])
  expect(codes(matchTables(source, half, options()))).toEqual(['TABLE_MISSING'])
  const skip = matchTables(source, half, options({ missingTables: 'skip' }))
  expect(skip.skipped.map((each) => [each.table.name, each.asked])).toEqual([['posts', false]])
  const create = matchTables(source, half, options({ missingTables: 'create' }))
  expect(create.matches.map((match) => match.target?.name.name ?? null)).toEqual(['users', null])
})

test('a missing table without rows is no obstacle', () => {
  const empty = catalog([source.tables[0]!, table('posts', [column('id')], { rowEstimate: 0 })])
  const matching = matchTables(empty, catalog([target('users', { id: 'int8', role: 'text' })]), options())
  expect(matching.findings).toEqual([])
  expect(matching.skipped.map((each) => each.table.name)).toEqual(['posts'])
})

test('names are never guessed: a near table is proposed', () => {
  const pascal = catalog([table('OrderDetails', [column('Id')])])
  const snake = catalog([target('order_details', { id: 'int8' })])
  const matching = matchTables(pascal, snake, options())
  expect(matching.matches).toEqual([])
  expect(matching.findings).toMatchObject([
    {
      code: 'TABLE_NAME_DIFFERS',
      severity: 'refuse',
      remedy: "--case snake, or --rename 'OrderDetails=order_details'",
    },
  ])
  expect(matchTables(pascal, snake, options({ case: 'snake' })).findings).toEqual([])
})

test('a column without a home and a column that must be filled are both said, at once', () => {
  const there = target('users', { id: 'int8', kind: 'text' })
  const strict = {
    ...there,
    columns: there.columns.map((each) => (each.name === 'kind' ? { ...each, nullable: false } : each)),
  }
  const matching = matchTables(catalog([source.tables[0]!]), catalog([strict]), options())
  expect(matching.findings).toMatchObject([
    { code: 'COLUMN_MISSING', column: 'role', severity: 'refuse' },
    { code: 'TARGET_COLUMN_NEEDED', column: 'kind', severity: 'refuse' },
  ])
})

test('names that PostgreSQL would cut, own or confuse are refused before anything is made', () => {
  const long = 'x'.repeat(70)
  const matching = matchTables(
    catalog([table('t', [column(long), column('ctid'), column('')])]),
    catalog([]),
    options(),
  )
  expect(codes(matching)).toEqual(['NAME_TOO_LONG', 'NAME_RESERVED', 'NAME_EMPTY'])
  const folded = matchTables(catalog([table('a', [column('X'), column('x')])]), catalog([]), options({ case: 'lower' }))
  expect(codes(folded)).toEqual(['NAME_COLLISION'])
})

test('an unknown table in the selection is no silent empty run', () => {
  expect(codes(matchTables(source, catalog([]), options({ tables: ['user'] })))).toEqual([
    'TABLE_UNKNOWN',
    'NOTHING_TO_CARRY',
  ])
})

test('tables that become one are named, and only the first is planned', () => {
  const twins = catalog([table('UserName', [column('id')]), table('user_name', [column('id')])])
  const matching = matchTables(twins, catalog([]), options({ case: 'snake' }))
  expect(matching.findings).toMatchObject([
    { code: 'NAME_COLLISION', table: 'user_name', message: expect.stringContaining('"UserName" and "user_name"') },
  ])
  expect(matching.matches.map((match) => match.source.name.name)).toEqual(['UserName'])
})

test('a virtual table that cannot be read is left out with its name, unless that was asked for', () => {
  const note = { code: 'VIRTUAL_TABLE_UNREADABLE', object: 'shapes', message: 'no such module: geo' }
  const spatial = { ...source, notes: [note] }
  expect(matchTables(spatial, catalog([]), options()).skipped).toEqual([
    { table: { schema: 'main', name: 'shapes' }, rows: null, why: note.message, asked: false },
  ])
  const excluded = matchTables(spatial, catalog([]), options({ excludeTables: ['shapes'] }))
  expect(excluded).toMatchObject({ findings: [], skipped: [{ asked: true }] })
})

test('a generated column that cannot be computed is left out where nothing waits for it, and refused where a column does', () => {
  const generated = { expression: 'app(id)', kind: 'virtual' } as const
  const noted = {
    ...catalog([table('users', [column('id'), column('g', { generated })])]),
    notes: [{ code: 'GENERATED_UNREADABLE', object: 'users.g', message: 'unknown function: app()' }],
  }
  const columns = (matching: ReturnType<typeof matchTables>) =>
    matching.matches[0]?.columns.map((each) => each.source.name)
  const created = matchTables(noted, catalog([]), options())
  expect([created.findings, columns(created)]).toEqual([[], ['id']])
  const waiting = matchTables(noted, catalog([target('users', { id: 'int8', g: 'text' })]), options())
  expect(waiting.findings).toMatchObject([{ code: 'COLUMN_UNREADABLE', severity: 'refuse', column: 'g' }])
})
