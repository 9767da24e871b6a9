import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { supports } from '@rowferry/vitest-preset/features'
import { expect, test } from 'vitest'
import { everything } from '../test/everything.ts'
import type { Rig } from '../test/rig.ts'
import { rig } from '../test/rig.ts'
import { migrate } from './migrate-command.ts'
import type { CrossingOptionsInput } from './options.ts'

const exec = promisify(execFile)

/** What pg_dump says of the schema, or why it says nothing. */
async function dump(url: string): Promise<{ lines: string[] } | { missing: string }> {
  try {
    const { stdout } = await exec('pg_dump', ['--schema-only', url], { maxBuffer: 1 << 26 })
    // A random word guards each dump against its own text
    return { lines: stdout.split('\n').filter((line) => !/^\\(un)?restrict /.test(line)) }
  } catch (error) {
    const { code, stderr = '' } = error as { code?: unknown; stderr?: string }
    if (code === 'ENOENT') return { missing: 'there is no pg_dump in PATH' }
    if (stderr.includes('server version mismatch')) return { missing: 'pg_dump in PATH is older than the server' }
    throw error
  }
}

async function made(items: number): Promise<Rig> {
  const at = await rig(everything.source(items))
  const name = new URL(at.url).pathname.slice(1)
  const space = `${name}_space`
  await at.rows(`alter database ${name} set allow_in_place_tablespaces = on`)
  await at.rows(`create tablespace ${space} location ''`)
  await at.rows(everything.target(supports('nulls not distinct') ? 'nulls not distinct' : '').replace('SPACE', space))
  return {
    ...at,
    async [Symbol.asyncDispose]() {
      await at.rows(`drop index if exists "in space"`)
      await at.rows(`drop tablespace ${space}`)
      await at[Symbol.asyncDispose]()
    },
  }
}

const HELD = `
  insert into category (id, code, title) values (901, 'held', 'Held');
  insert into item (id, category, name) values (999901, 901, 'held');
  insert into event values (901, '2024-02-03', 'held'); insert into animal values (901, 'held'); insert into dog values (902, 'held', 'poodle');
  insert into person (id, category) values (901, 901); insert into logged values (901, 'held');`

const MODES: readonly (readonly [name: string, items: number, held: string, options: CrossingOptionsInput])[] = [
  ['into empty tables, whose indexes are made again', 50_000, 'drop table aside', {}],
  ['setting rows aside', 300, '', { onBadRow: 'quarantine' }],
  ['truncate', 300, HELD, { onExisting: 'truncate', allowCascade: ['aside'] }],
  ['append', 300, HELD, { onExisting: 'append' }],
  ['skip', 300, HELD, { onExisting: 'skip' }],
  ['merge', 300, HELD, { onExisting: 'merge' }],
]

test.for(MODES)(
  '%s: pg_dump says the same before and after',
  { timeout: 180_000 },
  async ([, items, held, options], context) => {
    await using at = await made(items)
    if (held !== '') await at.rows(held)
    const before = await dump(at.url)
    if ('missing' in before) context.skip(before.missing)
    const indexes = `select unnest(array['"by slug"', 'item_pkey', '"named once"', '"no nulls"', 'apart', 'identifies']::regclass[])::oid`
    const old = await at.rows(indexes)
    const report = await migrate(
      at.input({ triggers: 'disable', quarantineDir: `${at.folder}/aside`, timezone: 'UTC', ...options }),
    )
    expect({ error: report.error, refused: report.findings.filter((each) => each.severity === 'refuse') }).toEqual({
      error: null,
      refused: [],
    })
    expect(report).toMatchObject({ outcome: 'done' })
    expect(await dump(at.url)).toEqual(before)
    const arrived = "select count(*), count(*) filter (where note = 'touched') from item where id <= 50000"
    expect(await at.rows(arrived)).toEqual([[String(items), '0']])
    const now = await at.rows(indexes)
    expect(old.map(([oid], place) => oid !== now[place]![0])).toEqual(old.map(() => items >= 50_000))
  },
)
