import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { PostgresAddress } from './address.ts'
import { parseDatabase } from './parse-database.ts'
import { secretsOf } from './redact.ts'

let home: string
beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), 'rowferry-connect-'))
})
afterAll(() => rmSync(home, { recursive: true }))

function parse(text: string, env: Record<string, string> = {}, password?: string): PostgresAddress {
  const address = parseDatabase(text, { env, cwd: '/work', password })
  if (address.kind !== 'postgres') throw new Error(`${address.kind} is no PostgreSQL`)
  return address
}

test('every field of a full URL', () => {
  const url =
    'postgresql://shop%40eu:p%40s%2Fs@db.example.com:5440/my%20shop?sslmode=verify-full&sslrootcert=ca.pem&connect_timeout=3' +
    '&application_name=night%20run&options=-c%20search_path%3Dapp&channel_binding=require'
  expect(parse(url)).toEqual({
    kind: 'postgres',
    host: 'db.example.com',
    port: 5440,
    database: 'my shop',
    user: 'shop@eu',
    password: 'p@s/s',
    ssl: { mode: 'verify-full', rootCertificate: '/work/ca.pem' },
    applicationName: 'night run',
    connectTimeoutMs: 3000,
    options: '-c search_path=app',
    channelBinding: 'require',
    label: 'postgres://shop%40eu@db.example.com:5440/my%20shop',
  })
})

test.each(['postgres', 'postgresql', 'POSTGRES', 'postgis', 'jdbc:postgresql'])('%s:// is PostgreSQL', (scheme) => {
  expect(parse(`${scheme}://me@host/db`)).toMatchObject({ host: 'host', database: 'db', port: 5432 })
})

test.each(['psycopg', 'psycopg2', 'psycopg2cffi', 'asyncpg', 'pg8000', 'psycopg_async'])(
  'SQLAlchemy’s postgresql+%s://',
  (driver) => {
    const url = `postgresql+${driver}://mist_user:mist_pass@localhost:5440/learn?options=-c+lock_timeout%3D1s`
    expect(parse(url)).toMatchObject({
      user: 'mist_user',
      password: 'mist_pass',
      port: 5440,
      database: 'learn',
      options: '-c lock_timeout=1s',
    })
  },
)

test.each([
  ['', 'prefer'],
  ['sslmode=disable', 'disable'],
  ['sslmode=allow', 'prefer'],
  ['sslmode=prefer', 'prefer'],
  ['sslmode=require', 'require'],
  ['sslmode=verify-ca', 'verify-ca'],
  ['sslmode=verify-full', 'verify-full'],
  ['sslmode=require&sslrootcert=/ca.pem', 'verify-ca'],
  ['sslmode=prefer&sslrootcert=/ca.pem', 'prefer'],
  ['sslrootcert=system', 'verify-full'],
  ['sslmode=verify-full&sslrootcert=system', 'verify-full'],
  ['sslmode=no-verify', 'require'],
  ['ssl=true', 'require'],
  ['ssl=require', 'require'],
])('the TLS mode of ?%s is %s', (query, mode) => {
  expect(parse(`postgres://me@host/db?${query}`).ssl.mode).toBe(mode)
})

test('a root certificate in its usual place verifies what sslmode=require asks for, as in libpq', () => {
  const place = join(home, '.postgresql')
  mkdirSync(place)
  writeFileSync(join(place, 'root.crt'), '')
  const ssl = { mode: 'verify-ca', rootCertificate: join(place, 'root.crt') }
  expect(parse('postgres://me@host/db?sslmode=require', { HOME: home }).ssl).toEqual(ssl)
  expect(parse('postgres://me@host/db', { HOME: home }).ssl).toEqual({ mode: 'prefer', rootCertificate: null })
})

test.each([
  ['postgres://me@%2Fvar%2Frun%2Fpg/db', '/var/run/pg', 5432],
  ['postgres://me@/db?host=/var/run/pg', '/var/run/pg', 5432],
  ['postgres:///db?host=/var/run/pg&port=5433&user=me', '/var/run/pg', 5433],
])('%s is a Unix socket', (url, host, port) => {
  expect(parse(url)).toMatchObject({
    host,
    port,
    user: 'me',
    database: 'db',
    ssl: { mode: 'disable', rootCertificate: null },
    label: `postgres://me@/db?host=/var/run/pg&port=${port}`,
  })
})

