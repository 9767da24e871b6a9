import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import fc from 'fast-check'
import pg from 'pg'
import { expect, test } from 'vitest'
import type { Reject } from '@rowferry/write'
import type { Target } from '../test/any-type.ts'
import { MADE, TARGETS } from '../test/any-type.ts'
import type { Stored } from '../test/any-value.ts'
import { valueFor } from '../test/any-value.ts'
import type { Fate } from '../test/arrives.ts'
import { fateOf, inServerWords } from '../test/arrives.ts'
import type { Rig } from '../test/rig.ts'
import { rig } from '../test/rig.ts'
import { migrate } from './migrate-command.ts'
import { verify } from './verify-command.ts'

/** More rows, and others: `ROWFERRY_TEST_ROWS=100000 ROWFERRY_TEST_SEED=7`. */
const rows = Number(process.env['ROWFERRY_TEST_ROWS'] ?? 400)
const firstSeed = Number(process.env['ROWFERRY_TEST_SEED'] ?? 1)
const inOneCrossing = 10_000

interface Table {
  readonly name: string
  readonly columns: readonly Target[]
  /** Row i has id i + 1. */
  readonly rows: readonly (readonly Stored[])[]
}

const others = fc.oneof(...TARGETS.map(({ texts }) => texts))

function tablesOf(seed: number, count: number): Table[] {
  const shuffled = fc.sample(fc.shuffledSubarray([...TARGETS], { minLength: TARGETS.length }), { seed, numRuns: 1 })[0]!
  const pairs = shuffled.flatMap((first, i) => (i % 2 === 0 ? [[first, shuffled[i + 1] ?? first]] : []))
  // A table costs more than its rows: where there are few, none has a type by itself
  const shapes = count < 2000 ? pairs : [...TARGETS.map((target) => [target]), ...pairs]
  const each = Math.ceil(count / shapes.length)
  return shapes.map((columns, i) => {
    const row = fc.tuple(...columns.map((target) => valueFor(target, others)))
    return { name: `t${i}`, columns, rows: fc.sample(row, { seed: seed * 1000 + i, numRuns: each }) }
  })
}

function fill(path: string, tables: readonly Table[]): void {
  const file = new Database(path)
  file.exec('begin')
  for (const { name, columns, rows: all } of tables) {
    file.exec(`create table ${name} (id integer primary key, ${columns.map((_, i) => `v${i}`).join(', ')})`)
    for (const [at, row] of all.entries()) {
      const values = row.map(({ class: stored }) => (stored === 'invalid text' ? 'cast(? as text)' : '?'))
      file.prepare(`insert into ${name} values (${at + 1}, ${values.join(', ')})`).run(...row.map(({ bound }) => bound))
    }
  }
  file.exec('commit')
  file.close()
}

/** What the server prints: by its own input function, in a zone in which no text that lacks an offset could pass for UTC. */
async function openOracle(url: string) {
  const client = new pg.Client({ connectionString: url, types: { getTypeParser: () => (value: unknown) => value } })
  await client.connect()
  await client.query("set timezone = 'Asia/Kathmandu'")
  const printed = (value: string, { kind }: Target) =>
    kind === 'money'
      ? `(${value})::numeric::text`
      : `case when ${value} is distinct from null then format('%s', ${value}) end`
  return {
    end: () => client.end(),
    async reads(target: Target, texts: readonly (string | null)[]): Promise<(string | null)[]> {
      // Before PostgreSQL 14 PL/pgSQL assigns no text to a composite
      const given = target.kind === 'money' ? 'given::numeric' : target.declared === 'pair' ? 'given::pair' : 'given'
      await client.query(
        `create or replace function pg_temp.reads(given text) returns text language plpgsql as
         $$declare v ${target.declared}${target.declared === 'short' ? " = ''" : ''}; begin v := ${given}; return ${printed('v', target)}; exception when others then return null; end$$`,
      )
      const { rows: told } = await client.query<{ v: string | null }>(
        'select case when x is not null then pg_temp.reads(x) end as v from unnest($1::text[]) with ordinality as given (x, n) order by n',
        [texts],
      )
      return told.map(({ v }) => v)
    },
    async loaded({ name, columns }: Table): Promise<Map<number, (string | null)[]>> {
      const { rows: all } = await client.query<{ id: string; v: (string | null)[] }>(
        `select id, json_build_array(${columns.map((target, i) => printed(`v${i}`, target)).join(', ')})::text as v from ${name}`,
      )
      return new Map(all.map(({ id, v }) => [Number(id), JSON.parse(v as unknown as string) as (string | null)[]]))
    },
  }
}

