import { expect, test } from 'vitest'
import type { NotCarried } from './definition/input.ts'
import { columnId, homelessFindings } from './homeless.ts'
import { column, table } from './testing.ts'

const users = table('users', [])
const judge = (given: object, stored?: number) => {
  const notCarried: NotCarried[] = []
  const each = {
    table: users,
    column: column('old'),
    asked: false,
    lacks: { table: users.name, column: 'old' },
    ...given,
  }
  const counts = new Map(stored === undefined ? [] : [[columnId(users, 'old'), stored]])
  const [found] = homelessFindings([each], counts, notCarried)
  return [found!.code, found!.severity, found!.count, notCarried.length]
}

test.each([
  ['values would be lost', judge({}, 3), ['COLUMN_MISSING', 'refuse', null, 0]],
  ['nobody counted', judge({}), ['COLUMN_MISSING', 'refuse', null, 0]],
  ['all is NULL', judge({}, 0), ['COLUMN_EMPTY', 'note', null, 0]],
  ['there is no row', judge({ table: { ...users, rowEstimate: 0 } }), ['COLUMN_EMPTY', 'note', null, 0]],
  ['it was named', judge({ asked: true }, 3), ['COLUMN_DROPPED', 'lossy', 3, 1]],
  ['it was named, and nobody counted', judge({ asked: true }), ['COLUMN_DROPPED', 'lossy', null, 1]],
  ['it was named and is empty', judge({ asked: true }, 0), ['COLUMN_DROPPED', 'note', 0, 1]],
  [
    'the source computes it',
    judge({ column: column('old', { generated: { kind: 'virtual', expression: '1' } }) }, 3),
    ['COLUMN_MISSING', 'note', null, 0],
  ],
])('a column without a home, where %s', (_, found, expected) => {
  expect(found).toEqual(expected)
})
