import fc from 'fast-check'
import { expect, test } from 'vitest'
import { findPassword, readPasswordFile } from './pgpass.ts'

const question = { host: 'db', port: 5432, database: 'shop', user: 'me' }

test('the first line that matches is taken', () => {
  expect(findPassword('db:5433:shop:me:no\nother:*:*:*:no\n*:*:shop:me:yes\n*:*:*:*:late', question)).toBe('yes')
  expect(findPassword('#db:5432:shop:me:no\ndb:5432:shop\n\n', question)).toBeNull()
  expect(findPassword('*:*:*:*:', question)).toBe('')
})

test('a file that cannot even be looked at is none', () => {
  // For root nothing is forbidden; too long a name fails alike
  const answer = readPasswordFile(question, {}, `/${'x'.repeat(300)}`)
  expect(answer).toEqual({ password: null, note: null })
})

test('a Unix socket also answers to localhost', () => {
  expect(findPassword('localhost:*:*:*:yes', { ...question, host: '/tmp' })).toBe('yes')
  expect(findPassword('/tmp:*:*:*:yes', { ...question, host: '/tmp' })).toBe('yes')
  expect(findPassword('localhost:*:*:*:no', question)).toBeNull()
})

test('whatever is escaped comes back as it was', () => {
  const text = fc.string({ unit: fc.constantFrom('a', 'b', ':', '\\', '*', '#') })
  const escape = (value: string): string => value.replaceAll(/[\\:]/g, String.raw`\$&`)
  fc.assert(
    fc.property(text, text, (user, password) => {
      const line = `db:5432:shop:${escape(user)}:${escape(password)}`
      expect(findPassword(line, { ...question, user })).toBe(password)
    }),
  )
})
