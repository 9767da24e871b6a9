import assert from 'node:assert/strict'
import type { Scenario } from '../scenario.ts'
import { table, tableOf } from '../scenario.ts'
import { awkwardNames } from './samples.ts'

const users = table('users', { id: 'integer', name: 'text?', score: 'real?', photo: 'bytes?' })
const visits = table(
  'visits',
  { day: 'integer', place: 'integer', user_id: 'integer?' },
  { primaryKey: ['place', 'day'], foreignKeys: [{ columns: ['user_id'], parent: 'users', parentColumns: ['id'] }] },
)

export const catalogScenarios = {
  'catalog/tables-and-columns-in-order': {
    async run(stage) {
      const source = await (await stage.seed(users, visits)).open()
      for (const seeded of [users, visits]) {
        const { columns } = await tableOf(source, seeded.name)
        assert.deepEqual(
          columns.map(({ name }) => name),
          seeded.columns.map(({ name }) => name),
        )
        assert.deepEqual(
          columns.map(({ position }) => position),
          seeded.columns.map((_, at) => at + 1),
        )
      }
    },
  },
  'catalog/declared-types-verbatim': {
    async run(stage) {
      const source = await (await stage.seed(users)).open()
      const { columns } = await tableOf(source, 'users')
      assert.deepEqual(
        columns.map((column) => column.declaredType),
        users.columns.map(({ kind }) => stage.harness.declaredTypes[kind]),
      )
    },
  },
  'catalog/nullability': {
    async run(stage) {
      const source = await (await stage.seed(users)).open()
      const { columns } = await tableOf(source, 'users')
      assert.deepEqual(
        columns.map(({ nullable }) => nullable),
        [false, true, true, true],
      )
    },
  },
  'catalog/primary-keys-in-key-order': {
    async run(stage) {
      const keyless = table('log', { line: 'text' }, { primaryKey: [] })
      const source = await (await stage.seed(users, visits, keyless)).open()
      assert.deepEqual((await tableOf(source, 'users')).primaryKey?.columns, ['id'])
      assert.deepEqual((await tableOf(source, 'visits')).primaryKey?.columns, ['place', 'day'])
      assert.equal((await tableOf(source, 'log')).primaryKey, null)
    },
  },
  'catalog/foreign-keys': {
    async run(stage) {
      const source = await (await stage.seed(users, visits)).open()
      const [parent, child] = [await tableOf(source, 'users'), await tableOf(source, 'visits')]
      const said = child.foreignKeys.map(({ columns, references, referencedColumns }) => ({
        columns,
        references,
        referencedColumns,
      }))
      assert.deepEqual(said, [{ columns: ['user_id'], references: parent.name, referencedColumns: ['id'] }])
      assert.deepEqual(parent.foreignKeys, [])
    },
  },
  'catalog/awkward-names': {
    async run(stage) {
      const tables = awkwardNames.map((name) => table(name, { id: 'integer', [`${name} column`]: 'text?' }))
      const source = await (await stage.seed(...tables)).open()
      for (const name of awkwardNames) {
        assert.deepEqual(
          (await tableOf(source, name)).columns.map((column) => column.name),
          ['id', `${name} column`],
        )
      }
    },
  },
  'catalog/nothing-but-the-users-tables': {
    async run(stage) {
      // The name is fit to be taken for an internal one by a filter with a wildcard
      const mine = table('sqlitestats', { id: 'integer' })
      const source = await (await stage.seed(users, mine)).open()
      const { tables, views } = await source.readCatalog()
      assert.deepEqual(tables.map(({ name }) => name.name).toSorted(), ['sqlitestats', 'users'])
      assert.deepEqual(views, [])
    },
  },
  'catalog/plain-data': {
    async run(stage) {
      const source = await (await stage.seed(users, visits)).open()
      const catalog = await source.readCatalog()
      assert.deepEqual(JSON.parse(JSON.stringify(catalog)), catalog)
    },
  },
} satisfies Record<string, Scenario>
