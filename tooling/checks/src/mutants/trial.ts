import { mkdtempSync, rmSync } from 'node:fs'
import { randomBytes } from 'node:crypto'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseDatabase } from '@rowferry/connect'
import { migrate, plan, verify } from '@rowferry/migrate'
import type { TargetAddress } from '@rowferry/migrate'
import { sqlite } from '@rowferry/source-sqlite'
import Database from 'better-sqlite3'
import pg from 'pg'
import { crossedTables } from './crossed.ts'
import type { Damage } from './crossed.ts'
import type { Specimen } from './databases.ts'
import type { Plan, Report } from './ends.ts'
import { objectMutations } from './objects.ts'
import { random } from './random.ts'
import type { Random } from './random.ts'
import { rowMutations } from './rows.ts'

/** A database that was crossed and proven, to be copied for each damage. */
export interface Crossed extends AsyncDisposable {
  readonly specimen: Specimen
  readonly plan: Plan
  /** Compares the source with the target as it was left, or with a copy by its URL. */
  verify(url?: string): Promise<Report>
  /** Copies the target, and drops the copy afterwards. */
  inCopy<T>(run: (client: pg.Client, url: string) => Promise<T>): Promise<T>
}

const refSource = (path: string) => ({ adapter: sqlite, options: { path }, label: path })
const address = (url: string): TargetAddress => parseDatabase(url, { env: {} }) as TargetAddress

/** Crosses a specimen into a database of its own on the server; throws when that does not end as done. */
export async function cross(specimen: Specimen, seed: number, server: string): Promise<Crossed> {
  const folder = mkdtempSync(join(tmpdir(), 'rowferry-mutants-'))
  const path = join(folder, 'source.db')
  const file = new Database(path)
  file.pragma('foreign_keys = off')
  file.exec(specimen.source(random(seed)))
  file.close()
  const name = `rowferry_mutants_${randomBytes(5).toString('hex')}`
  const urlOf = (database: string): string => {
    const url = new URL(server)
    url.pathname = `/${database}`
    return url.href
  }
  const url = urlOf(name)
  await administer(server, `create database ${name} template template0`)
  if (specimen.target !== undefined) await administer(url, specimen.target)
  const input = { source: refSource(path), target: address(url), options: specimen.options ?? {} }
  const planned = await plan(input)
  const report = await migrate({ ...input, plan: planned.plan! })
  if (report.outcome !== 'done')
    throw new Error(
      `${specimen.name}, seed ${seed}: ${report.outcome} ${JSON.stringify([report.error, report.findings])}`,
    )
  let copies = 0
  return {
    specimen,
    plan: planned.plan!,
    verify: (at = url) => verify({ ...input, target: address(at), plan: planned.plan!, crossing: report }),
    async inCopy(run) {
      const copy = `${name}_${(copies += 1)}`
      await administer(server, `create database ${copy} template ${name}`)
      const client = new pg.Client(urlOf(copy))
      await client.connect()
      try {
        return await run(client, urlOf(copy))
      } finally {
        await client.end()
        await administer(server, `drop database if exists ${copy} with (force)`)
      }
    },
    async [Symbol.asyncDispose]() {
      await administer(server, `drop database if exists ${name} with (force)`)
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

export interface Trial {
  readonly damage: Damage
  /** Why it was not found; null when it was. */
  readonly missed: string | null
}

/** One damage at random to a copy, and whether verification names it. Null when none could be done. */
export function damageOne(crossed: Crossed, numbers: Random): Promise<Trial | null> {
  return crossed.inCopy(async (client, url) => {
    const tables = await crossedTables(client, crossed.plan)
    for (let attempt = 0; attempt < 40; attempt += 1) {
      const mutation = numbers.pick(numbers.chance(0.5) ? rowMutations : objectMutations)
      const damage = await mutation({ client, plan: crossed.plan, tables, random: numbers })
      if (damage !== null) return { damage, missed: damage.missed(await crossed.verify(url)) }
    }
    return null
  })
}

/** What is wrong with a report of databases that nobody touched; null when nothing is. */
export function falseAlarm(report: Report): string | null {
  const loud = report.findings.filter(
    ({ severity, code }) => severity === 'refuse' || /^(SCHEMA|NOT_ENFORCED|SEQUENCE|CONSTRAINT)/.test(code),
  )
  return report.outcome === 'done' && loud.length === 0
    ? null
    : JSON.stringify([
        report.outcome,
        report.error?.message,
        loud.map(({ message }) => message),
        report.tables.flatMap(({ mismatches }) => mismatches),
      ])
}

async function administer(url: string, sql: string): Promise<void> {
  const client = new pg.Client(url)
  await client.connect()
  try {
    await client.query(sql)
  } finally {
    await client.end()
  }
}
