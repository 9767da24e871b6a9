import type { Table } from '@rowferry/introspect'
import { expect, test } from 'vitest'
import { settleRecords } from './migration-records.ts'
import { matchTables } from './match.ts'
import type { PlanOptions } from './options.ts'
import { planOptionsSchema } from './options.ts'
import { catalog, column, table, target } from './testing.ts'

const users = { source: table('users', [column('id')]), target: target('users', { id: 'int8' }) }
const alembic = {
  source: table('alembic_version', [column('version_num')]),
  target: target('alembic_version', { version_num: 'text' }),
}
const lock = {
  source: table('knex_migrations_lock', [column('index'), column('is_locked')]),
  target: target('knex_migrations_lock', { index: 'int4', is_locked: 'int4' }),
}

function settled(sources: readonly Table[], targets: readonly Table[], given: Partial<PlanOptions> = {}) {
  const options = planOptionsSchema.parse(given)
  const matching = matchTables(catalog(sources), catalog(targets), options)
  return settleRecords({ matching, options, occupied: targets.map(({ name }) => name) })
}

test.each([{}, { onExisting: 'truncate' }, { onExisting: 'append' }] as const)(
  'two filled records are refused with one list that leaves the source out, whatever is to become of rows: %j',
  (given) => {
    const { matching, findings } = settled(
      [users.source, alembic.source, lock.source],
      [users.target, alembic.target, lock.target],
      given,
    )
    expect(matching.matches.map(({ source }) => source.name.name)).toEqual(['users'])
    expect(findings).toMatchObject(
      ['alembic_version', 'knex_migrations_lock'].map((name) => ({
        code: 'MIGRATION_RECORD',
        severity: 'refuse',
        table: name,
        remedy: "--exclude-tables 'alembic_version' 'knex_migrations_lock'",
      })),
    )
  },
)

test('what is left out already stays in the list', () => {
  const given = { excludeTables: ['log'] }
  const { findings } = settled([users.source, alembic.source, table('log', [])], [users.target, alembic.target], given)
  expect(findings).toMatchObject([{ remedy: "--exclude-tables 'log' 'alembic_version'" }])
})

test('a record that the target has elsewhere, or not at all, is left out in the same way', () => {
  const drizzle = table('__drizzle_migrations', [column('id'), column('hash'), column('created_at')])
  const { matching, findings } = settled([users.source, alembic.source, drizzle], [users.target, alembic.target])
  expect(matching.findings).toEqual([])
  expect(findings.map(({ remedy }) => remedy)).toEqual([
    "--exclude-tables 'alembic_version' '__drizzle_migrations'",
    "--exclude-tables 'alembic_version' '__drizzle_migrations'",
  ])
  expect(findings[1]?.message).toContain('in the schema drizzle')
})

test('where the target has no record of its own, the source keeps its table, and that is said', () => {
  for (const targets of [[], [users.target, alembic.target]]) {
    const options = planOptionsSchema.parse({})
    const matching = matchTables(catalog([users.source, alembic.source]), catalog(targets), options)
    const { matching: after, findings } = settleRecords({ matching, options, occupied: [] })
    expect(after.matches).toHaveLength(2)
    expect(findings).toMatchObject([{ code: 'MIGRATION_RECORD', severity: 'note', table: 'alembic_version' }])
  }
})

test.each([
  ['migrations', 'id migration batch', true],
  ['migrations', 'id timestamp name', true],
  ['migrations', 'id name species', false],
  ['__EFMigrationsHistory', 'MigrationId ProductVersion', true],
  ['__EFMigrationsHistory', 'migration_id product_version', true],
  ['SequelizeMeta', 'name', true],
  ['names', 'name', false],
  ['schema_migrations', 'version', true],
  ['schema_migrations', 'id', false],
])('%s with %s: known by name and columns together', (name, columns, isRecord) => {
  const source = table(
    name,
    columns.split(' ').map((each) => column(each)),
  )
  const there = target(name, Object.fromEntries(columns.split(' ').map((each) => [each, 'text'])))
  const { findings, matching } = settled([users.source, source], [users.target, there])
  expect(findings).toHaveLength(isRecord ? 1 : 0)
  expect(matching.matches).toHaveLength(isRecord ? 1 : 2)
})
