import { createMysqlDatabase, mysqlServer, needsMysql } from '@rowferry/vitest-preset/mysql'
import { describeSource, type SourceHarness } from '@rowferry/source-conformance'
import { describe, test } from 'vitest'
import { createTable, declaredTypesOf, insertInto } from '../test/seed.ts'
import { openMysql } from './index.ts'

const server = mysqlServer()
const mariadb = 'version' in server && /mariadb/i.test(server.version)

const harness: SourceHarness = {
  supports: { snapshot: true, aggregates: true, orphans: true, resume: true, conditions: true },
  declaredTypes: declaredTypesOf(mariadb),
  async seed(tables) {
    const database = await createMysqlDatabase()
    const statements = tables.flatMap((table) => [
      createTable(table, mariadb),
      ...table.rows.map((row) => insertInto(table.name, [row])),
    ])
    await database.run(`SET foreign_key_checks = 0; ${statements.join(';\n')}`)
    return {
      open: () => openMysql({ url: database.url }),
      insert: (table, rows) => database.run(insertInto(table, rows)),
      remove: () => database[Symbol.asyncDispose](),
    }
  },
}

describe('a MySQL database', () => {
  needsMysql()
  describeSource({ test, harness })
})
