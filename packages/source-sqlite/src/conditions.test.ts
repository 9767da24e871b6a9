import { expect, test } from 'vitest'
import { database, open, rowsOf } from '../test/fixture.ts'

const conditions = new Map([
  ['check', { expression: 'v > 1 -- more than one', orUnknown: true }],
  ['where', { expression: 'v > 1', orUnknown: false }],
])

test.each(['integer primary key', 'text primary key'])(
  'a condition is read as 1 or 0, where the key is %s',
  async (key) => {
    const rest = key.startsWith('text') ? ' without rowid' : ''
    const source = await open(
      database(
        `create table t (k ${key}, v)${rest}; insert into t values (1, 2), (2, 1), (3, null), (4, 'x'), (5, 0.5)`,
      ),
    )
    const rows = await rowsOf(source, 't', ['v', 'check', 'where'], { conditions })
    expect(rows).toEqual([
      [2, 1, 1],
      [1, 0, 0],
      [null, 1, 0],
      ['x', 1, 1],
      [0.5, 0, 0],
    ])
  },
)

test('a condition that cannot be read is an error of the source', async () => {
  const source = await open(database('create table t (v); insert into t values (1)'))
  const asked = new Map([['c', { expression: 'app(v)', orUnknown: true }]])
  await expect(rowsOf(source, 't', ['c'], { conditions: asked })).rejects.toMatchObject({ name: 'SourceError' })
})
