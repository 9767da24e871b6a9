import { expect, test } from 'vitest'
import type { ExpressionColumn } from '../term.ts'
import { translateMysqlExpression } from './expression.ts'

const columns: ExpressionColumn[] = [
  { name: 'a', target: 'a', type: 'integer', declaredType: 'int(11)' },
  { name: 'b', target: 'B b', type: 'bigint', declaredType: 'bigint' },
  { name: 'price', target: 'price', type: 'numeric(10,2)', declaredType: 'decimal(10,2)' },
  { name: 'on', target: 'on', type: 'boolean', declaredType: 'tinyint(1)' },
  { name: 'state', target: 'state', type: 'text', declaredType: "enum('new','it''s')" },
  { name: 'name', target: 'name', type: 'character varying(20)', declaredType: 'varchar(20)' },
  { name: 'doc', target: 'doc', type: 'jsonb', declaredType: 'longtext' },
  { name: 'ratio', target: 'ratio', type: 'double precision', declaredType: 'double' },
]
const check = (expression: string) => translateMysqlExpression(expression, { columns, use: 'check' })

test.each([
  ['`a` > 0', '("a"::bigint > 0)'],
  ['`a` >= 1 and `b` <= `a`', '(("a"::bigint >= 1) AND ("B b" <= "a"::bigint))'],
  ['`price` between 0.5 and 100', '("price" BETWEEN 0.5 AND 100)'],
  ['`a` is not null or `b` != 3', '(("a"::bigint IS NOT NULL) OR ("B b" <> 3))'],
  ['not `a` in (1,2,-3)', '(NOT ("a"::bigint IN (1, 2, (-3))))'],
  ['`on` in (0,1)', '("on" IN (false, true))'],
  ['`on` = 1', '("on" = true)'],
  ["`state` in ('new','it''s')", `("state" IN ('new', 'it''s'))`],
  ['`a` * 2 + 1 < `b`', '((("a"::bigint * 2) + 1) < "B b")'],
  ['json_valid(`doc`)', ''],
  ['json_valid(`doc`) and `a` > 0', '("a"::bigint > 0)'],
])('%s', (expression, sql) => {
  expect(check(expression)).toMatchObject({ ok: true, sql })
})

test.each([
  // Compared by a collation
  "`name` = 'x'",
  "`name` in ('a','b')",
  "`state` > 'new'",
  // Whole numbers divided give a fraction there, and a whole number here
  '`a` / 2 > 1',
  '`a` % 2 = 0',
  // || is OR there
  '`a` || `b`',
  '`a` and `b`',
  '`a` <=> 1',
  '`ratio` > 0.5',
  'char_length(`name`) > 2',
  '`missing` > 1',
  '`a` > 0 `b`',
  '`on` = 2',
  '(`a` > 0',
])('%s is listed', (expression) => {
  expect(check(expression)).toMatchObject({ ok: false, reason: expect.any(String) })
})

test('an index by the first characters is one by left()', () => {
  expect(translateMysqlExpression('left(`name`, 5)', { columns, use: 'index' })).toMatchObject({
    ok: true,
    sql: 'left("name", 5)',
  })
  expect(translateMysqlExpression('left(`doc`, 5)', { columns, use: 'index' })).toMatchObject({ ok: false })
})
