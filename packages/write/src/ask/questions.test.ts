import fc from 'fast-check'
import { expect, test } from 'vitest'
import { withValue } from './questions.ts'

test('VALUE is replaced as a word of its own, and nowhere else', () => {
  expect(withValue(`((VALUE)::text ~ E'VALUE\\'VALUE'::text)`, 'child."a"')).toBe(
    `((child."a")::text ~ E'VALUE\\'VALUE'::text)`,
  )
  expect(withValue(`(VALUE <> 'it''s VALUE' AND "VALUE"(VALUE) AND MY_VALUE)`, 'x')).toBe(
    `(x <> 'it''s VALUE' AND "VALUE"(x) AND MY_VALUE)`,
  )
})

test('what stands in quotes stays as it is', () => {
  const quoted = fc.oneof(
    fc.string().map((text) => `'${text.replaceAll("'", "''")}'`),
    fc.string().map((text) => `"${text.replaceAll('"', '""')}"`),
    fc.string().map((text) => `E'${text.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`),
  )
  fc.assert(
    fc.property(fc.array(fc.tuple(quoted, fc.boolean())), (parts) => {
      const text = (value: string) => parts.map(([part, before]) => `${before ? value : 'x'} < ${part}`).join(' AND ')
      expect(withValue(text('VALUE'), '$1$')).toBe(text('$1$'))
    }),
  )
})
