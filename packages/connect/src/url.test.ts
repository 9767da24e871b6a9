import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ConnectError } from './error.ts'
import { parseDatabase } from './parse-database.ts'

const parse = (url: string) => parseDatabase(url, { env: { PGUSER: 'me' }, cwd: '/work' })
// No letter of these is in any message of ours
const rawPassword = fc
  .array(fc.constantFrom('Q', 'X', 'Z', '7', '@', ':', '/', '?', '#', '%', '&', '=', '[', ']', ' '), {
    minLength: 1,
    maxLength: 12,
  })
  .map((characters) => characters.join(''))

test('whatever is percent-encoded comes back as it was', () => {
  const text = fc.string({ unit: 'grapheme', minLength: 1 }).filter((value) => !value.includes('\0'))
  fc.assert(
    fc.property(text, text, text, fc.domain(), (user, password, database, host) => {
      const [u, p, d] = [user, password, database].map((part) => encodeURIComponent(part))
      expect(parse(`postgres://${u}:${p}@${host}/${d}`)).toMatchObject({ user, password, database, host })
    }),
  )
})

const reading = (url: string): unknown => {
  try {
    return parse(url)
  } catch (error) {
    return error
  }
}

test('a password that nobody encoded is read exactly or refused, and no piece of it is shown', () => {
  let refused = 0
  fc.assert(
    fc.property(rawPassword, fc.constantFrom('/db', '', '/db?sslmode=require', ':5433/db'), (password, tail) => {
      fc.pre(!/%[0-9A-F]{2}/i.test(password))
      const result = reading(`postgres://shop:${password}@host${tail}`)
      const isRefused = result instanceof ConnectError && result.code === 'URL_AMBIGUOUS'
      refused += Number(isRefused)
      expect(isRefused ? { user: 'shop', password, host: 'host' } : result).toMatchObject({
        user: 'shop',
        password,
        host: 'host',
      })
      expect(isRefused ? `${result.message} ${result.remedy}` : '').not.toMatch(/[QXZ]/)
    }),
    { numRuns: 2000 },
  )
  // Most passwords leave only one reading
  expect(refused).toBeLessThan(1000)
})

test.each(['p@ss', 'p@@', 'a#b', 'a?b', 'a/b', '100%', '[x]', ':', 'a&b=c'])('%s needs no encoding', (password) => {
  expect(parse(`postgres://shop:${password}@host/db`)).toMatchObject({ password, host: 'host', database: 'db' })
})

test.each([
  ['12/x', 'reads as port 12 and a database'],
  ['/x', 'reads as an empty port and a database'],
  ['a@b/c', 'reads as host b'],
  ['a%2Fb@c', 'is encoded in part'],
  ['a%2Fb%', 'is encoded in part'],
])('%s is refused, since it %s', (password) => {
  expect(() => parse(`postgres://shop:${password}@host/db`)).toThrow(
    expect.objectContaining({ code: 'URL_AMBIGUOUS', remedy: expect.stringContaining('@ as %40') }),
  )
})

test('a user name may hold an @', () => {
  expect(parse('postgres://shop@server:secret@host/db')).toMatchObject({ user: 'shop@server', password: 'secret' })
})
