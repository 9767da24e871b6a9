import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { lockFolder } from './lock-file.ts'

let root: string
let folder: string
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'rowferry-lock-'))
  folder = join(root, 'data')
})
afterEach(() => rm(root, { recursive: true }))

const lock = (holder: object): Promise<void> =>
  writeFile(
    `${folder}.rowferry-lock`,
    JSON.stringify({ started: null, host: hostname(), since: 'yesterday', ...holder }),
  )

test('one at a time, and free again afterwards', async () => {
  const unlock = await lockFolder(folder)
  await expect(lockFolder(folder)).rejects.toMatchObject({
    code: 'TARGET_BUSY',
    message: expect.stringContaining(String(process.pid)),
    remedy: expect.stringContaining('data.rowferry-lock'),
  })
  await unlock()
  await (
    await lockFolder(folder)
  )()
  expect(await readdir(root)).toEqual([])
})

test('the lock of a process that is gone is taken over', async () => {
  const gone = spawn(process.execPath, ['--version'], { stdio: 'ignore' })
  await once(gone, 'exit')
  await lock({ pid: gone.pid })
  const unlock = await lockFolder(folder)
  expect(JSON.parse(await readFile(`${folder}.rowferry-lock`, 'utf8'))).toMatchObject({ pid: process.pid })
  expect(await readdir(root)).toEqual(['data.rowferry-lock'])
  await unlock()
})

test('a pid that has been given to another process since holds nothing', async (context) => {
  context.skip(process.platform !== 'linux', 'only /proc tells when a process started')
  await lock({ pid: process.pid, started: '1' })
  const unlock = await lockFolder(folder)
  expect(await readdir(root)).toEqual(['data.rowferry-lock'])
  await unlock()
})

test.each([
  ['a process of another machine', { pid: 1, host: 'elsewhere' }, 'elsewhere'],
  ['a living process', { pid: process.ppid }, String(process.ppid)],
  ['something unreadable', { pid: 'x' }, 'no name'],
])('%s keeps its lock', async (_, holder, named) => {
  await lock(holder)
  await expect(lockFolder(folder)).rejects.toMatchObject({
    code: 'TARGET_BUSY',
    message: expect.stringContaining(named),
  })
  expect(await readdir(root)).toEqual(['data.rowferry-lock'])
})

test('of many who want a stale lock at once, one gets it', async () => {
  await lock({ pid: 2 ** 30 })
  const tries = await Promise.allSettled(Array.from({ length: 20 }, () => lockFolder(folder)))
  expect(tries.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
  expect(tries.filter((result) => result.status === 'rejected' && result.reason.code !== 'TARGET_BUSY')).toEqual([])
})
