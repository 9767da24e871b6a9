import { execFile } from 'node:child_process'
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { promisify } from 'node:util'
import { parseDatabase } from '@rowferry/connect'
import { migrate } from '@rowferry/migrate'
import type { TargetAddress } from '@rowferry/migrate'
import { sqlite } from '@rowferry/source-sqlite'
import pg from 'pg'

/*
 * dump-check FOLDER…: each with a `source.db`, and a `target.sql` or else the tables that a first crossing makes. Crosses each in every way,
 * and says where `pg_dump --schema-only` is not what it was before. Exit 1 then. Takes the server from TEST_POSTGRES_URL, and pg_dump from PATH.
 */
const server = process.env['TEST_POSTGRES_URL'] ?? 'postgres://postgres@127.0.0.1:5432/postgres'
const exec = promisify(execFile)
const modes = ['refuse', 'truncate', 'append', 'skip', 'merge'] as const
let crossed = 0
let changed = 0

for (const folder of process.argv.slice(2)) {
  if (!existsSync(join(folder, 'source.db'))) continue
  for (const mode of modes) for (const triggers of ['disable', 'fire'] as const) await check(folder, mode, triggers)
}
process.stdout.write(`${crossed} crossings, ${changed} left another schema\n`)
process.exitCode = changed > 0 ? 1 : 0

async function check(folder: string, onExisting: (typeof modes)[number], triggers: 'disable' | 'fire'): Promise<void> {
  const name = `rowferry_dump_${process.pid}`
  const url = new URL(server)
  url.pathname = `/${name}`
  await run(server, `drop database if exists ${name} with (force)`)
  await run(server, `create database ${name} template template0`)
  const work = mkdtempSync(join(tmpdir(), 'rowferry-dump-'))
  try {
    cpSync(folder, work, { recursive: true })
    const path = join(work, 'source.db')
    const cross = (aside: string) =>
      migrate({
        source: { adapter: sqlite, options: { path }, label: path },
        target: parseDatabase(url.href) as TargetAddress,
        options: {
          onExisting,
          triggers,
          onBadRow: 'quarantine',
          quarantineDir: join(work, aside),
          timezone: 'UTC',
          missingTables: 'skip',
        },
      })
    const target = join(work, 'target.sql')
    if (existsSync(target)) await run(url.href, readFileSync(target, 'utf8'))
    let before = await dump(url.href)
    let report = await cross('first')
    if (report.tables.some((table) => table.mode === 'create')) {
      before = await dump(url.href)
      report = await cross('second')
    }
    if (report.outcome !== 'done' && report.outcome !== 'partial') return
    crossed++
    const after = await dump(url.href)
    if (after.join('\n') === before.join('\n')) return
    changed++
    const lines = [
      ...before.filter((line) => !after.includes(line)).map((line) => `- ${line}`),
      ...after.filter((line) => !before.includes(line)).map((line) => `+ ${line}`),
    ]
    process.stdout.write(`${basename(folder)} ${onExisting} ${triggers}:\n${lines.join('\n')}\n`)
  } finally {
    rmSync(work, { recursive: true, force: true })
    await run(server, `drop database if exists ${name} with (force)`)
  }
}

async function dump(url: string): Promise<string[]> {
  const { stdout } = await exec('pg_dump', ['--schema-only', url], { maxBuffer: 1 << 28 })
  // A random word guards each dump against its own text
  return stdout.split('\n').filter((line) => !/^\\(un)?restrict /.test(line))
}

async function run(url: string, sql: string): Promise<void> {
  const client = new pg.Client(url)
  client.on('error', () => {})
  await client.connect()
  try {
    await client.query(sql)
  } finally {
    await client.end()
  }
}
