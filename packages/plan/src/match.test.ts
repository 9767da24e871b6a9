import type { Table } from '@rowferry/introspect'
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
  expect(matching.findings).toMatchObject([
    { code: 'TABLE_NAME_DIFFERS', severity: 'refuse', remedy: "--rename 'OrderDetails=order_details'" },
    { code: 'COLUMN_NAME_DIFFERS', severity: 'refuse', remedy: "--rename 'OrderDetails.Id=id'" },
    { code: 'NAMES_DIFFER', severity: 'refuse', remedy: '--case snake' },
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
  expect(matching.homeless).toMatchObject([{ column: { name: 'role' }, asked: false, lacks: { column: 'role' } }])
  expect(matching.findings).toMatchObject([{ code: 'TARGET_COLUMN_NEEDED', column: 'kind', severity: 'refuse' }])
})

test('names that PostgreSQL would cut, own or confuse become others, and that is said', () => {
  const long = 'x'.repeat(70)
  const { findings, matches } = matchTables(
    catalog([table('t', [column(long), column('ctid'), column(''), column('É'), column('é')])]),
    catalog([]),
    options({ case: 'lower' }),
  )
  const names = [`${'x'.repeat(54)}_c71bd109`, 'ctid_', '_', 'é_a755f65d', 'é']
  expect(matches[0]!.columns.map((each) => each.name)).toEqual(names)
  expect(findings.map(({ code, severity, column: of }) => [code, severity, of])).toEqual(
    [long, 'ctid', '', 'É'].map((name) => ['NAME_CHANGED', 'note', name]),
  )
  expect(findings[1]!.remedy).toBe("to choose another name: --rename 't.ctid=…'")
})

test('a name that is given wins over one that is only carried, and is refused where it cannot be', () => {
  const two = catalog([table('a', [column('x'), column('y')]), table('b', [column('x')])])
  const swapped = matchTables(
    two,
    catalog([]),
    options({
      rename: [
        { from: 'a', to: 'b' },
        { from: 'b', to: 'a' },
      ],
    }),
  )
  expect([swapped.findings, swapped.matches.map((match) => match.name.name)]).toEqual([[], ['b', 'a']])
  const pushed = matchTables(two, catalog([]), options({ rename: [{ from: 'a', to: 'b' }] }))
  expect(pushed.matches.map((match) => match.name.name)).toEqual(['b', 'b_3e23e816'])
  const wrong = (...rename: { from: string; to: string }[]) => codes(matchTables(two, catalog([]), options({ rename })))
  expect(wrong({ from: 'a', to: 'é'.repeat(32) })).toEqual(['NAME_TOO_LONG'])
  expect(wrong({ from: 'a.x', to: 'xmin' })).toEqual(['NAME_RESERVED'])
  expect(wrong({ from: 'a', to: 'nul\0' })).toEqual(['NAME_NOT_TEXT'])
  expect(wrong({ from: 'a', to: 'c' }, { from: 'b', to: 'c' })).toEqual(['NAME_COLLISION'])
  expect(wrong({ from: 'a.x', to: 'z' }, { from: 'a.y', to: 'z' })).toEqual(['NAME_COLLISION'])
  expect(wrong({ from: 'a', to: 'c' }, { from: 'a', to: 'd' })).toEqual(['RENAMED_TWICE'])
})

test('swaps and renames of columns of a renamed table meet the tables that are there', () => {
  const two = catalog([table('a', [column('x')]), table('b', [column('y')])])
  const there = catalog([target('a', { ys: 'text' }), target('b', { x: 'text' })])
  const rename = [
    { from: 'a', to: 'b' },
    { from: 'b', to: 'a' },
    { from: 'b.y', to: 'ys' },
  ]
  const { matches, findings } = matchTables(two, there, options({ rename }))
  expect(findings).toEqual([])
  expect(
    matches.map((match) => [match.source.name.name, match.target?.name.name, match.columns[0]?.target?.name]),
  ).toEqual([
    ['a', 'b', 'x'],
    ['b', 'a', 'ys'],
  ])
})

