import fs from 'node:fs'
import path from 'node:path'
import { SourceError } from '@rowferry/source'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { database, folder, rowsOf } from '../test/fixture.ts'
import { openSqlite } from './index.ts'

const sql = `CREATE TABLE t (id INTEGER PRIMARY KEY, v); CREATE INDEX i ON t (v); CREATE TABLE w (k TEXT PRIMARY KEY, v) WITHOUT ROWID;
  WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 300) INSERT INTO t SELECT i, 'value ' || i FROM n;
  INSERT INTO w SELECT v, id FROM t; INSERT INTO t VALUES (1000, zeroblob(20000))`

test('whatever is damaged: rows, or a SourceError with a code; the file stays as it is', async () => {
  const sound = fs.readFileSync(database(sql))
  const dir = folder()
  let run = 0
  const outcomes = new Set<string>()
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.nat(sound.length - 1), fc.nat(255)), { minLength: 1, maxLength: 20 }),
      fc.boolean(),
      async (flips, integrityCheck) => {
        const bytes = Buffer.from(sound)
        for (const [at, value] of flips) bytes[at] = value
        const file = path.join(dir, `${(run += 1)}.db`)
        fs.writeFileSync(file, bytes)
        outcomes.add(await outcome(file, integrityCheck))
        expect(fs.readFileSync(file).equals(bytes)).toBe(true)
      },
    ),
    { numRuns: 150 },
  )
  expect([...outcomes].filter((code) => !code.startsWith('SOURCE_') && code !== 'read')).toEqual([])
  expect(outcomes).toContain('SOURCE_DAMAGED')
  expect(fs.readdirSync(dir)).toHaveLength(run)
})

async function outcome(file: string, integrityCheck: boolean): Promise<string> {
  try {
    const source = await openSqlite({ path: file, integrityCheck })
    try {
      await source.readCatalog()
      await rowsOf(source, 't', ['id', 'v'])
      await rowsOf(source, 'w', ['k', 'v'])
      return 'read'
    } finally {
      await source.close()
    }
  } catch (error) {
    return error instanceof SourceError ? error.code : String(error)
  }
}
