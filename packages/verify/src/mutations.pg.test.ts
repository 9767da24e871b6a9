import type { Session } from '@rowferry/postgres'
import { useDatabase } from '@rowferry/vitest-preset/database'
import fc from 'fast-check'
import { afterAll, beforeEach, expect, test } from 'vitest'
import {
  createTable,
  expectedTable,
  insertRows,
  rowOfAll,
  sourceColumns,
  storedRows,
  typeCases,
} from '../test/all-types.ts'
import { memorySource } from '../test/memory-source.ts'
import { sessionOn } from '../test/pg-session.ts'
import { verifyTable } from './verify-table.ts'

const database = useDatabase()
let session: Session | undefined

const rows = fc.sample(rowOfAll, { numRuns: 60, seed: 7 })
const source = memorySource({ columns: sourceColumns, rows: storedRows(rows) })
const table = 'public."All ""types"'
const name = (column: number): string => `"${typeCases[column]!.name} ""x"`

beforeEach(async () => {
  if (session !== undefined) return
  session = await sessionOn(database.url)
  await session.query(`begin; set local search_path = public; ${createTable}; ${insertRows(rows)}; savepoint whole`)
})
afterAll(() => session?.close())

const verify = (key: readonly string[]) =>
  verifyTable({ expected: expectedTable({ key }), source, session: session!, level: 'full' })

/** Runs the damage, then the check, then undoes it. False when the damage changed nothing. */
async function damaged(sql: string, check: () => Promise<void>): Promise<boolean> {
  const [changed] = await session!.query(`with changed as (${sql} returning 1) select count(*) from changed`)
  try {
    if (changed!['count'] === '0') return false
    await check()
    return true
  } finally {
    await session!.query('rollback to whole')
  }
}

const some = fc.record({
  id: fc.integer({ min: 1, max: 60 }),
  other: fc.integer({ min: 1, max: 60 }),
  column: fc.nat(typeCases.length - 1),
  keyed: fc.boolean(),
})

/** Does the cell change as PostgreSQL prints it? Of numeric, 1.0 and 1 are the same whole number. */
const changes = (column: number, to: string): string => {
  const cast = typeCases[column]!.name === 'n' ? 'numeric' : 'text'
  return `${name(column)}::${cast} is distinct from (${to})::${typeCases[column]!.declared}::${cast}`
}

test('one changed cell is found at its key and column', async () => {
  let found = 0
  await fc.assert(
    fc.asyncProperty(some, fc.nat(), async ({ id, column, keyed }, seed) => {
      const [{ sql } = { sql: 'NULL' }] = fc.sample(typeCases[column]!.cells, { numRuns: 1, seed })
      const done = await damaged(
        `update ${table} set ${name(column)} = ${sql} where id = ${id} and ${changes(column, sql)}`,
        async () => {
          const verdict = await verify(keyed ? ['id'] : [])
          expect(verdict).toMatchObject({
            equal: false,
            ...(keyed ? { missing: 0, extra: 0, different: 1 } : { missing: 1, extra: 1, different: 0 }),
          })
          const named = [{ kind: 'different', key: `id=${id}`, column: `${typeCases[column]!.name} "x` }]
          const both = [{ kind: 'missing', key: `row ${id}` }, { kind: 'extra' }]
          expect(verdict.mismatches).toMatchObject(keyed ? named : both)
        },
      )
      if (done) found += 1
    }),
    { numRuns: 220, endOnFailure: true },
  )
  expect(found).toBeGreaterThan(140)
})

test('one cell that arrived otherwise is found without leaving step', async () => {
  let inStep = 0
  for (const [column, { name: short }] of typeCases.entries()) {
    const id = column + 3
    const changed = rows.map((row, i) =>
      i + 1 === id
        ? row.map((cell, j) =>
            j === column
              ? {
                  stored: null,
                  sql:
                    cell.stored === null || cell.sql === 'NULL'
                      ? rows.find((each) => each[j]!.sql !== 'NULL')![j]!.sql
                      : 'NULL',
                }
              : cell,
          )
        : row,
    )
    await session!.query(`truncate ${table}; ${insertRows(changed)}`)
    const verdict = await verify(['id'])
    await session!.query('rollback to whole')
    expect(verdict).toMatchObject({
      equal: false,
      different: 1,
      mismatches: [{ kind: 'different', key: `id=${id}`, column: `${short} "x` }],
    })
    if (verdict.method === 'lock-step') inStep += 1
  }
  // INSERT may put a small row into an earlier page's gap
  expect(inStep).toBeGreaterThan(12)
})

test('a deleted row is missing', async () => {
  await fc.assert(
    fc.asyncProperty(some, async ({ id, keyed }) => {
      await damaged(`delete from ${table} where id = ${id}`, async () => {
        const verdict = await verify(keyed ? ['id'] : [])
        expect(verdict).toMatchObject({ equal: false, missing: 1, extra: 0, different: 0, targetRows: 59 })
        expect(verdict.mismatches).toMatchObject([{ kind: 'missing', key: keyed ? `id=${id}` : `row ${id}` }])
      })
    }),
    { numRuns: 40, endOnFailure: true },
  )
})

test('a row that is there twice is extra', async () => {
  await fc.assert(
    fc.asyncProperty(some, async ({ id, keyed }) => {
      await damaged(`insert into ${table} select * from ${table} where id = ${id}`, async () => {
        const verdict = await verify(keyed ? ['id'] : [])
        expect(verdict).toMatchObject({ equal: false, missing: 0, extra: 1, different: 0, targetRows: 61 })
        expect(verdict.mismatches).toMatchObject([{ kind: 'extra', key: keyed ? `id=${id}` : 'target row 61' }])
      })
    }),
    { numRuns: 40, endOnFailure: true },
  )
})

test('a value swapped between two rows is found in both', async () => {
  let found = 0
  await fc.assert(
    fc.asyncProperty(some, async ({ id, other, column, keyed }) => {
      const cell = name(column)
      const of = (which: number): string => `(select ${cell} from ${table} where id = ${which})`
      const sql = `update ${table} set ${cell} = case id when ${id} then ${of(other)} else ${of(id)} end where id in (${id}, ${other}) and ${changes(column, of(id)).replace(name(column), of(other))}`
      const done = await damaged(sql, async () => {
        const verdict = await verify(keyed ? ['id'] : [])
        expect(verdict).toMatchObject({
          equal: false,
          ...(keyed ? { missing: 0, extra: 0, different: 2 } : { missing: 2, extra: 2, different: 0 }),
        })
        const keys = verdict.mismatches.filter(({ kind }) => kind !== 'extra').map(({ key }) => key)
        expect(keys).toEqual(
          [id, other].toSorted((a, b) => a - b).map((each) => (keyed ? `id=${each}` : `row ${each}`)),
        )
      })
      if (done) found += 1
    }),
    { numRuns: 110, endOnFailure: true },
  )
  expect(found).toBeGreaterThan(60)
})
