import { describe, expect, test } from 'vitest'
import { readOptions } from './options.ts'

test('a URL is taken apart', () => {
  const { connection, label, database, sslMode } = readOptions({
    url: 'mysql://me:p%40ss%2F@db.example:3307/shop%20one',
  })
  expect(connection).toMatchObject({
    host: 'db.example',
    port: 3307,
    user: 'me',
    password: 'p@ss/',
    database: 'shop one',
  })
  expect({ label, database, sslMode }).toEqual({
    label: 'mysql://me@db.example:3307/shop one',
    database: 'shop one',
    sslMode: 'preferred',
  })
})

test('an IPv6 address, a socket, a timeout', () => {
  expect(readOptions({ url: 'mariadb://[::1]/d' }).connection).toMatchObject({ host: '::1', port: 3306 })
  const { connection } = readOptions({ url: 'mysql://me@localhost/d?socket=/run/mysqld.sock&connect-timeout=3' })
  expect(connection).toMatchObject({ socketPath: '/run/mysqld.sock', connectTimeout: 3000 })
  expect(connection).not.toHaveProperty('host')
})

describe('TLS', () => {
  test.each([
    ['', 'preferred', { rejectUnauthorized: false, verifyIdentity: false }],
    ['?ssl-mode=DISABLED', 'disabled', undefined],
    ['?ssl-mode=REQUIRED', 'required', { rejectUnauthorized: false, verifyIdentity: false }],
    ['?sslmode=require', 'required', { rejectUnauthorized: false, verifyIdentity: false }],
    ['?ssl-mode=VERIFY_CA', 'verify_ca', { rejectUnauthorized: true, verifyIdentity: false }],
    ['?sslmode=verify-full', 'verify_identity', { rejectUnauthorized: true, verifyIdentity: true }],
    ['?sslaccept=strict', 'verify_identity', { rejectUnauthorized: true, verifyIdentity: true }],
  ])('%s', (query, mode, ssl) => {
    const { connection, sslMode } = readOptions({ url: `mysql://h/d${query}` })
    expect(sslMode).toBe(mode)
    expect(connection.ssl).toEqual(ssl)
  })
})

test.each([
  ['postgres://h/d', /cannot be read/],
  ['mysql://me:secret@h', /names no database/],
  ['mysql://me:secret@h/d?ssl-mode=perhaps', /perhaps/],
  ['mysql://me:secret@h/d?ssl-mode=VERIFY_CA&ssl-ca=/no/such.pem', /such\.pem/],
])('%s is refused, without its password', (url, words) => {
  expect(() => readOptions({ url })).toThrow(
    expect.objectContaining({ code: 'SOURCE_URL_INVALID', message: expect.stringMatching(words) }),
  )
  expect(() => readOptions({ url })).not.toThrow(/secret/)
})
