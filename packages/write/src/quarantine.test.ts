import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { SourceRow, SourceValue } from '@rowferry/introspect'
import { InvalidText } from '@rowferry/introspect'
import type { TablePlan } from '@rowferry/plan'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { tablePlan as planned } from '../test/table-plan.ts'
import { fileName } from './file-name.ts'
import { openQuarantine, readRejectedKeys } from './quarantine.ts'
import type { Reject } from './reject.ts'
import { rejectRow } from './reject.ts'

let home: string
let folder: string
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'rowferry-write-'))
  folder = join(home, 'a', 'b')
})
afterEach(() => rmSync(home, { recursive: true, force: true }))

const tablePlan = (name: string, given: Partial<TablePlan> = {}) => planned(name, { id: 'int4', v: 'int4' }, given)
const reject = (table: TablePlan, row: SourceRow, ordinal = 0) =>
  rejectRow(table, ['id', 'v'], row, { column: 'v', code: 'NOT_AN_INTEGER', reason: 'is no integer' }, ordinal)
const read = (path: string) =>
  readFileSync(path, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Reject)

test('rows are published under the name of their table, one a line, for their owner alone', async () => {
  const users = tablePlan('users')
  const quarantine = await openQuarantine(folder)
  await quarantine.add(reject(users, [3, 'x']))
  await quarantine.add(reject(tablePlan('posts'), [1, 'y']))
  await quarantine.add(reject(users, [4, null]))
  await quarantine.sync('1')
  expect(read(join(folder, 'users.ndjson.partial'))).toHaveLength(2)
  expect(await quarantine.publish()).toEqual([join(folder, 'users.ndjson'), join(folder, 'posts.ndjson')])
  expect(readdirSync(folder).toSorted()).toEqual(['posts.ndjson', 'users.ndjson'])
  expect(statSync(join(folder, 'users.ndjson')).mode & 0o777).toBe(0o600)
  expect([join(home, 'a'), folder].map((each) => statSync(each).mode & 0o777)).toEqual([0o700, 0o700])
  expect(read(join(folder, 'users.ndjson'))).toEqual([
    {
      table: 'users',
      source: users.source,
      key: [{ column: 'id', value: '3' }],
      row: 'id=3',
      column: 'v',
      code: 'NOT_AN_INTEGER',
      reason: 'is no integer',
      storageClass: 'text',
      targetType: 'integer',
      values: [
        { column: 'id', class: 'integer', value: '3' },
        { column: 'v', class: 'text', value: 'x' },
      ],
    },
    expect.objectContaining({ row: 'id=4', storageClass: 'null' }),
  ])
})

/** What the format promises a reader: the value from its class and its text. */
function stored({ class: storageClass, value }: Reject['values'][number]): SourceValue {
  if (value === null) return null
  if (typeof value === 'object') {
    const bytes = Buffer.from(value.base64, 'base64')
    return storageClass === 'invalid text' ? new InvalidText(new Uint8Array(bytes)) : new Uint8Array(bytes)
  }
  if (storageClass === 'real') return Number(value)
  return storageClass === 'integer' ? BigInt(value) : value
}

test('every value can be read back exactly, whatever it is', async () => {
  const values: SourceValue[] = [
    null,
    '',
    'a\0b\n\r\u2028"\\é👢',
    -5n,
    2n ** 63n - 1n,
    -(2n ** 63n),
    1,
    -0,
    0.1,
    5e-324,
    1.7976931348623157e308,
    1e21,
    2 ** 53,
    Number.POSITIVE_INFINITY,
    Number.NEGATIVE_INFINITY,
    new Uint8Array([0, 255, 10]),
    new Uint8Array(),
    new InvalidText(new Uint8Array([0x61, 0xff])),
  ]
  const random = fc.sample(
    fc.oneof(
      fc.double({ noNaN: true }),
      fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
      fc.string({ unit: 'binary' }),
      fc.uint8Array(),
    ),
    { numRuns: 500, seed: 7 },
  )
  const all = [...values, ...random.map((value) => (typeof value === 'string' ? value.toWellFormed() : value))]
  const plan = tablePlan('t', { classedIntegers: true })
  const quarantine = await openQuarantine(folder)
  for (const [index, value] of all.entries()) await quarantine.add(reject(plan, [BigInt(index), value]))
  const [path] = await quarantine.publish()
  const back = read(path!).map(({ values: [, value] }) => stored(value!))
  expect(back).toHaveLength(all.length)
  for (const [index, value] of all.entries()) expect(back[index], `value ${index}`).toStrictEqual(value)
})

test('reals keep their point where integers are told apart, and only there', () => {
  const classes = (classedIntegers: boolean) =>
    reject(tablePlan('t', { classedIntegers }), [7n, 1]).values.map(({ class: storageClass, value }) => [
      storageClass,
      value,
    ])
  expect(classes(true)).toEqual([
    ['integer', '7'],
    ['real', '1.0'],
  ])
  expect(classes(false)).toEqual([
    ['integer', '7'],
    ['integer', '1'],
  ])
})