async function fatesOf(
  tables: readonly Table[],
  oracle: Awaited<ReturnType<typeof openOracle>>,
): Promise<Map<Stored, Fate>> {
  const byType = new Map<Target, Stored[]>()
  for (const { columns, rows: all } of tables)
    for (const [i, target] of columns.entries())
      byType.set(target, [...(byType.get(target) ?? []), ...all.map((row) => row[i]!)])
  const fates = new Map<Stored, Fate>()
  for (const [target, values] of byType) {
    const read = await oracle.reads(
      target,
      values.map((value) => inServerWords(target, value)),
    )
    for (const [i, value] of values.entries()) fates.set(value, fateOf(target, value, read[i]!))
  }
  return fates
}

const rejectsOf = (folder: string, table: string): Reject[] => {
  const path = join(folder, `${table}.ndjson`)
  if (!existsSync(path)) return []
  return readFileSync(path, 'utf8')
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Reject)
}

/** The line in the quarantine holds the very value. */
function isKept({ class: stored, bound }: Stored, { values }: Reject, column: string): boolean {
  const kept = values.find((each) => each.column === column)
  if (kept?.class !== stored) return false
  if (stored === 'blob' || stored === 'invalid text')
    return Buffer.from((kept.value as { base64: string }).base64, 'base64').equals(bound as Buffer)
  return stored === 'real'
    ? Object.is(Number(kept.value), bound)
    : kept.value === (bound === null ? null : String(bound))
}

const shown = ({ class: stored, bound }: Stored): string =>
  `${stored} ${Buffer.isBuffer(bound) ? bound.toString('hex') : typeof bound === 'string' ? JSON.stringify(bound) : Object.is(bound, -0) ? '-0' : String(bound)}`

/** Everything that went otherwise than it may, in words. */
function faultsOf(
  table: Table,
  loaded: ReadonlyMap<number, readonly (string | null)[]>,
  aside: readonly Reject[],
  fates: ReadonlyMap<Stored, Fate>,
): string[] {
  const rejects = new Map(aside.map((reject) => [Number(/^id=(\d+)$/.exec(reject.row)![1]), reject]))
  const faults: string[] = []
  for (const [at, row] of table.rows.entries()) {
    const got = loaded.get(at + 1)
    const reject = rejects.get(at + 1)
    const where = (i: number) => `${table.columns[i]!.declared}: ${shown(row[i]!)}`
    if ((got === undefined) === (reject === undefined))
      faults.push(`${where(0)}: ${got ? 'loaded and set aside' : 'neither loaded nor set aside'}`)
    for (const [i, value] of row.entries()) {
      const fate = fates.get(value)!
      if (got && got[i] !== fate.printed)
        faults.push(
          `${where(i)} arrived as ${JSON.stringify(got[i])}, ${fate.printed === undefined ? 'must not' : `is ${JSON.stringify(fate.printed)}`}`,
        )
      if (reject && !isKept(value, reject, `v${i}`))
        faults.push(`${where(i)} is not kept in ${JSON.stringify(reject.values)}`)
    }
    if (!reject) continue
    if (reject.reason === '' || reject.code === '' || reject.column === null)
      faults.push(`${where(0)} has no reason or column: ${reject.code} ${reject.column} ${reject.reason}`)
    const blamed = row[Number(reject.column?.slice(1))]
    if (blamed && fates.get(blamed)!.must)
      faults.push(`${where(row.indexOf(blamed))} refused: ${reject.code} ${reject.reason}`)
  }
  return faults
}

