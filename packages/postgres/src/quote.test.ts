import { expect, test } from 'vitest'
import { quoteCollation, quoteColumns, quoteIdentifier, quoteLiteral, quoteTable } from './quote.ts'

test('names keep their case, blanks and quotes', () => {
  expect(quoteIdentifier('Select "x"; drop table y')).toBe('"Select ""x""; drop table y"')
  expect(quoteTable({ schema: 'a.b', name: 'c"d' })).toBe('"a.b"."c""d"')
  expect(quoteColumns(['a', 'B c'])).toBe('"a", "B c"')
})

test('a backslash makes an escape string, a quote is doubled', () => {
  expect(quoteLiteral("it's")).toBe("'it''s'")
  expect(quoteLiteral("\\' or 1=1 --")).toBe("E'\\\\'' or 1=1 --'")
})

test('a NUL is refused, since the server would see the statement end there', () => {
  expect(() => quoteIdentifier('a\0b')).toThrow(expect.objectContaining({ code: 'NUL_IN_SQL' }))
  expect(() => quoteLiteral('a\0b')).toThrow(expect.objectContaining({ code: 'NUL_IN_SQL' }))
})

test.each([
  ['C', '"C"'],
  ['en_US.utf8', '"en_US.utf8"'],
  ['C.UTF-8', '"C.UTF-8"'],
  ['ca_ES.utf8@valencia', '"ca_ES.utf8@valencia"'],
  ['de-x-icu', '"de-x-icu"'],
  ['public.no case', '"public"."no case"'],
  ['public.a.b', '"public"."a.b"'],
])('the collation %s is %s', (name, quoted) => {
  expect(quoteCollation(name)).toBe(quoted)
})
