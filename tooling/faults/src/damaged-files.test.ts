import { execFile } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { InvalidText, type SourceValue } from '@rowferry/introspect'
import { sqlite } from '@rowferry/source-sqlite'
import Database from 'better-sqlite3'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { figures, points } from './figures.ts'
import { randomNumbers } from './random.ts'

const run = promisify(execFile)
const folder = mkdtempSync(join(tmpdir(), 'rowferry-damaged-'))
const PAGE = 4096
const SAME = 'read as sqlite3 reads it'
const TABLES = {
  customer: ['id', 'name', 'balance', 'photo'],
  visit: ['customer', 'at', 'note'],
  word: ['word', 'times'],
} as const
let sound: Buffer
let hasShell = false

beforeAll(async () => {
  const path = join(folder, 'sound.db')
  const db = new Database(path)
  db.pragma(`page_size = ${PAGE}`)
  db.exec(`
    create table customer (id integer primary key, name text not null, balance real, photo blob);
    create unique index customer_name on customer (name);
    create table visit (customer integer references customer (id), at text, note text);
    create index visit_at on visit (at, customer);
    create table word (word text primary key, times integer) without rowid;
    with recursive n (i) as (select 1 union all select i + 1 from n where i < 1200)
      insert into customer select i, 'customer ' || i, i / 8.0, case i % 100 when 0 then randomblob(6000) end from n;
    with recursive n (i) as (select 1 union all select i + 1 from n where i < 3000)
      insert into visit select 1 + i % 1200, datetime(i * 86400, 'unixepoch'), case i % 3 when 0 then 'noté ' || i end from n;
    with recursive n (i) as (select 1 union all select i + 1 from n where i < 800) insert into word select 'word ' || i, i * 1000003 from n;`)
  db.close()
  sound = readFileSync(path)
  rmSync(path)
  hasShell = await run('sqlite3', ['--version']).then(
    () => true,
    () => false,
  )
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** Storage class and value, in a form that both sides can be brought to. */
function told(value: SourceValue): string {
  if (value === null) return 'null:'
  if (typeof value === 'bigint') return `integer:${value}`
  if (typeof value === 'number') return `real:${value}`
  if (typeof value === 'string') return `text:${Buffer.from(value).toString('hex').toUpperCase()}`
  const bytes = value instanceof InvalidText ? value.bytes : value
  return `${value instanceof InvalidText ? 'text' : 'blob'}:${Buffer.from(bytes).toString('hex').toUpperCase()}`
}

async function ours(path: string): Promise<string[] | string> {
  try {
    const source = await sqlite.open({ path })
    try {
      const lines: string[] = []
      for (const [name, columns] of Object.entries(TABLES)) {
        const options = { columns, integers: 'bigint' as const }
        for await (const rows of source.readBatches({ schema: 'main', name }, options))
          for (const row of rows) lines.push(row.map(told).join('|'))
      }
      await source.sound?.()
      return lines.toSorted()
    } finally {
      await source.close()
    }
  } catch (error) {
    if (error instanceof Error && 'code' in error && String(error.code).startsWith('SOURCE_')) return String(error.code)
    throw error
  }
}

/** What the program sqlite3 reads; null where it stops at damage. */
async function theirs(path: string): Promise<string[] | null> {
  const cell = (name: string): string =>
    `typeof("${name}") || ':' || case typeof("${name}") when 'text' then hex(cast("${name}" as blob)) when 'blob' then hex("${name}") when 'real' then printf('%!.17g', "${name}") else ifnull("${name}", '') end`
  const queries = Object.entries(TABLES).map(
    ([name, columns]) => `select ${columns.map(cell).join(` || '|' || `)} from "${name}" not indexed`,
  )
  try {
    const { stdout } = await run('sqlite3', ['-readonly', '-bail', path, queries.join('; ')], { maxBuffer: 1 << 28 })
    const asNumber = (line: string): string =>
      line.replaceAll(/real:([^|]*)/g, (_, text: string) => `real:${Number(text.replace('Inf', 'Infinity'))}`)
    return stdout.split('\n').filter(Boolean).map(asNumber).toSorted()
  } catch {
    return null
  }
}

async function endsWell(name: string, damaged: Buffer): Promise<string> {
  const path = join(folder, name)
  writeFileSync(path, damaged)
  const read = await ours(path)
  expect(readFileSync(path).equals(damaged)).toBe(true)
  expect(readdirSync(folder)).toEqual([name])
  const shell = typeof read === 'string' ? null : await theirs(path)
  rmSync(path)
  if (typeof read === 'string') return 'refused'
  expect(read).toEqual(shell)
  return SAME
}

const bytes = figures('one byte of a SQLite file changed')
test('whatever byte changes: refused, or read as sqlite3 reads it', { timeout: 1_800_000 }, async ({ skip }) => {
  skip(!hasShell, 'no sqlite3 here')
  const below = randomNumbers(11)
  for (let point = 0; point < points(1000, 25); point++) {
    const damaged = Buffer.from(sound)
    const at = below(sound.length)
    damaged[at] = (damaged[at]! + 1 + below(255)) % 256
    const outcome = await endsWell(`byte-${at}.db`, damaged)
    expect(['refused', SAME]).toContain(outcome)
    bytes(outcome)
  }
})

const blocks = figures('a block of a SQLite file zeroed, filled, moved or cut off')
test('whatever block is lost: refused, or read as sqlite3 reads it', { timeout: 1_800_000 }, async ({ skip }) => {
  skip(!hasShell, 'no sqlite3 here')
  const below = randomNumbers(12)
  for (let point = 0; point < points(200, 8); point++) {
    const damaged = Buffer.from(sound)
    const size = [512, PAGE, 3 * PAGE][below(3)]!
    const at = below(sound.length / 512) * 512
    const block = damaged.subarray(at, at + size)
    const kind = point % 4
    if (kind === 0) block.fill(0)
    if (kind === 1) block.fill(below(256))
    if (kind === 2) damaged.copy(damaged, at, below(sound.length - size))
    const outcome = await endsWell(`block-${point}.db`, kind === 3 ? damaged.subarray(0, at) : damaged)
    expect(['refused', SAME]).toContain(outcome)
    blocks(outcome)
  }
})
