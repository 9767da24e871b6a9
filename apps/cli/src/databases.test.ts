import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { useFolder } from '../test/command-line.ts'
import { findSource, findTarget } from './databases.ts'
import type { Shell } from './shell.ts'
import { createShell } from './shell.ts'

const cwd = useFolder()
const shell = (env: Shell['env'] = {}): Shell =>
  createShell([], { stdout: process.stdout, stderr: process.stderr, env })

test('the source is what is named, then the configuration, then the environment, then the only file here', () => {
  expect(() => findSource(undefined, undefined, shell())).toThrow(/no \*\.db/)
  writeFileSync(join(cwd, 'app.sqlite3'), '')
  expect(findSource(undefined, undefined, shell())).toMatchObject({
    label: 'app.sqlite3',
    options: { path: 'app.sqlite3' },
  })
  writeFileSync(join(cwd, 'b.db'), '')
  expect(() => findSource(undefined, undefined, shell())).toThrow(/app\.sqlite3, b\.db/)
  const before = { DATABASE_URL: 'sqlite:///./old.db' }
  expect(findSource(undefined, undefined, shell(before))).toMatchObject({ label: 'old.db' })
  expect(findSource(undefined, 'file:from-config.db', shell(before))).toMatchObject({ label: 'from-config.db' })
  expect(findSource('/data/app.db', 'file:from-config.db', shell(before))).toMatchObject({ label: '/data/app.db' })
})

test('the target is what is named, then the configuration, then the environment', () => {
  expect(findTarget(undefined, undefined, shell())).toBeNull()
  expect(findTarget(undefined, undefined, shell({ DATABASE_URL: 'sqlite:///./old.db' }))).toBeNull()
  const env = { DATABASE_URL: 'postgresql+psycopg2://mist_user:mist_pass@localhost:5440/school' }
  expect(findTarget(undefined, undefined, shell(env))).toMatchObject({
    host: 'localhost',
    port: 5440,
    database: 'school',
    user: 'mist_user',
    password: 'mist_pass',
  })
  expect(
    findTarget(undefined, undefined, shell({ POSTGRES_HOST: 'db', POSTGRES_USER: 'app', POSTGRES_DB: 'app' })),
  ).toMatchObject({ host: 'db' })
  expect(findTarget(undefined, 'pglite://./pg', shell(env))).toMatchObject({ kind: 'pglite', folder: join(cwd, 'pg') })
  expect(findTarget('postgres://me@other/db', 'pglite://./pg', shell(env))).toMatchObject({ host: 'other' })
})

test('every password that comes in is cut out of what goes out', () => {
  const secrets = shell({ DATABASE_URL: 'postgres://app:first-secret@db/app', PGPASSWORD: 'second-secret' })
  findTarget('postgres://app:third%20secret@db/app', undefined, secrets)
  const text = secrets.secrets.redact(
    'first-secret second-secret third secret third%20secret postgres://app@db:5432/app',
  )
  expect(text).toBe('*** *** *** *** postgres://app@db:5432/app')
})
