import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { encodedTypes, epochUnits, mendNames } from '@rowferry/coerce'
import { parseDatabase } from '@rowferry/connect'
import { migrate, verify } from '@rowferry/migrate'
import type { CrossingOptionsInput, TargetAddress } from '@rowferry/migrate'
import { sqlite } from '@rowferry/source-sqlite'
import { createDatabase } from '@rowferry/vitest-preset/database'
import Database from 'better-sqlite3'
import pg from 'pg'
import { expect, test } from 'vitest'
import { brokenTypes } from './broken/cells.ts'
import type { Fault, Row } from './broken/faulty.ts'
import { faulty } from './broken/faulty.ts'
import { ruleCases } from './broken/rules.ts'

async function rig(fill: (file: Database.Database) => void, target: string) {
  const folder = mkdtempSync(join(tmpdir(), 'rowferry-broken-'))
  const path = join(folder, 'source.db')
  const file = new Database(path)
  fill(file)
  file.close()
  const database = await createDatabase()
  const client = new pg.Client(database.url)
  await client.connect()
  await client.query(target)
  return {
    input: (options: CrossingOptionsInput = {}) => ({
      source: { adapter: sqlite, options: { path }, label: path },
      target: parseDatabase(database.url, { env: {} }) as TargetAddress,
      options,
    }),
    client,
    async [Symbol.asyncDispose]() {
      await client.end()
      await database.drop()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

const tableOf = (at: number): string => `t${at}`

test('every type has encoders that are wrong', () => {
  const known = new Set(brokenTypes.map(({ type }) => type))
  expect([...encodedTypes, 'enum', 'domain', 'array', 'input'].filter((type) => !known.has(type))).toEqual([])
})

test('an encoder that is wrong in one way is found in its cell, and nothing stays', { timeout: 60_000 }, async () => {
  await using at = await rig(
    (file) => {
      for (const [i, { mutants }] of brokenTypes.entries()) {
        file.exec(`create table ${tableOf(i)} (id integer primary key, c)`)
        const insert = file.prepare(`insert into ${tableOf(i)} values (?, ?)`)
        for (const [j, [, stored]] of mutants.entries())
          insert.run(j + 1, stored instanceof Uint8Array ? Buffer.from(stored) : stored)
      }
    },
    [
      "create type mood as enum ('calm', 'glad'); create domain small as integer check (value < 10)",
      ...brokenTypes.map(({ declared }, i) => `create table ${tableOf(i)} (id bigint primary key, c ${declared})`),
    ].join(';'),
  )
  const send: Fault = (table, rows, columns, integers) => {
    const [id, c] = [columns.indexOf('id'), columns.indexOf('c')]
    return rows.map((row) => {
      const sent = brokenTypes[Number(table.slice(1))]!.mutants[Number(row[id]) - 1]![2]
      const value =
        typeof sent === 'number' &&
        Number.isInteger(sent) &&
        !Object.is(sent, -0) &&
        typeof row[c] !== 'number' &&
        integers === 'bigint'
          ? BigInt(sent)
          : sent
      return row.map((cell, i) => (i === c ? value : cell))
    })
  }
  let loading = false
  const input = at.input()
  const report = await migrate({
    ...input,
    source: { ...input.source, adapter: faulty(send, () => loading) },
    onEvent: (event) => {
      if (event.type === 'phase') loading = event.phase === 'data'
    },
  })
  expect(report.findings.filter(({ severity }) => severity === 'refuse')).toEqual([])
  expect(report).toMatchObject({ outcome: 'different', exitCode: 4 })
  const alive = brokenTypes.flatMap(({ declared, mutants }, i) => {
    const listed = report.tables.find(({ source }) => source === tableOf(i))?.mismatches ?? []
    return mutants.flatMap(([fault], j) =>
      listed.some(({ kind, key, column }) => kind === 'different' && key === `id=${j + 1}` && column === 'c')
        ? []
        : [`${declared}: ${fault}`],
    )
  })
  expect(alive).toEqual([])
  const { rows } = await at.client.query(
    `select ${brokenTypes.map((_, i) => `(select count(*) from ${tableOf(i)})`).join(' + ')} as left`,
  )
  expect(rows).toEqual([{ left: '0' }])
})

const without = (index: number, change: (value: Row[number]) => Row[number]) => (rows: readonly Row[]) =>
  rows.map((row) => row.map((value, i) => (i === index ? change(value) : value)))

/** Faults of a reader, each in a table of its own; it errs at the load and at the proof alike. */
const readers: Readonly<Record<string, (rows: readonly Row[]) => readonly Row[]>> = {
  'a range skipped': (rows) => rows.filter((_, i) => i < 2 || i > 3),
  'a row twice': (rows) => [...rows, rows[2]!],
  'a row in place of another': (rows) => rows.map((row, i) => (i === 4 ? rows[3]! : row)),
  'rounded past 2^53': without(0, (value) => (typeof value === 'bigint' ? BigInt(Number(value)) : value)),
  'reals in single precision': without(3, (value) => (typeof value === 'number' ? Math.fround(value) : value)),
  'reals in fifteen digits': without(3, (value) => (typeof value === 'number' ? Number(value.toPrecision(15)) : value)),
  'the sign of nought lost': without(3, (value) => (Object.is(value, -0) ? 0 : value)),
  'cut at NUL': without(1, (value) => (typeof value === 'string' ? value.split('\0')[0]! : value)),
  'U+FFFD for bad bytes': without(1, (value) =>
    typeof value === 'object' && value !== null && 'bytes' in value ? '\ufffd' : value,
  ),
  'U+FFFD for as many bytes': without(1, (value) =>
    typeof value === 'object' && value !== null && 'bytes' in value && value.bytes.length === 3 ? '\ufffd' : value,
  ),
  'blanks trimmed': without(1, (value) => (typeof value === 'string' ? value.trimEnd() : value)),
  'a blob as text': without(2, (value) =>
    value instanceof Uint8Array ? Buffer.from(value).toString('latin1') : value,
  ),
  'empty as NULL': without(1, (value) => (value === '' ? null : value)),
}

test('a reader that is wrong is wrong twice, and the sums of the source tell on it', { timeout: 60_000 }, async () => {
  const names = Object.keys(readers)
  await using at = await rig(
    (file) => {
      for (const i of names.keys()) {
        file.exec(`create table ${tableOf(i)} (n, t, b, r);
          insert into ${tableOf(i)} values (9007199254740993, 'a' || char(0) || 'b', x'41', 1.5), (2, 'c  ', x'00ff', 2.5), (3, 'd', null, 0.25),
            (4, 'e', x'', 0.30000000000000004), (5, cast(x'66ff' as text), x'05', 5.25), (6, '', x'06', 6.75), (8, cast(x'f09f98' as text), null, null), (9, '\ufffd', null, null)`)
        file.prepare(`insert into ${tableOf(i)} values (7, 'g', x'07', ?)`).run(-0)
      }
    },
    names.map((_, i) => `create table ${tableOf(i)} (n numeric, t text, b bytea, r double precision)`).join(';'),
  )
  const options: CrossingOptionsInput = {
    replaceInvalid: names.map((_, i) => `${tableOf(i)}.t`),
    stripNul: names.map((_, i) => `${tableOf(i)}.t`),
  }
  expect((await migrate({ ...at.input(options), rehearse: true })).outcome).toBe('rehearsed')
  const err: Fault = (table, rows, columns) => {
    const order = ['n', 't', 'b', 'r'].map((column) => columns.indexOf(column))
    // Of a reading of other columns, nothing is changed
    if (order.includes(-1)) return rows
    const faulted = readers[names[Number(table.slice(1))]!]!(rows.map((row) => order.map((from) => row[from]!)))
    return faulted.map((row) => columns.map((_, i) => row[order.indexOf(i)] ?? null))
  }
  const input = at.input(options)
  const report = await migrate({ ...input, source: { ...input.source, adapter: faulty(err, () => true) } })
  expect(report.findings.filter(({ severity }) => severity === 'refuse')).toEqual([])
  expect(report).toMatchObject({ outcome: 'different', exitCode: 4 })
  const believed = names.filter(
    (_, i) => report.tables.find(({ source }) => source === tableOf(i))?.verdict !== 'different',
  )
  expect(believed).toEqual([])
})

test(
  'every rule of the load has its twin in the proof: the same with it, different without',
  { timeout: 60_000 },
  async () => {
    const rules = Object.entries(ruleCases)
    const ruleNames = new Set(rules.map(([name]) => name))
    expect([...mendNames, ...epochUnits.map((unit) => `epoch ${unit}`)].filter((name) => !ruleNames.has(name))).toEqual(
      [],
    )
    await using at = await rig(
      (file) => {
        for (const [i, [, { stored }]] of rules.entries())
          file.exec(
            `create table ${tableOf(i)} (id integer primary key, c); insert into ${tableOf(i)} (c) values ${stored.map((sql) => `(${sql})`).join(', ')}`,
          )
      },
      rules.map(([, { declared }], i) => `create table ${tableOf(i)} (id bigint primary key, c ${declared})`).join(';'),
    )
    const options: Record<string, unknown> = {}
    for (const [i, [, { rule }]] of rules.entries()) {
      for (const [name, value] of Object.entries(rule(`${tableOf(i)}.c`)))
        options[name] = Array.isArray(value) ? [...((options[name] as unknown[] | undefined) ?? []), ...value] : value
    }
    const crossed = await migrate(at.input(options))
    expect([crossed.outcome, crossed.findings.filter(({ severity }) => severity === 'refuse')]).toEqual(['done', []])
    expect(await verify(at.input(options))).toMatchObject({ outcome: 'done' })
    const bare = await verify(at.input())
    const idle = rules.filter(
      (_, i) => bare.tables.find(({ source }) => source === tableOf(i))?.verdict !== 'different',
    )
    expect(idle.map(([name]) => name)).toEqual([])
  },
)
