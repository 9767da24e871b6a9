import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseDatabase } from '@rowferry/connect'
import { expect, test } from 'vitest'
import { rig } from '../../test/rig.ts'
import { migrate } from '../migrate-command.ts'
import type { TargetAddress } from '../options.ts'
import { status } from './status.ts'
import { undo } from './undo.ts'

const SOURCE = `create table parent (id integer primary key, name text); create table child (id integer primary key, parent integer references parent (id), next integer references child (id));
  with recursive n(i) as (select 1 union all select i + 1 from n where i < 60) insert into parent select i, 'p' || i from n;
  with recursive n(i) as (select 1 union all select i + 1 from n where i < 90) insert into child select i, 1 + i % 60, 91 - i from n;`
const TARGET = `create table parent (id bigint primary key, name text); create table child (id bigint primary key, parent bigint references parent (id), next bigint)`
const PARTS = { resumable: true, commitEvery: 20 }

test('PGlite: the same over its one connection', async () => {
  await using at = await rig(SOURCE)
  const folder = mkdtempSync(join(tmpdir(), 'rowferry-lite-'))
  const target = parseDatabase(`pglite://${folder}/db`, { env: {} }) as TargetAddress
  try {
    const controller = new AbortController()
    const first = await migrate({
      ...at.input(PARTS),
      target,
      signal: controller.signal,
      onEvent: (event) => {
        if (event.type === 'table' && event.phase === 'data' && event.rows === 40) controller.abort()
      },
    })
    expect(first).toMatchObject({ outcome: 'stopped', exitCode: 3 })
    expect(await status({ target })).toMatchObject({ run: { state: 'loading' } })
    expect(await migrate({ ...at.input(PARTS), target })).toMatchObject({ outcome: 'done', resumed: { attempts: 2 } })
    expect(await migrate({ ...at.input({ ...PARTS, schema: 'two', jobs: 2 }), target })).toMatchObject({
      exitCode: 1,
      error: { code: 'PGLITE_SINGLE' },
    })
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})

/** The same target as another role. */
const as = (url: string, role: string): TargetAddress => {
  const other = new URL(url)
  other.username = role
  return parseDatabase(other.href, { env: {} }) as TargetAddress
}

test('without the right to make the ledger it is refused with the words that grant it; an owner without other rights can do and undo', async () => {
  await using at = await rig(SOURCE)
  const role = `${new URL(at.url).pathname.slice(1)}_owner`
  await at.rows(`create role ${role} login; grant create on schema public to ${role}`)
  try {
    await at.rows(`set role ${role}; ${TARGET}; alter table child add foreign key (next) references child (id)`)
    const input = { ...at.input(PARTS), target: as(at.url, role) }
    const refused = await migrate(input)
    const findings = refused.findings.filter(({ severity }) => severity === 'refuse')
    const [finding] = findings
    expect(findings).toHaveLength(1)
    expect(finding).toMatchObject({ code: 'RIGHT_MISSING', remedy: expect.stringContaining('CREATE SCHEMA') })
    await at.rows(finding!.remedy!.split('; or ')[1]!)
    expect(await migrate({ ...input, options: { ...PARTS, keepLedger: true } })).toMatchObject({
      outcome: 'done',
      error: null,
    })
    await undo({ target: input.target })
    // The schema was there before, so it stays
    expect(await at.rows("select count(*) from pg_namespace where nspname = 'rowferry'")).toEqual([['1']])
    expect(await migrate(input)).toMatchObject({ outcome: 'done' })
  } finally {
    await at.rows(`drop owned by ${role} cascade; drop role ${role}`)
  }
})

test('foreign keys that only their owner could drop: parents first over any connections; one into later rows is refused', async () => {
  await using at = await rig(SOURCE, TARGET)
  const role = `${new URL(at.url).pathname.slice(1)}_writer`
  await at.rows(
    `create role ${role} login; grant select, insert, update, delete on all tables in schema public to ${role}`,
  )
  const name = new URL(at.url).pathname.slice(1)
  await at.rows(`grant create on database ${name} to ${role}`)
  try {
    const input = (options = {}) => ({ ...at.input({ ...PARTS, ...options }), target: as(at.url, role) })
    expect(await migrate(input({ jobs: 3, keepLedger: true }))).toMatchObject({ outcome: 'done', error: null })
    expect(await undo({ target: as(at.url, role) })).toMatchObject({ rows: 150, emptied: ['parent', 'child'] })
    expect(await at.rows('select (select count(*) from parent), (select count(*) from child)')).toEqual([['0', '0']])
    await at.rows('alter table child add foreign key (next) references child (id) deferrable')
    expect(await migrate(input())).toMatchObject({
      outcome: 'refused',
      findings: [expect.objectContaining({ code: 'FOREIGN_KEY_IN_PARTS' })],
    })
  } finally {
    await at.rows(`drop owned by ${role} cascade; drop role ${role}`)
  }
})
