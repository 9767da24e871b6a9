import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseDatabase } from './parse-database.ts'
import { createRedactor, secretsOf } from './redact.ts'

const secret = fc.string({ unit: 'grapheme', minLength: 3 })
const encodings: readonly ((text: string) => string)[] = [
  (text) => text,
  (text) => encodeURIComponent(text),
  (text) => encodeURIComponent(encodeURIComponent(text)),
  (text) => encodeURIComponent(text).replaceAll(/%../g, (escape) => escape.toLowerCase()),
  (text) => [...Buffer.from(text)].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join(''),
  (text) => JSON.stringify(text).slice(1, -1),
  (text) => text.replaceAll("'", "''"),
]

test('no text that went through the redactor holds a secret, however it is encoded', () => {
  const parts = fc.array(fc.tuple(fc.string({ unit: 'grapheme' }), fc.nat(6), fc.nat(2)), { maxLength: 4 })
  fc.assert(
    fc.property(fc.array(secret, { minLength: 1, maxLength: 3 }), parts, (secrets, pieces) => {
      const text = pieces
        .map(([before, how, which]) => before + (encodings[how]?.(secrets[which % secrets.length] ?? '') ?? ''))
        .join('')
      const clean = createRedactor(secrets)(text)
      for (const hidden of secrets) for (const encode of encodings) expect(clean).not.toContain(encode(hidden))
    }),
    { numRuns: 500 },
  )
})

test('a text without secrets stays as it is', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom('a', 'b', 'c', ' ', '@', ':', '/') }), (text) => {
      expect(createRedactor(['XYZ@abcd/efg'])(text.replaceAll('abc', ''))).toBe(text.replaceAll('abc', ''))
    }),
  )
  expect(createRedactor([''])('as it is')).toBe('as it is')
  expect(createRedactor([])('as it is')).toBe('as it is')
})

test('what a wrongly cut URL shows of a secret is cut, too', () => {
  const redact = createRedactor(['hunter@pass#w/word'])
  expect(redact('getaddrinfo ENOTFOUND pass')).toBe('getaddrinfo ENOTFOUND ***')
  expect(redact('no host hunter%40pass%23w/word here')).toBe('no host *** here')
  expect(redact('words')).toBe('***s')
})

test('a secret too short to be one is cut where it stands alone', () => {
  expect(createRedactor(['x'])('max x=1 password=x')).toBe('max ***=1 password=***')
})

test('the label stays readable where the password is the user’s name', () => {
  const address = parseDatabase('postgres://postgres:postgres@localhost/shop', { env: {} })
  const redact = createRedactor(secretsOf(address), [address.label])
  expect(redact(`${address.label}: password "postgres" is wrong`)).toBe(`${address.label}: password "***" is wrong`)
})

test('the mark cannot itself make a secret', () => {
  expect(createRedactor(['***'])('a***b')).toBe('a•••b')
  expect(createRedactor(['x*y'])('xx*yy')).not.toContain('x*')
})

test('the secrets of an address', () => {
  const of = (url: string): readonly string[] => secretsOf(parseDatabase(url, { env: {} }))
  expect(of('postgres://me:p%40ss@host/db')).toEqual(['p@ss'])
  expect(of('postgres://me@host/db?password=p%26ss')).toEqual(['p&ss'])
  expect(of('postgres://me@host/db')).toEqual([])
  expect(of('mysql://me:p%40ss@host/db?ssl-key-password=k%26y&charset=utf8')).toEqual(['p@ss', 'k&y'])
  expect(of('app.db')).toEqual([])
  expect(of('pglite:memory')).toEqual([])
})

test('a secret with line breaks and tabs is cut out of JSON, too', () => {
  const hidden = 'first\n\t\r\b\flast'
  expect(createRedactor([hidden])(JSON.stringify({ secret: hidden }))).toBe('{"secret":"***"}')
})
