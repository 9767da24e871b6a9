import { chmodSync, existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Contender, Job } from './contender.ts'
import type { DataSet } from './data-sets.ts'
import { measureWork } from './measure.ts'
import { load } from './rowferry.ts'
import { bareTables, keysAndIndexes } from './schema.ts'
import { ask, withDatabase } from './server.ts'

/**
 * The least that the server needs by itself: COPY … FREEZE from files in its own binary format, then keys and indexes, in one transaction.
 * The files are written by the server, which must be on this machine and may only do so for a superuser.
 */
export function limit(command: readonly string[]): Contender {
  return {
    name: "the server's COPY",
    about: 'of prebuilt binary files, FREEZE; keys and indexes afterwards',
    takesPart: () => true,
    async run(job) {
      await buildFiles(command, job)
      await ask(job.url, 'DROP SCHEMA public CASCADE', 'CREATE SCHEMA public')
      return measureWork(job.server, () => copyAll(job))
    },
  }
}

function copyAll({ url, set, scenario, folder }: Job): Promise<unknown> {
  return ask(
    url,
    // As the crossing does: without it a load of long texts measures how slow the older compression is
    `SELECT set_config(name, 'lz4', false) FROM pg_settings WHERE name = 'default_toast_compression' AND 'lz4' = ANY (enumvals)`,
    [
      'BEGIN',
      ...bareTables(set),
      ...set.tables.map(({ name }) => `COPY ${name} FROM '${fileOf(folder, set, name)}' (FORMAT binary, FREEZE)`),
      ...(scenario === 'bare' ? [] : keysAndIndexes(set)),
      'COMMIT',
    ].join(';'),
  )
}

async function buildFiles(command: readonly string[], job: Job): Promise<void> {
  const { set, folder } = job
  const missing = set.tables.filter(({ name }) => !existsSync(fileOf(folder, set, name)))
  if (missing.length === 0) return
  mkdirSync(join(folder, 'server'), { recursive: true })
  // The server is another user
  chmodSync(join(folder, 'server'), 0o777)
  await withDatabase(job.server, async (url) => {
    await ask(url, ...bareTables(set))
    await load(command, { ...job, url, scenario: 'bare' })
    await ask(url, ...missing.map(({ name }) => `COPY ${name} TO '${fileOf(folder, set, name)}' (FORMAT binary)`))
  })
}

function fileOf(folder: string, set: DataSet, table: string): string {
  const rows = set.tables.reduce((total, each) => total + each.rows, 0)
  return join(folder, 'server', `${set.name}-${rows}-${table}.bin`).replaceAll("'", "''")
}
