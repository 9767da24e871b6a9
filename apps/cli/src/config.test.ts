import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { PostgresAddress } from '@rowferry/connect'
import { parseDatabase } from '@rowferry/connect'
import { expect, test } from 'vitest'
import { useFolder } from '../test/command-line.ts'
import { configSchema, loadConfig, loadEnvironment } from './config.ts'
import { settle } from './setup.ts'

const cwd = useFolder()
const write = (name: string, text: string): void => writeFileSync(join(cwd, name), text)

test('without a file there is no configuration', async () => {
  expect(await loadConfig(undefined, { cwd })).toEqual({})
})

test.each([
  ['settings.json', '{ "onExisting": "append", "map": { "users.role": { "INDIVIDUAL": "STUDENT", "": null } } }'],
  [
    'settings.mjs',
    "export default { onExisting: 'append', map: { 'users.role': { INDIVIDUAL: 'STUDENT', '': null } } }",
  ],
  [
    'settings.ts',
    "type Mode = string\nconst mode: Mode = 'append'\nexport default { onExisting: mode, map: { 'users.role': { INDIVIDUAL: 'STUDENT', '': null } } }",
  ],
])('%s', async (name, text) => {
  // npm init writes this, and then Node.js refuses to import TypeScript modules
  write('package.json', '{ "type": "commonjs" }')
  write(name, text)
  expect(await loadConfig(name, { cwd })).toMatchObject({
    onExisting: 'append',
    map: { 'users.role': { INDIVIDUAL: 'STUDENT', '': null } },
  })
})

test('an unknown setting is refused, not passed over', async () => {
  write('wrong.json', '{ "onExsting": "append" }')
  await expect(loadConfig('wrong.json', { cwd })).rejects.toMatchObject({
    code: 'CONFIG_INVALID',
    message: expect.stringContaining('onExsting'),
  })
})

test('a file that throws is told as that', async () => {
  write('broken.mjs', 'throw new Error("no home")')
  await expect(loadConfig('broken.mjs', { cwd })).rejects.toMatchObject({
    code: 'CONFIG_UNREADABLE',
    message: expect.stringContaining('no home'),
  })
})

test('the env file adds to the environment, and what is set wins', () => {
  write('.env', 'DATABASE_URL="postgres://from@file/db"\nONLY_HERE=1\n')
  write('other.env', 'DATABASE_URL=postgres://other@file/db')
  expect(loadEnvironment(undefined, { cwd, env: { PATH: '/bin' } })).toEqual({
    PATH: '/bin',
    DATABASE_URL: 'postgres://from@file/db',
    ONLY_HERE: '1',
  })
  expect(loadEnvironment(undefined, { cwd, env: { DATABASE_URL: 'mine' } })).toMatchObject({ DATABASE_URL: 'mine' })
  expect(loadEnvironment('other.env', { cwd, env: {} })).toEqual({ DATABASE_URL: 'postgres://other@file/db' })
  expect(() => loadEnvironment('gone.env', { cwd, env: {} })).toThrow(
    expect.objectContaining({ code: 'ENV_FILE_UNREADABLE' }),
  )
})

test('the command line wins over the configuration, rule by rule', () => {
  const config = configSchema.parse({
    schema: 'app',
    case: 'snake',
    tables: ['a', 'b'],
    allowLossy: ['t.x'],
    map: { 't.role': { OLD: 'a', GONE: null } },
    epoch: { 't.at': 's', 't.on': 'ms' },
    rename: { Old: 'older' },
  })
  const settled = settle(
    {
      tables: ['c'],
      case: 'lower',
      allowLossy: ['t.y', 't.x'],
      map: [{ column: 't.role', from: 'OLD', to: 'b' }],
      epoch: [{ column: 't.at', unit: 'us' }],
      rename: [{ from: 'Old', to: 'new' }],
    },
    config,
  )
  expect(settled).toMatchObject({
    schema: 'app',
    case: 'lower',
    tables: ['c'],
    allowLossy: ['t.x', 't.y'],
    map: [
      { column: 't.role', from: 'OLD', to: 'b' },
      { column: 't.role', from: 'GONE', to: null },
    ],
    epoch: [
      { column: 't.at', unit: 'us' },
      { column: 't.on', unit: 'ms' },
    ],
    rename: [{ from: 'Old', to: 'new' }],
    onExisting: 'refuse',
    verify: 'full',
  })
})

test.each([
  [{ truncate: true }, 'truncate'],
  [{ truncate: false }, 'append'],
  [{ onExisting: 'merge' }, 'merge'],
  [{ onExisting: 'append', truncate: false }, 'append'],
  [{}, 'refuse'],
] as const)('%j is %s', (flags, onExisting) => {
  expect(settle(flags, {}).onExisting).toBe(onExisting)
})

test('the schema is what was said, then the configuration, then what the URL names', () => {
  const target = parseDatabase('postgres://app@host/db?schema=shop', { env: {} }) as PostgresAddress
  expect(settle({}, {}, target).schema).toBe('shop')
  expect(settle({}, { schema: 'app' }, target).schema).toBe('app')
  expect(settle({ schema: 'said' }, { schema: 'app' }, target).schema).toBe('said')
  expect(settle({}, {}, null).schema).toBe('public')
})

test('what a configuration leaves out is not decided by it', async () => {
  write('small.json', '{ "case": "snake" }')
  expect(await loadConfig('small.json', { cwd })).toEqual({ case: 'snake' })
})
