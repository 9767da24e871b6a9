import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createDatabase } from '@rowferry/vitest-preset/database'
import Database from 'better-sqlite3'
import pg from 'pg'
import { expect, onTestFinished, test } from 'vitest'
import { root } from './workspace.ts'

const stepsOf = (page: string) =>
  [
    ...readFileSync(join(root, page), 'utf8').matchAll(/<!-- runs: ([\w ]+) -->\s*```(?:sql|console)\n(.*?)\n```/gs),
  ].map(([, what, text]) => ({ what: what!, text: text! }))

/** Columns are as wide as their widest cell. */
const plain = (line: string) => line.replaceAll(/ +/g, ' ').trim()

test.each([
  ['docs/plan.md', 8],
  ['docs/resumable.md', 6],
])('%s says what the program does', { timeout: 120_000 }, async (page, blocks) => {
  const steps = stepsOf(page)
  expect(steps.length).toBeGreaterThanOrEqual(blocks)
  await using target = await createDatabase()
  const folder = mkdtempSync(join(tmpdir(), 'rowferry-plan-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const bin = `"${process.execPath}" --conditions=@rowferry/source "${join(root, 'apps/cli/src/bin.ts')}"`
  const run = (command: string) =>
    new Promise<{ code: number; said: string[] }>((resolve) => {
      const env = { ...process.env, DATABASE_URL: target.url, NO_COLOR: '1' }
      execFile('sh', ['-euc', `rowferry() { ${bin} "$@"; }\n${command} 2>&1`], { cwd: folder, env }, (error, stdout) =>
        resolve({ code: typeof error?.code === 'number' ? error.code : 0, said: stdout.split('\n').map(plain) }),
      )
    })
  const prepare = {
    source(sql: string) {
      const file = new Database(join(folder, 'app.db'))
      file.exec(sql)
      file.close()
    },
    async target(sql: string) {
      const client = new pg.Client({ connectionString: target.url })
      await client.connect()
      await client.query(sql)
      await client.end()
    },
  }
  const shown: { command: string; code: number; lines: string[] }[] = []
  const printed: typeof shown = []
  for (const { what, text } of steps) {
    if (what === 'source' || what === 'target') {
      await prepare[what](text)
      continue
    }
    for (const block of text.split(/^(?=\$ )/m)) {
      const [command = '', ...rest] = block.split('\n')
      const lines = rest.filter((line) => line !== '' && line !== '…').map(plain)
      const { code, said } = await run(command.slice(2))
      shown.push({ command, code: Number(what.slice('exit '.length)), lines })
      printed.push({ command, code, lines: lines.filter((line) => said.includes(line)) })
    }
  }
  expect(printed).toEqual(shown)
})