test('nothing stays behind after a rollback, folders that were made included', async () => {
  const quarantine = await openQuarantine(folder)
  await quarantine.add(reject(tablePlan('users'), [3, 'x']))
  await quarantine.discard()
  expect(existsSync(join(home, 'a'))).toBe(false)
  const empty = await openQuarantine(folder)
  expect(await empty.publish()).toEqual([])
  expect(existsSync(join(home, 'a'))).toBe(false)
})

test('rows whose file is gone before COMMIT are not taken for set aside', async () => {
  const quarantine = await openQuarantine(folder)
  await quarantine.add(reject(tablePlan('users'), [3, 'x']))
  await quarantine.sync('1')
  rmSync(folder, { recursive: true })
  await expect(quarantine.sync('1')).rejects.toMatchObject({ code: 'QUARANTINE_UNWRITABLE' })
  await mkdir(folder)
  writeFileSync(join(folder, 'users.ndjson.partial'), 'of another run')
  await expect(quarantine.sync('1')).rejects.toMatchObject({ code: 'QUARANTINE_UNWRITABLE' })
  await quarantine.discard()
})

test('a folder that was there stays, with what is in it', async () => {
  await mkdir(folder, { recursive: true })
  writeFileSync(join(folder, 'note.txt'), 'mine')
  const quarantine = await openQuarantine(folder)
  await quarantine.add(reject(tablePlan('users'), [3, 'x']))
  await quarantine.discard()
  expect(readdirSync(folder)).toEqual(['note.txt'])
})

describe('before anything is written', () => {
  test('rows of an earlier run are in the way, and stay as they are', async () => {
    const first = await openQuarantine(folder)
    await first.add(reject(tablePlan('users'), [3, 'x']))
    await first.publish()
    await expect(openQuarantine(folder)).rejects.toMatchObject({
      name: 'WriteError',
      code: 'QUARANTINE_EXISTS',
      message: expect.stringContaining('users.ndjson'),
    })
    expect(read(join(folder, 'users.ndjson'))).toHaveLength(1)
  })

  test('what a killed run left half-written is not', async () => {
    const killed = await openQuarantine(folder)
    await killed.add(reject(tablePlan('users'), [3, 'x']))
    await killed.sync('1')
    const next = await openQuarantine(folder)
    await next.add(reject(tablePlan('users'), [4, 'y']))
    const [path] = await next.publish()
    expect(read(path!).map(({ row }) => row)).toEqual(['id=4'])
  })

  test('a place where no folder can be', async () => {
    writeFileSync(join(home, 'file'), '')
    for (const place of [join(home, 'file'), join(home, 'file', 'below'), '/proc/rowferry']) {
      await expect(openQuarantine(place)).rejects.toMatchObject({ name: 'WriteError', code: 'QUARANTINE_UNWRITABLE' })
    }
  })
})

test('no name of a table leaves the folder, and no two share a file', () => {
  const names = [
    '../../etc/passwd',
    '..',
    '.',
    '',
    'a/b',
    String.raw`a\b`,
    'a\0b',
    'a%2Fb',
    'a:b',
    'é',
    'é'.repeat(200),
    `${'é'.repeat(199)}e`,
    'x'.repeat(500),
    'A.B',
    '\ud800',
  ]
  const files = names.map(fileName)
  for (const file of files) {
    expect(file).toMatch(/^[A-Za-z0-9_%-]*$/)
    expect(file.length).toBeLessThan(200)
  }
  expect(new Set(files).size).toBe(names.length)
})

describe('the keys of rows set aside', () => {
  test('are read back as the examiner names them', async () => {
    const pair = tablePlan('pair', { key: ['id', 'v'] })
    const keyless = tablePlan('keyless', { key: [], rowIdentifier: null })
    const quarantine = await openQuarantine(folder)
    for (const row of [
      [1, 'a\u2028b'],
      [2, null],
      [3, new Uint8Array([255])],
    ] satisfies SourceRow[])
      await quarantine.add(reject(pair, row))
    await quarantine.add(reject(keyless, [1, 'a'], 17))
    await quarantine.publish()
    expect(await readRejectedKeys(folder, pair)).toEqual(['["1","a\u2028b"]', '["2",null]', String.raw`["3","\\xff"]`])
    expect(await readRejectedKeys(folder, keyless)).toEqual(['17'])
    expect(await readRejectedKeys(folder, tablePlan('users'))).toEqual([])
  })

  test('are not guessed', async () => {
    await mkdir(folder, { recursive: true })
    writeFileSync(join(folder, 'users.ndjson'), '{"key":[]}\nnot json\n')
    await expect(readRejectedKeys(folder, tablePlan('users'))).rejects.toMatchObject({
      code: 'QUARANTINE_UNREADABLE',
      message: expect.stringContaining('line 2'),
    })
  })
})
