import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { parseDatabase } from '@rowferry/connect'
import type { TargetAddress } from '@rowferry/migrate'
import { migrate } from '@rowferry/migrate'
import { sqlite } from '@rowferry/source-sqlite'
import pg from 'pg'
import { compareFacts } from './compare.ts'
import { postgresFacts } from './postgres-facts.ts'
import type { KeptRow } from './render.ts'
import { sqliteFacts } from './sqlite-facts.ts'

/** Crosses a file into a scratch database of the server (dropped afterwards) and compares both catalogs. Rows that cannot arrive are set aside, so that the schema is made all the same. */
export async function keptOf(path: string, server: string): Promise<KeptRow> {
  const name = `kept_${randomBytes(6).toString('hex')}`
  const quarantine = mkdtempSync(join(tmpdir(), 'rowferry-kept-'))
  const url = new URL(server)
  url.pathname = `/${name}`
  await administer(server, `create database ${name} template template0`)
  try {
    const report = await migrate({
      source: { adapter: sqlite, options: { path }, label: path },
      target: parseDatabase(url.href, { env: {} }) as TargetAddress,
      options: { onBadRow: 'quarantine', quarantineDir: quarantine },
    })
    const outcome = report.error ? `${report.outcome} (${report.error.code})` : report.outcome
    const label = /^source\.\w+$/.test(basename(path)) ? basename(dirname(path)) : basename(path)
    return { name: label, outcome, counts: compareFacts(sqliteFacts(path), await postgresFacts(url.href)) }
  } finally {
    await administer(server, `drop database if exists ${name} with (force)`)
    rmSync(quarantine, { recursive: true, force: true })
  }
}

async function administer(server: string, sql: string): Promise<void> {
  const client = new pg.Client(server)
  await client.connect()
  try {
    await client.query(sql)
  } finally {
    await client.end()
  }
}