test('IPv6', () => {
  expect(parse('postgres://me:pw@[2001:db8::1]:5433/db')).toMatchObject({
    host: '2001:db8::1',
    port: 5433,
    label: 'postgres://me@[2001:db8::1]:5433/db',
  })
  expect(parse('postgres://me@[fe80::1%25eth0]/db').host).toBe('fe80::1%eth0')
})

test('PG* variables fill what the URL leaves out, and nothing else', () => {
  const env = {
    PGHOST: 'from-env',
    PGPORT: '6000',
    PGUSER: 'env-user',
    PGPASSWORD: 'env-pass',
    PGDATABASE: 'env-db',
    PGSSLMODE: 'verify-ca',
    PGSSLROOTCERT: '/env.pem',
    PGAPPNAME: 'env-app',
    PGCONNECT_TIMEOUT: '0',
    PGOPTIONS: '-c geqo=off',
  }
  expect(parse('postgres://', env)).toEqual({
    kind: 'postgres',
    host: 'from-env',
    port: 6000,
    database: 'env-db',
    user: 'env-user',
    password: 'env-pass',
    ssl: { mode: 'verify-ca', rootCertificate: '/env.pem' },
    applicationName: 'env-app',
    connectTimeoutMs: 0,
    options: '-c geqo=off',
    label: 'postgres://env-user@from-env:6000/env-db',
  })
  const url = 'postgres://u:p@h:1/d?sslmode=require&sslrootcert=/u.pem&application_name=a&connect_timeout=1&options=-x'
  expect(parse(url, env)).toEqual(parse(url))
  expect(parse(url, env, 'asked for').password).toBe('asked for')
})

test('libpq’s defaults, and the name of this program', () => {
  expect(parse('postgres://me@host')).toMatchObject({
    port: 5432,
    database: 'me',
    password: null,
    applicationName: 'rowferry',
    connectTimeoutMs: 10_000,
    options: null,
  })
  expect(parse('postgres://me:@host/?schema=app').schema).toBe('app')
  expect(['localhost', '/var/run/postgresql', '/tmp']).toContain(parse('postgres://me@/db').host)
})

test('the password file, unless others may read it', () => {
  const file = join(home, '.pgpass')
  writeFileSync(file, '# mine\nhost:*:db:me:se\\:cret\n', { mode: 0o600 })
  expect(parse('postgres://me@host/db', { HOME: home }).password).toBe('se:cret')
  expect(parse('postgres://me@host/db', { PGPASSFILE: file }).password).toBe('se:cret')
  expect(parse(`postgres://me@host/db?passfile=${file}`).password).toBe('se:cret')
  expect(parse('postgres://me:url@host/db', { HOME: home }).password).toBe('url')
  expect(parse('postgres://me@host/other', { HOME: home }).password).toBeNull()
  if (process.platform === 'win32') return
  chmodSync(file, 0o640)
  expect(parse('postgres://me@host/db', { HOME: home })).toMatchObject({
    password: null,
    notes: [expect.stringContaining('chmod 600')],
  })
})

test.each([
  ['postgres://me@/db?host=h1,h2,h3&port=1,2', 'URL_INVALID', 'as many ports'],
  ['postgres://me:pw@/db?host=@abstract', 'URL_AMBIGUOUS', 'more than one way'],
  ['postgres://me@/db?host=%40abstract', 'URL_UNSUPPORTED', 'abstract'],
  ['postgres://me@host/db?sslmode=yes', 'URL_INVALID', 'sslmode'],
  ['postgres://me@host/db?sslmode=require&sslrootcert=system', 'URL_INVALID', 'system'],
  ['postgres://me@host/db?sslcert=/me.pem', 'URL_INVALID', 'its key'],
  ['postgres://me@host/db?service=x', 'URL_INVALID', 'service'],
  ['postgres://me@host/db?channel_binding=yes', 'URL_INVALID', 'channel_binding'],
  ['postgres://me@host/db?target_session_attrs=master', 'URL_INVALID', 'target_session_attrs'],
  ['postgres://me@host/db?gssencmode=require', 'URL_UNSUPPORTED', 'GSSAPI'],
  ['postgres://me@host/db?sslmod=require', 'URL_UNSUPPORTED', 'Parameter 1'],
  ['postgres://me@host/db?sslmode', 'URL_UNSUPPORTED', 'Parameter 1'],
  ['postgres://me@host/db?__proto__=x', 'URL_UNSUPPORTED', 'Parameter 1'],
  ['postgres://me@host/db?connect_timeout=soon', 'URL_INVALID', 'connect_timeout'],
  ['postgres://me@host/db?port=0', 'URL_INVALID', 'port'],
  ['postgres://me@host:70000/db', 'URL_INVALID', 'host and port'],
  ['postgres://me@::1/db', 'URL_INVALID', 'host and port'],
  ['postgres://me@host/db/more', 'URL_INVALID', 'path'],
  ['postgres://me@host/db#1', 'URL_AMBIGUOUS', '#'],
  ['postgres://me:%ff@host/db', 'URL_INVALID', 'UTF-8'],
  ['postgres://me:%00@host/db', 'URL_INVALID', 'UTF-8'],
])('%s is refused with %s', (url, code, message) => {
  expect(() => parse(url)).toThrow(expect.objectContaining({ code, message: expect.stringContaining(message) }))
})