async function cross(at: Rig, tables: readonly Table[]) {
  const folder = join(at.folder, 'aside')
  const oracle = await openOracle(at.url)
  try {
    const fates = await fatesOf(tables, oracle)
    const refused = await migrate(at.input())
    const report = await migrate(at.input({ onBadRow: 'quarantine', quarantineDir: folder }))
    expect(report.error).toBeNull()
    expect(report).toMatchObject({ outcome: 'partial', exitCode: 2 })
    const faults: string[] = []
    for (const table of tables) {
      const aside = rejectsOf(folder, table.name)
      const account = report.tables.find(({ source }) => source === table.name)!
      expect(account).toMatchObject({
        read: table.rows.length,
        written: table.rows.length - aside.length,
        rejected: aside.length,
        verdict: 'equal',
      })
      faults.push(...faultsOf(table, await oracle.loaded(table), aside, fates))
      faults.push(
        ...unlikeRefusal(
          table,
          refused.findings.filter((each) => each.table === table.name && each.severity === 'refuse'),
          aside,
        ),
      )
    }
    expect(await verify(at.input({ quarantineDir: folder }))).toMatchObject({ outcome: 'done' })
    return { faults, read: report.totals.read, written: report.totals.written, rejected: report.totals.rejected }
  } finally {
    await oracle.end()
  }
}

/** The refusal lists the rows that the quarantine holds: all of them, where it lists them by key. */
function unlikeRefusal(
  { name, columns }: Table,
  findings: readonly { readonly count: number | null; readonly keys: readonly string[] }[],
  aside: readonly Reject[],
): string[] {
  const keys = new Set(aside.map(({ row }) => row))
  const named = new Set(findings.flatMap((each) => each.keys))
  const counted = findings.reduce((sum, { count }) => sum + (count ?? 0), 0)
  const whole = findings.every((each) => each.keys.length === each.count)
  const unlike = [...named]
    .filter((key) => !keys.has(key))
    .concat(whole ? [...keys].filter((key) => !named.has(key)) : [])
  if (unlike.length > 0)
    return [
      `${name} (${columns.map(({ declared }) => declared).join()}): ${unlike.join()} are not both refused and set aside`,
    ]
  const balanced = columns.length === 1 ? counted === keys.size : counted >= keys.size
  return balanced
    ? []
    : [`${name} (${columns.map(({ declared }) => declared).join()}): ${counted} refused, ${keys.size} set aside`]
}

test(
  'any value of any class for any type arrives exactly, or its row is set aside with a reason',
  { timeout: 7_200_000 },
  async () => {
    const total = { read: 0, written: 0, rejected: 0 }
    const faults: string[] = []
    for (let seed = firstSeed; total.read < rows; seed++) {
      const tables = tablesOf(seed, Math.min(rows, inOneCrossing))
      const declared = tables.map(
        ({ name, columns }) =>
          `create table ${name} (id int primary key, ${columns.map((each, i) => `v${i} ${each.declared}`).join(', ')});`,
      )
      await using at = await rig('select 1', MADE + declared.join('\n'))
      fill(at.path, tables)
      const { faults: found, ...counts } = await cross(at, tables)
      faults.push(...found)
      for (const key of ['read', 'written', 'rejected'] as const) total[key] += counts[key]
      if (rows > 2000)
        process.stdout.write(`seed ${seed}: ${JSON.stringify(total)}, ${faults.length} faults\n${found.join('\n')}\n`)
    }
    expect(total.written).toBeGreaterThan(total.read / 8)
    expect(faults).toEqual([])
  },
)
