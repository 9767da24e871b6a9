import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { DatabaseAddress } from './address.ts'
import { parseDatabase, type ParseOptions } from './parse-database.ts'

const parse = (text: string, options: ParseOptions = {}): DatabaseAddress =>
  parseDatabase(text, { env: { PGUSER: 'me' }, cwd: '/work', ...options })

test.each([
  ['app.db', '/work/app.db'],
  ['./data/app.db', '/work/data/app.db'],
  ['/data/app.db', '/data/app.db'],
  [' app.db\n', '/work/app.db'],
  ['a b%20?#.db', '/work/a b%20?#.db'],
  ['./odd:name.db', '/work/odd:name.db'],
  ['sqlite:app.db', '/work/app.db'],
  ['sqlite://app.db', '/work/app.db'],
  ['sqlite:///app.db', '/work/app.db'],
  ['sqlite:///./app.db', '/work/app.db'],
  ['sqlite:///../app.db', '/app.db'],
  ['sqlite:////data/app.db', '/data/app.db'],
  ['SQLITE:////data/app.db', '/data/app.db'],
  ['sqlite3:///app.db', '/work/app.db'],
  ['sqlite+aiosqlite:///./app.db?check_same_thread=false', '/work/app.db'],
  ['sqlite:///file:data/app.db?mode=ro&uri=true', '/work/data/app.db'],
  ['jdbc:sqlite:app.db', '/work/app.db'],
  ['file:app.db', '/work/app.db'],
  ['file:./dev.db?connection_limit=1', '/work/dev.db'],
  ['file:/data/app.db', '/data/app.db'],
  ['file:///data/app.db', '/data/app.db'],
  ['file://localhost/data/app.db', '/data/app.db'],
  ['file:///data/me@home/my%20app.db', '/data/me@home/my app.db'],
  [String.raw`C:\data\app.db`, String.raw`C:\data\app.db`],
  ['C:/data/app.db', String.raw`C:\data\app.db`],
  ['file:///C:/data/app.db', String.raw`C:\data\app.db`],
  ['sqlite:///C:/data/app.db', String.raw`C:\data\app.db`],
])('%s is the SQLite file %s', (text, path) => {
  expect(parse(text)).toEqual({ kind: 'sqlite', path, label: path })
})

test('a relative path on Windows', () => {
  expect(parse(String.raw`data\app.db`, { cwd: String.raw`D:\work` })).toMatchObject({
    path: String.raw`D:\work\data\app.db`,
  })
})

test('of sqlite:///a%20b.db the file that exists is meant', () => {
  const cwd = mkdtempSync(join(tmpdir(), 'rowferry-connect-'))
  try {
    expect(parse('sqlite:///a%20b.db', { cwd })).toMatchObject({ path: join(cwd, 'a%20b.db') })
    writeFileSync(join(cwd, 'a b.db'), '')
    expect(parse('sqlite:///a%20b.db', { cwd })).toMatchObject({ path: join(cwd, 'a b.db') })
    writeFileSync(join(cwd, 'a%20b.db'), '')
    expect(parse('sqlite:///a%20b.db', { cwd })).toMatchObject({ path: join(cwd, 'a%20b.db') })
  } finally {
    rmSync(cwd, { recursive: true })
  }
})

test.each([
  ['pglite://./data', '/work/data'],
  ['pglite:data', '/work/data'],
  ['pglite:///data', '/data'],
  ['pglite:./memory', '/work/memory'],
  ['pglite:memory', 'memory://'],
  ['pglite://memory', 'memory://'],
  ['memory://', 'memory://'],
])('%s is PGlite in %s', (text, folder) => {
  expect(parse(text)).toMatchObject({ kind: 'pglite', folder })
})

test.each([
  ['mysql://root:hunter2@db:3306/shop?charset=utf8mb4', 'mysql', 'mysql://root@db:3306/shop'],
  ['mysql+pymysql://root:hunter2@db/shop', 'mysql', 'mysql://root@db/shop'],
  ['mariadb://root:p%40ss@[::1]/shop', 'mariadb', 'mariadb://root@[::1]/shop'],
  ['duckdb://shop', 'duckdb', 'duckdb://shop'],
])('%s is left to an adapter', (text, scheme, label) => {
  const address = parse(text, { schemes: ['duckdb'] })
  expect(address).toMatchObject({ kind: 'other', scheme, label })
  expect(address).toHaveProperty('url', text.replace(/^\w+(?:\+\w+)?/, scheme))
})

test.each([
  ['', 'URL_INVALID'],
  ['app\n.db', 'URL_INVALID'],
  [':memory:', 'URL_UNSUPPORTED'],
  ['sqlite://', 'URL_UNSUPPORTED'],
  ['sqlite:///:memory:', 'URL_UNSUPPORTED'],
  ['file:shared?mode=memory', 'URL_UNSUPPORTED'],
  ['sqlite+pysqlcipher://:QX7@/app.db', 'URL_UNSUPPORTED'],
  ['sqlite://me:QX7@host/app.db', 'URL_UNSUPPORTED'],
  ['file://server/share/app.db', 'URL_INVALID'],
  ['pglite://', 'URL_INVALID'],
  ['pglite://./data?x=QX7', 'URL_UNSUPPORTED'],
  ['mongodb://me:QX7@host/db', 'SCHEME_UNKNOWN'],
  ['QX7:word@host', 'SCHEME_UNKNOWN'],
  ['postgresql:me:QX7@host', 'URL_INVALID'],
  ['host=db password=QX7', 'URL_UNSUPPORTED'],
])('%j is refused with %s', (text, code) => {
  expect(() => parse(text)).toThrow(expect.objectContaining({ code, remedy: expect.stringMatching(/\w/) }))
  expect(() => parse(text)).not.toThrow(/QX7/i)
})

test('an unknown scheme is named, and so are the known ones', () => {
  expect(() => parse('mongodb://host/db')).toThrow(
    expect.objectContaining({
      message: expect.stringContaining('mongodb://'),
      remedy: expect.stringMatching(/sqlite:\/\/.*postgres:\/\/.*pglite:\/\/.*mysql:\/\//),
    }),
  )
})