test('a misspelt parameter is guessed', () => {
  expect(() => parse('postgres://me@host/db?slsmode=require')).toThrow(
    expect.objectContaining({ remedy: expect.stringContaining('Did you mean sslmode=…?') }),
  )
})

test.each([
  ['postgres://me@h1:1,h2:2/db', [1, 2]],
  ['postgres://me@h1,h2:2/db', [5432, 2]],
  ['postgres://me@/db?host=h1,h2&port=7', [7, 7]],
  ['postgres://me@/db?host=h1&host=h2', [5432, 5432]],
  ['jdbc:postgresql://h1,h2/db?user=me', [5432, 5432]],
])('several hosts: %s', (url, [first, second]) => {
  const address = parse(url)
  expect(address).toMatchObject({
    host: 'h1',
    port: first,
    others: [{ host: 'h2', port: second, password: null }],
    label: `postgres://me@h1:${first},h2:${second}/db`,
  })
  expect(address).not.toHaveProperty('sessionAttributes')
  expect(parse(`${url}${url.includes('?') ? '&' : '?'}target_session_attrs=primary`).sessionAttributes).toBe('primary')
})

test('each host has its own password in the password file, and no secret is forgotten', () => {
  const file = join(home, 'several.pgpass')
  writeFileSync(file, 'h1:*:*:*:first-one\n*:*:*:*:second-one\n', { mode: 0o600 })
  const address = parse(`postgres://me@h1,h2/db?passfile=${file}&sslcert=/c.pem&sslkey=/k.pem&sslpassword=third-one`)
  expect(address).toMatchObject({
    password: 'first-one',
    others: [{ host: 'h2', password: 'second-one' }],
    ssl: { client: { certificate: '/c.pem', key: '/k.pem', keyPassword: 'third-one' } },
  })
  expect(secretsOf(address).toSorted()).toEqual(['first-one', 'second-one', 'third-one'])
})

test('a connection service stands between the URL and the environment', () => {
  const file = join(home, 'services.conf')
  writeFileSync(
    file,
    '# ours\n[other]\nhost=wrong\n[shop]\nhost = db.example.com\nport=6000\nuser=keeper\npassword=p@ss\ndbname=shop\nsslmode=require\n\n[shop]\nhost=second\n',
  )
  const env = { PGSERVICEFILE: file, PGUSER: 'env', PGAPPNAME: 'env-app' }
  const expected = {
    host: 'db.example.com',
    port: 6000,
    user: 'keeper',
    password: 'p@ss',
    database: 'shop',
    applicationName: 'env-app',
  }
  expect(parse('postgres:///?service=shop', env)).toMatchObject({ ...expected, ssl: { mode: 'require' } })
  expect(parse('postgres://', { ...env, PGSERVICE: 'shop' })).toMatchObject(expected)
  expect(parse('postgres://me@host/db', { ...env, PGSERVICE: 'shop' })).toMatchObject({
    host: 'host',
    user: 'me',
    port: 6000,
  })
  expect(parse(`postgres://?service=shop&servicefile=${file}`, { PGAPPNAME: 'env-app' })).toMatchObject(expected)
  expect(() => parse('postgres://', { ...env, PGSERVICE: 'unknown' })).toThrow(
    expect.objectContaining({ code: 'URL_INVALID', remedy: expect.stringContaining(file) }),
  )
  writeFileSync(file, '[shop]\nldap://directory/secret\n')
  expect(() => parse('postgres://?service=shop', env)).toThrow(expect.objectContaining({ code: 'URL_UNSUPPORTED' }))
})
