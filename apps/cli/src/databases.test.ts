import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { useFolder } from '../test/command-line.ts'
import { findSource, findTarget } from './databases.ts'
import type { Shell } from './shell.ts'
import { createShell } from './shell.ts'

const cwd = useFolder()
const shell = (env: Shell['env'] = {}): Shell =>
  createShell([], { stdout: process.stdout, stderr: process.stderr, env })

test('the source is what is named, then the configuration, then the environment, then the only file here', async () => {
  await expect(findSource(undefined, undefined, shell())).rejects.toThrow(/no \*\.db/)
  writeFileSync(join(cwd, 'app.sqlite3'), '')
  expect(await findSource(undefined, undefined, shell())).toMatchObject({
    label: 'app.sqlite3',
    options: { path: 'app.sqlite3' },
  })
  writeFileSync(join(cwd, 'b.db'), '')
  await expect(findSource(undefined, undefined, shell())).rejects.toThrow(/app\.sqlite3, b\.db/)
  const before = { DATABASE_URL: 'sqlite:///./old.db' }
  expect(await findSource(undefined, undefined, shell(before))).toMatchObject({ label: 'old.db' })
  expect(await findSource(undefined, 'file:from-config.db', shell(before))).toMatchObject({ label: 'from-config.db' })
  expect(await findSource('/data/app.db', 'file:from-config.db', shell(before))).toMatchObject({
    label: '/data/app.db',
  })
})

test('a scheme names the adapter that reads it; the password stays encoded, and out of the label', async () => {
  const { adapter, options, label } = await findSource(
    'mysql+pymysql://me:p%40ss@db/shop?charset=utf8',
    undefined,
    shell(),
  )
  expect(adapter.name).toBe('mysql')
  expect(options).toMatchObject({ url: 'mysql://me:p%40ss@db/shop?charset=utf8' })
  expect(label).toBe('mysql://me@db/shop')
  expect(await findSource('mariadb://db/shop', undefined, shell())).toMatchObject({ adapter: { name: 'mysql' } })
  expect(await findSource(undefined, undefined, shell({ DATABASE_URL: 'mysql://db/shop' }))).toMatchObject({
    label: 'mysql://db/shop',
  })
})

const adapterText = (name: string): string =>
  `export const ${name} = { name: '${name}', castRules: [], async open(options) { return { options } } }`

/** A package of the project in the working folder. */
function install(name: string, manifest: object, text: string): void {
  const folder = join(cwd, 'node_modules', name)
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name, type: 'module', ...manifest }))
  writeFileSync(join(folder, 'index.js'), text)
}

test('a CSV file, or a folder of them, is read as such', async () => {
  mkdirSync(join(cwd, 'export'))
  expect(await findSource('./export', undefined, shell())).toMatchObject({ adapter: { name: 'sqlite' } })
  writeFileSync(join(cwd, 'export', 'users.csv'), 'id\n1\n')
  for (const name of ['./export', 'export/users.csv'])
    expect(await findSource(name, undefined, shell())).toMatchObject({ adapter: { name: 'csv' } })
})

test("others' adapters are found by the scheme or by their name, in the project", async () => {
  install('rowferry-source-firebird', { exports: { '.': { import: './index.js' } } }, adapterText('firebird'))
  expect(await findSource('firebird://me:secret@db/x', undefined, shell())).toMatchObject({
    adapter: { name: 'firebird' },
    options: { url: 'firebird://me:secret@db/x' },
    label: 'firebird://me@db/x',
  })
  install('odd-name', { exports: './index.js' }, `${adapterText('odd')}\nexport const more = 1`)
  expect(await findSource('data/things', undefined, shell(), 'odd-name')).toMatchObject({
    adapter: { name: 'odd' },
    options: { path: join(cwd, 'data/things') },
  })
  writeFileSync(join(cwd, 'mine.mjs'), adapterText('mine'))
  expect(await findSource('mysql://db/x', undefined, shell(), './mine.mjs')).toMatchObject({
    adapter: { name: 'mine' },
    options: { url: 'mysql://db/x' },
  })
})

test('an adapter that is not there, or none, says what to do', async () => {
  await expect(findSource('oracle://me:secret@db/x', undefined, shell())).rejects.toMatchObject({
    code: 'ADAPTER_MISSING',
    remedy: expect.stringContaining('npm install rowferry-source-oracle'),
  })
  await expect(findSource('x', undefined, shell(), './gone.mjs')).rejects.toMatchObject({ code: 'ADAPTER_MISSING' })
  install('rowferry-source-broken', { exports: './index.js' }, 'export const adapter = { name: 1 }')
  await expect(findSource('broken://db/x', undefined, shell())).rejects.toMatchObject({ code: 'ADAPTER_INCOMPATIBLE' })
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
