import { access, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openSession } from '../open-session.ts'

let root: string
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'rowferry-pglite-'))
})
afterAll(() => rm(root, { recursive: true }))

const address = (folder: string) => ({ kind: 'pglite', folder, label: `pglite://${folder}` }) as const

test(
  'a folder is made with its parents, locked while open, kept when closed, and has its extensions',
  { timeout: 60_000 },
  async () => {
    const folder = join(root, 'new', 'data')
    const session = await openSession(address(folder))
    await expect(openSession(address(folder))).rejects.toMatchObject({ code: 'TARGET_BUSY' })
    await expect(session.another()).rejects.toMatchObject({ code: 'PGLITE_SINGLE' })
    for (const extension of ['citext', 'ltree', 'pg_trgm', '"uuid-ossp"', 'pgcrypto', 'btree_gist', 'hstore']) {
      await session.execute(`create extension ${extension} schema public`)
    }
    await session.execute(`create table public.t as select 'Ab'::public.citext as c`)
    await session.close()
    expect(await readdir(join(root, 'new'))).toEqual(['data'])

    const again = await openSession(address(folder))
    expect(await again.query(`select c operator(public.=) 'aB' as same from public.t`)).toEqual([{ same: 't' }])
    await again.close()
  },
)

test('a folder that holds something else stays as it is', async () => {
  const folder = join(root, 'other')
  await mkdir(folder)
  await writeFile(join(folder, 'letter.txt'), 'dear')
  await expect(openSession(address(folder))).rejects.toMatchObject({ code: 'TARGET_NOT_PGLITE' })
  await expect(openSession(address(join(folder, 'letter.txt')))).rejects.toMatchObject({ code: 'TARGET_NOT_PGLITE' })
  expect(await readdir(folder)).toEqual(['letter.txt'])
  await expect(access(`${folder}.rowferry-lock`)).rejects.toThrow('ENOENT')
})

test('a database of another major version is refused, and the lock given back', async () => {
  const folder = join(root, 'old')
  await mkdir(folder)
  await writeFile(join(folder, 'PG_VERSION'), '9.6\n')
  await expect(openSession(address(folder))).rejects.toMatchObject({ code: 'TARGET_PGLITE' })
  expect((await readdir(root)).includes('old.rowferry-lock')).toBe(false)
})
