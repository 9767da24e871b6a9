import { execFile, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { parseDatabase } from '@rowferry/connect'
import { checkProof, migrate } from '@rowferry/migrate'
import type { TargetAddress } from '@rowferry/migrate'
import { sqlite } from '@rowferry/source-sqlite'
import { createDatabase } from '@rowferry/vitest-preset/database'
import Database from 'better-sqlite3'
import pg from 'pg'
import { expect, test } from 'vitest'
import { specimens } from './mutants/databases.ts'
import { random } from './mutants/random.ts'
import { root } from './workspace.ts'

const has = (command: string): boolean => spawnSync(command, ['--version']).status === 0
const lacking = ['python3', 'psql'].filter((command) => !has(command))
const script = /```python\n(.*?)```/s.exec(readFileSync(join(root, 'docs/proof.md'), 'utf8'))?.[1] ?? ''

type Proof = Parameters<NonNullable<Parameters<typeof migrate>[0]['onProof']>>[0]

async function proven() {
  const folder = mkdtempSync(join(tmpdir(), 'rowferry-proof-'))
  const path = join(folder, 'source.db')
  const file = new Database(path)
  const numbers = random(5)
  const [, every, , , keyless] = specimens
  // Enough rows for more than one chunk, with keys whose order depends on the collation
  file.exec(`${every!.source(numbers)}; ${keyless!.source(numbers)}; create table many (k text primary key not null, n integer);
    with recursive i(n) as (select 1 union all select n + 1 from i where n < 12000) insert into many select char(65 + n % 57) || n || 'é', n from i;
    create table none (id integer primary key)`)
  file.close()
  const database = await createDatabase()
  const run = async (sql: string): Promise<void> => {
    const client = new pg.Client(database.url)
    await client.connect()
    await client.query(sql).finally(() => client.end())
  }
  await run(every!.target!)
  const target = parseDatabase(database.url, { env: {} }) as TargetAddress
  let proof: Proof | undefined
  const report = await migrate({
    source: { adapter: sqlite, options: { path }, label: path },
    target,
    options: { ...every!.options, missingTables: 'create' },
    onProof: (made) => (proof = made),
  })
  expect(report).toMatchObject({ outcome: 'done' })
  return {
    proof: proof!,
    target,
    url: database.url,
    folder,
    run,
    async [Symbol.asyncDispose]() {
      await database.drop()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

test('a proof is checked without its source, and tells between which keys something changed', async () => {
  await using at = await proven()
  const { proof, target } = at
  expect(proof.tables.find(({ name }) => name === 'many')).toMatchObject({ key: ['k'], rows: 12_000 })
  expect(await checkProof({ proof, target })).toMatchObject({ outcome: 'done', exitCode: 0, findings: [] })
  await at.run(`update many set n = n + 1 where k = (select k from many order by k collate "C" offset 11000 limit 1);
    delete from log where ctid = (select max(ctid) from log); alter table many alter n set not null`)
  const report = await checkProof({ proof, target })
  expect(report).toMatchObject({ outcome: 'different', exitCode: 4 })
  const end = proof.tables.find(({ name }) => name === 'many')!.chunks[0]!.last
  expect(report.tables.filter(({ verdict }) => verdict !== 'equal')).toMatchObject([
    {
      target: 'log',
      mismatches: [
        { key: 'all rows', source: expect.stringContaining(', at least 1 of them not there any more') as string },
      ],
    },
    { target: 'many', mismatches: [{ source: '2000 rows', target: '2000 rows, of which some differ' }] },
  ])
  expect(report.tables.find(({ source }) => source === 'many')?.mismatches[0]?.key).toMatch(`after k=${end}`)
  expect(report.findings).toMatchObject([{ code: 'SCHEMA_DIFFERS', table: 'many' }])
  await at.run('drop table one; alter table many rename n to m')
  expect(await checkProof({ proof, target })).toMatchObject({ outcome: 'different' })
  // One that was changed by hand proves nothing
  const forged = { ...proof, tables: proof.tables.map((table) => ({ ...table, sha256: '0'.repeat(64) })) }
  expect((await checkProof({ proof: forged, target })).findings.map(({ code }) => code)).toContain('PROOF_BROKEN')
})

test.skipIf(lacking.length > 0)(
  `somebody else's program comes to the same digests${lacking.length > 0 ? ` (needs ${lacking.join(', ')})` : ''}`,
  async () => {
    await using at = await proven()
    const [program, file] = [join(at.folder, 'check.py'), join(at.folder, 'proof.json')]
    writeFileSync(program, script)
    writeFileSync(file, JSON.stringify(at.proof))
    expect(script.trim().split('\n').length).toBeLessThanOrEqual(50)
    const check = () => promisify(execFile)('python3', [program, file, at.url])
    const { stdout } = await check()
    expect(stdout.trim().split('\n').toSorted()).toEqual(
      at.proof.tables.map(({ schema, name, rows }) => `equal ${rows} ${schema}.${name}`).toSorted(),
    )
    await at.run('update one set v = 77')
    await expect(check()).rejects.toMatchObject({ code: 1, stdout: expect.stringContaining('DIFFERENT 5 public.one') })
  },
)
