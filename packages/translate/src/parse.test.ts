import Database from 'better-sqlite3'
import fc from 'fast-check'
import { afterAll, expect, test } from 'vitest'
import { parseExpression } from './parse.ts'
import type { Expression } from './syntax.ts'

const sqlite = new Database(':memory:')
sqlite.exec("create table t(a, b, c); insert into t values (1, 'x', null), (0, 'X ', 2.5), (-3, '', 7)")
afterAll(() => sqlite.close())

/** The tree in SQLite's own language, every operation in parentheses. */
function print(node: Expression): string {
  const not = 'negated' in node && node.negated ? 'not ' : ''
  switch (node.kind) {
    case 'null':
      return 'null'
    case 'boolean':
      return String(node.value)
    case 'integer':
      return String(node.value)
    case 'real':
      return Number.isInteger(node.value) ? `${node.value}.0` : String(node.value)
    case 'string':
      return `'${node.value.replaceAll("'", "''")}'`
    case 'blob':
      return `x'${node.hex}'`
    case 'current':
      return `current_${node.what}`
    case 'name':
      return node.quote === null ? node.name : `"${node.name.replaceAll('"', '""')}"`
    case 'unary':
      return `(${node.operator} ${print(node.operand)})`
    case 'binary':
      return `(${print(node.left)} ${node.operator} ${print(node.right)})`
    case 'is':
      return `(${print(node.left)} is ${not}${print(node.right)})`
    case 'between':
      return `(${print(node.operand)} ${not}between ${print(node.low)} and ${print(node.high)})`
    case 'in':
      return `(${print(node.operand)} ${not}in (${node.list.map(print).join(', ')}))`
    case 'match':
      return `(${print(node.operand)} ${not}${node.operator} ${print(node.pattern)}${node.escape ? ` escape ${print(node.escape)}` : ''})`
    case 'case': {
      const branches = node.branches.map(({ when, result }) => `when ${print(when)} then ${print(result)}`).join(' ')
      const operand = node.operand ? `${print(node.operand)} ` : ''
      return `(case ${operand}${branches}${node.otherwise ? ` else ${print(node.otherwise)}` : ''} end)`
    }
    case 'cast':
      return `cast(${print(node.operand)} as ${node.type})`
    case 'collate':
      return `(${print(node.operand)} collate ${node.collation})`
    case 'call':
      return `${node.name}(${node.arguments.map(print).join(', ')})`
    default:
      throw new TypeError(`no ${node.kind} outside of a query`)
  }
}

const values = (expression: string): unknown =>
  sqlite.prepare(`select ${expression}, typeof(${expression}) from t`).raw().all()

const atom = fc.constantFrom(
  'a',
  'b',
  '"c"',
  '[a]',
  '1',
  '0',
  '2.5',
  "'x'",
  "'it''s'",
  "x'00ff'",
  'null',
  'true',
  '0x1F',
  '.5',
  '7.',
)
const operator = fc.constantFrom(
  ...'or and = == <> != < <= > >= & | << >> + - * / % || is like glob AND Or'.split(' '),
  'is not',
  'is distinct from',
  'is not distinct from',
  'not like',
)
const { expression } = fc.letrec<{ expression: string }>((tie) => ({
  expression: fc.oneof(
    { maxDepth: 5, withCrossShrink: true },
    atom,
    fc.tuple(tie('expression'), operator, tie('expression')).map((parts) => parts.join(' ')),
    fc.tuple(fc.constantFrom('not', '-', '+', '~'), tie('expression')).map((parts) => parts.join(' ')),
    fc
      .tuple(tie('expression'), fc.constantFrom('isnull', 'notnull', 'not null', 'collate nocase'))
      .map((parts) => parts.join(' ')),
    fc.tuple(tie('expression'), atom, atom).map(([one, low, high]) => `${one} between ${low} and ${high}`),
    fc.tuple(tie('expression'), atom, atom).map(([one, other, third]) => `${one} not in (${other}, ${third})`),
    tie('expression').map((one) => `(${one}) /* a comment */`),
    fc.tuple(tie('expression'), atom).map(([one, other]) => `case when ${one} then ${other} else 3 end`),
    fc.tuple(tie('expression'), atom).map(([one, other]) => `case ${other} when ${one} then 1 end`),
    tie('expression').map((one) => `coalesce(${one}, 'none')`),
    tie('expression').map((one) => `cast(${one} as varchar(10))`),
  ),
}))

test('SQLite reads the tree, in parentheses, as it reads the text', () => {
  fc.assert(
    fc.property(expression, (text) => {
      expect(values(print(parseExpression(text)))).toEqual(values(text))
    }),
    { numRuns: 3000 },
  )
})

test.each([
  ['1 + 2 * 3', '(1 + (2 * 3))'],
  ['not a = b', '(not (a = b))'],
  ['- a || b', '((- a) || b)'],
  ["a || b collate nocase = 'x'", "((a || (b collate nocase)) = 'x')"],
  ['a is not null and b', '((a is not null) and b)'],
  ['a between 1 and 2 and b', '((a between 1 and 2) and b)'],
  ['"x""y" = `z`', '("x""y" = "z")'],
  ['main.t."a"', '"a"'],
  ["a like 'x\\%' escape '\\'", "(a like 'x\\%' escape '\\')"],
  ['9223372036854775807 - 0xFFFFFFFFFFFFFFFF', '(9223372036854775807 - -1)'],
  ['9223372036854775808', '9223372036854776000.0'],
  ['-- first\n a', 'a'],
])('%s is read as %s', (text, tree) => {
  expect(print(parseExpression(text))).toBe(tree)
})

test.each([
  ['', 'ends too early'],
  ['a +', 'ends too early'],
  ['a b', 'not expected'],
  ['1abc', 'runs into a word'],
  ['(1, 2) = (3, 4)', 'not expected'],
  ['a in (select 1)', 'SELECT is not carried over'],
  ['exists (select 1)', 'EXISTS is not carried over'],
  ['count(*)', 'not carried over'],
  ['sum(a) over ()', 'OVER is not carried over'],
  ['?1', 'cannot be read'],
  ["'open", 'cannot be read'],
  ["x'0'", 'cannot be read|not expected'],
  ['('.repeat(1000), 'nested too deeply'],
])('%j is refused: %s', (text, message) => {
  expect(() => parseExpression(text)).toThrow(new RegExp(message))
})
