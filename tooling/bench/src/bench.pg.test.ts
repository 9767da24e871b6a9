import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { useDatabase } from '@rowferry/vitest-preset/database'
import { expect, test } from 'vitest'
import { writeBenchFile } from './bench-file.ts'
import type { BenchFile } from './bench-file.ts'
import { bench } from './bench.ts'

const database = useDatabase()
const fromSources = [
  process.execPath,
  '--conditions=@rowferry/source',
  fileURLToPath(new URL('../../../apps/cli/src/bin.ts', import.meta.url)),
]

test('every way of carrying a set is measured and written down', { timeout: 60_000 }, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'rowferry-bench-'))
  try {
    const file = await bench({
      server: database.url,
      command: fromSources,
      sets: ['wide'],
      scenarios: ['existing'],
      scale: 0.001,
      runs: 1,
      folder,
      peers: false,
      latencyMs: 1,
      growth: false,
      say: () => {},
    })
    const out = join(folder, 'out.json')
    writeBenchFile(out, file)
    const { results } = JSON.parse(readFileSync(out, 'utf8')) as BenchFile
    const ours = results.filter(({ contender }) => contender.startsWith('rowferry'))
    expect(ours.map(({ contender, rows, failure, runs }) => [contender, rows, failure, runs.length])).toEqual([
      ['rowferry', 500, null, 1],
      ['rowferry, unproven', 500, null, 1],
      ['rowferry plan', 500, null, 1],
    ])
    expect(Object.keys(ours[0]!.runs[0]!.phases!)).toEqual(expect.arrayContaining(['data', 'verify', 'commit']))
    // A server elsewhere cannot be handed files: then the reason is written down
    expect(results.at(-1)).toMatchObject({ contender: "the server's COPY" })
    expect(results.at(-1)!.runs.length === 1 || results.at(-1)!.failure !== null).toBe(true)
    const tables = readFileSync(join(folder, 'out.md'), 'utf8')
    for (const { contender } of ours) expect(tables).toContain(`| ${contender} | `)
  } finally {
    rmSync(folder, { recursive: true })
  }
})
