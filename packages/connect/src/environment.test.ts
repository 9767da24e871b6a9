import { expect, test } from 'vitest'
import { databaseFromEnvironment } from './environment.ts'

const parts = {
  POSTGRES_HOST: 'db',
  POSTGRES_PORT: '5440',
  POSTGRES_DB: 'school',
  POSTGRES_USER: 'head',
  POSTGRES_PASSWORD: ' p@ss/w#rd%41',
  POSTGRES_SSLMODE: 'require',
}

test('the parts make an address', () => {
  expect(databaseFromEnvironment({ ...parts, DATABASE_URL: ' ' })).toMatchObject({
    host: 'db',
    port: 5440,
    database: 'school',
    user: 'head',
    password: ' p@ss/w#rd%41',
    ssl: { mode: 'require' },
  })
  expect(databaseFromEnvironment({ POSTGRES_DB: 'school', PGUSER: 'me', PGHOST: 'h', PGSERVICE: 'x' })).toMatchObject({
    host: 'h',
    user: 'me',
    database: 'school',
  })
})

test('DATABASE_URL wins, unless it names another kind of database', () => {
  const url = 'postgresql+psycopg://app:dev@127.0.0.1/course'
  expect(databaseFromEnvironment({ ...parts, DATABASE_URL: url })).toMatchObject({ host: '127.0.0.1', user: 'app' })
  expect(databaseFromEnvironment({ ...parts, DATABASE_URL: 'sqlite:///./app.db' })?.host).toBe('db')
})

test('nothing named is null, nonsense is refused', () => {
  expect(databaseFromEnvironment({})).toBeNull()
  expect(databaseFromEnvironment({ POSTGRES_USER: 'head' })).toBeNull()
  expect(databaseFromEnvironment({ DATABASE_URL: 'sqlite:///./app.db' })).toBeNull()
  expect(() => databaseFromEnvironment({ ...parts, DATABASE_URL: 'mongodb://x' })).toThrow(
    expect.objectContaining({ code: 'SCHEME_UNKNOWN' }),
  )
})
