import { PostgresError } from '@rowferry/postgres'
import { expect, test } from 'vitest'
import { columnOf, isRowRefusal, lineOf } from './refusal.ts'

const refused = (where: string) => new PostgresError('23505', 'no', { where })

test.each([
  ['t', 'COPY t, line 3, column id: "7"', 3],
  ['t', 'PL/pgSQL function f() line 9 at RAISE\nCOPY t, line 12', 12],
  ['t', 'COPY t, Zeile 4, Spalte id', 4],
  ['t', 'COPY t, строка 5', 5],
  ['a, line 7', 'COPY a, line 7, line 8', 8],
  ['t', 'SQL statement "insert into x values (1)"', null],
  ['t', 'COPY tt, line 3', null],
])('the line of %s in %j', (table, where, line) => {
  expect(lineOf(refused(where), table)).toBe(line)
})

test.each([
  ['COPY t, line 3, column price', 'price'],
  ['COPY t, Zeile 3, Spalte net price', 'net price'],
  ['COPY t, line 3', null],
  ['COPY t, line 3, column other', null],
  ['COPY tt, line 3, column price', null],
])('the column in %j', (where, column) => {
  expect(columnOf(refused(where), 't', ['3', 'price', 'net price'])).toBe(column)
})

test.each(['23505', '22003', '23P01', '54000'])('%s concerns a row', (code) => {
  expect(isRowRefusal(new PostgresError(code, ''))).toBe(true)
})

test.each(['22P04', '53100', '57014', '40P01', '08006', '25P02', '42501', 'TARGET_LOST', 'P0001'])(
  '%s does not',
  (code) => {
    expect(isRowRefusal(new PostgresError(code, ''))).toBe(false)
  },
)

test('what a trigger raises while COPY is at a row does', () => {
  expect(isRowRefusal(new PostgresError('P0001', '', { where: 'PL/pgSQL function f()\nCOPY t, line 2' }))).toBe(true)
})