test('one line settles every other spelling that can only mean one thing', () => {
  const pascal = catalog([
    table('UserAccounts', [column('UserId'), column('isAdmin'), column("it's")]),
    table('Posts', [column('Id'), column('Odd')]),
  ])
  const there = catalog([
    target('user_accounts', { user_id: 'int8', is_admin: 'bool', its: 'text' }),
    target('posts', { id: 'int8', ODD: 'text' }),
  ])
  const matching = matchTables(pascal, there, options())
  const [last] = matching.findings.slice(-1)
  expect(last).toMatchObject({ code: 'NAMES_DIFFER', severity: 'refuse' })
  expect(last!.remedy).toBe(String.raw`--case snake --rename 'UserAccounts.it'\''s=its' --rename 'Posts.Odd=ODD'`)
  const rename = [
    { from: "UserAccounts.it's", to: 'its' },
    { from: 'Posts.Odd', to: 'ODD' },
  ]
  expect(matchTables(pascal, there, options({ case: 'snake', rename })).findings).toEqual([])
})

test('what could mean two things is left to a person', () => {
  const there = catalog([target('a_b', { id: 'int8' }), target('AB', { id: 'int8' })])
  const matching = matchTables(catalog([table('ab', [column('id')])]), there, options())
  expect(matching.matches).toEqual([])
  expect(matching.findings).toMatchObject([
    { code: 'TABLE_NAME_DIFFERS', remedy: "--rename 'ab=a_b', or --rename 'ab=AB'" },
  ])
})

test('a view in the place of a table is said', () => {
  const there = catalog([target('users', { id: 'int8', role: 'text' })], {
    views: [{ name: { schema: 'public', name: 'posts' }, definition: 'SELECT 1', materialized: true }],
  })
  expect(matchTables(source, there, options()).findings).toMatchObject([
    { code: 'TARGET_IS_VIEW', severity: 'refuse', message: expect.stringContaining('materialized view') },
  ])
})

test('missing tables are listed at once, with one line that leaves them all out', () => {
  const three = catalog([...source.tables, table('logs', [column('id')])])
  const there = catalog([target('users', { id: 'int8', role: 'text' })])
  const remedies = matchTables(three, there, options()).findings.map((each) => each.remedy)
  expect(remedies).toHaveLength(2)
  for (const remedy of remedies) expect(remedy).toContain("--exclude-tables 'posts' 'logs'")
})

test('an unknown table in the selection is no silent empty run', () => {
  expect(codes(matchTables(source, catalog([]), options({ tables: ['user'] })))).toEqual([
    'TABLE_UNKNOWN',
    'NOTHING_TO_CARRY',
  ])
})

test('of tables that would become one, the one of that very name keeps it', () => {
  const twins = catalog([table('UserName', [column('id')]), table('user_name', [column('id')])])
  const matching = matchTables(twins, catalog([]), options({ case: 'snake' }))
  expect(matching.matches.map((match) => match.name.name)).toEqual(['user_name_ff1eb40a', 'user_name'])
  expect(matching.findings).toMatchObject([{ code: 'NAME_CHANGED', table: 'UserName' }])
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

test('tables of the target that nothing of the source goes into are told in one note', () => {
  const both = catalog([table('users', [column('id')]), table('logs', [column('id')])])
  const there = ['users', 'logs', ...Array.from({ length: 11 }, (_, n) => `more${n}`)].map((name) =>
    target(name, { id: 'int4' }),
  )
  const part = target('users_1', { id: 'int4' })
  const partition = { ...part, postgres: { ...part.postgres!, partitionOf: { schema: 'public', name: 'users' } } }
  const found = (targets: readonly Table[]) =>
    matchTables(both, catalog(targets), planOptionsSchema.parse({ excludeTables: ['logs'] })).findings.filter(
      ({ code }) => code === 'TARGET_ONLY_TABLES',
    )
  expect(found([...there, partition])).toMatchObject([{ severity: 'note', table: null }])
  expect(found(there)[0]?.message).toMatch(/^the target has 11 tables .*: more0, .*more9 and 1 more$/)
  expect(found(there.slice(0, 2))).toEqual([])
})
