import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { PostgresAddress } from '@rowferry/connect'
import { parseDatabase } from '@rowferry/connect'
import { crossingOptionsSchema } from '@rowferry/migrate'
import { z } from 'zod'
import { expect, test } from 'vitest'
import { useFolder } from '../test/command-line.ts'
import type { RowferryConfig } from './config-schema.ts'
import { configJsonSchema, configSchema } from './config-schema.ts'
import { loadConfig, loadEnvironment } from './config.ts'
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
    map: [
      { column: 'users.role', from: 'INDIVIDUAL', to: 'STUDENT' },
      { column: 'users.role', from: '', to: null },
    ],
  })
})

test.each([
  ['{ "onExsting": "append" }', 'onExsting', 'Did you mean onExisting instead of onExsting?'],
  ['{ "columns": { "users.at": { "epok": "ms" } } }', 'epok', 'Did you mean epoch instead of epok?'],
  ['{ "colums": {} }', 'colums', 'Did you mean columns instead of colums?'],
  ['{ "qqq": 1 }', 'qqq', 'docs/cli.md lists what it may hold.'],
  ['{ "columns": { "users": { "epoch": "ms" } } }', 'columns.users', 'docs/cli.md lists what it may hold.'],
])('an unknown setting is refused, not passed over: %s', async (text, message, remedy) => {
  // A module that was read once is not read again
  const file = `wrong-${text.length}.json`
  write(file, text)
  await expect(loadConfig(file, { cwd })).rejects.toMatchObject({
    code: 'CONFIG_INVALID',
    message: expect.stringContaining(message),
    remedy,
  })
})

test('what concerns a column may stand together, and adds to what the lists say', () => {
  const config: RowferryConfig = {
    $schema: './config.json',
    epoch: { 't.on': 's' },
    trim: ['t.*'],
    columns: {
      't.role': { map: { OLD: 'NEW', GONE: null }, rename: 'kind', trim: true, allowLossy: false },
      't.at': { epoch: 'ms', cast: 'timestamptz', allowLossy: true },
    },
  }
  expect(configSchema.parse(config)).toEqual({
    epoch: [
      { column: 't.on', unit: 's' },
      { column: 't.at', unit: 'ms' },
    ],
    trim: ['t.*', 't.role'],
    allowLossy: ['t.at'],
    map: [
      { column: 't.role', from: 'OLD', to: 'NEW' },
      { column: 't.role', from: 'GONE', to: null },
    ],
    rename: [{ from: 't.role', to: 'kind' }],
    cast: [{ column: 't.at', type: 'timestamptz' }],
  })
  expect(configSchema.parse({ cast: [{ declared: /^dec/i, type: 'numeric' }] })).toEqual({
    cast: [{ declared: '/^dec/i', type: 'numeric' }],
  })
})

test('every option of a crossing can be configured, in the form that the option has', () => {
  const example = (name: string, schema: z.ZodType): unknown => {
    const jsonSchema = z.toJSONSchema(schema, { io: 'input' })
    if (jsonSchema.enum) return jsonSchema.enum.at(-1)
    if (jsonSchema.type === 'array') return forms[name] ?? ['t.a']
    if (jsonSchema.type === 'boolean') return true
    return jsonSchema.type === 'integer' ? 7 : (forms[name] ?? 'words')
  }
  const forms: Record<string, unknown> = {
    map: [{ column: 't.a', from: '1', to: null }],
    epoch: [{ column: 't.a', unit: 'us' }],
    fill: [{ column: 't.b', value: null }],
    rename: [{ from: 'A', to: 'b' }],
    cast: [{ column: 't.a', type: 'text' }],
    batchSize: 7,
  }
  const all = Object.fromEntries(
    Object.entries(crossingOptionsSchema.shape).map(([name, schema]) => [name, example(name, schema)]),
  )
  expect(Object.keys(configSchema.parse(all))).toEqual(Object.keys(all))
  expect(settle({}, configSchema.parse(all))).toEqual(crossingOptionsSchema.parse(all))
})

test('the JSON Schema names every setting, and knows those of a column', () => {
  const { properties, additionalProperties } = configJsonSchema()
  expect(additionalProperties).toBe(false)
  expect(Object.keys(properties ?? {})).toEqual(expect.arrayContaining(Object.keys(crossingOptionsSchema.shape)))
  expect(JSON.stringify(properties?.['columns'])).toContain('"epoch"')
})

test('a file that throws is told as that', async () => {
  write('broken.mjs', 'throw new Error("no home")')
  await expect(loadConfig('broken.mjs', { cwd })).rejects.toMatchObject({
    code: 'CONFIG_UNREADABLE',
    message: expect.stringContaining('no home'),
  })
})

test('JSON that is none is told once, with a remedy for JSON', async () => {
  write('broken.json', '{"tables": 3')
  await expect(loadConfig('broken.json', { cwd })).rejects.toMatchObject({
    code: 'CONFIG_UNREADABLE',
    message: expect.stringMatching(/^broken\.json cannot be read: (?!.*broken)/),
    remedy: expect.stringContaining('JSON'),
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
    cast: [
      { column: 't.c', type: 'int4' },
      { declared: 'x', type: 'text' },
    ],
    map: { 't.role': { OLD: 'a', GONE: null } },
    epoch: { 't.at': 's', 't.on': 'ms' },
    rename: { Old: 'older' },
    fill: { 't.kind': 'a', 't.none': null },
    dropColumn: ['t.old'],
  })
  const settled = settle(
    {
      tables: ['c'],
      case: 'lower',
      allowLossy: ['t.y', 't.x'],
      cast: [{ declared: 'x', type: 'int8' }],
      map: [{ column: 't.role', from: 'OLD', to: 'b' }],
      epoch: [{ column: 't.at', unit: 'us' }],
      rename: [{ from: 'Old', to: 'new' }],
      fill: [{ column: 't.kind', value: 'b' }],
      dropColumn: ['t.older'],
    },
    config,
  )
  expect(settled).toMatchObject({
    schema: 'app',
    case: 'lower',
    tables: ['c'],
    allowLossy: ['t.x', 't.y'],
    // The first that speaks of a column or a declared type is followed
    cast: [
      { declared: 'x', type: 'int8' },
      { column: 't.c', type: 'int4' },
    ],
    map: [
      { column: 't.role', from: 'OLD', to: 'b' },
      { column: 't.role', from: 'GONE', to: null },
    ],
    epoch: [
      { column: 't.at', unit: 'us' },
      { column: 't.on', unit: 'ms' },
    ],
    rename: [{ from: 'Old', to: 'new' }],
    fill: [
      { column: 't.kind', value: 'b' },
      { column: 't.none', value: null },
    ],
    dropColumn: ['t.old', 't.older'],
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

test('a cast may name declared types by a regular expression, and those of the command line are asked first', async () => {
  write(
    'casts.ts',
    "export default { cast: [{ declared: /money/i, type: 'numeric(12,2)' }, { column: 't.a', type: 'text' }] }",
  )
  const config = await loadConfig('casts.ts', { cwd })
  expect(settle({ cast: [{ declared: 'MONEY', type: 'text' }] }, config).cast).toEqual([
    { declared: 'MONEY', type: 'text' },
    { declared: '/money/i', type: 'numeric(12,2)' },
    { column: 't.a', type: 'text' },
  ])
})
