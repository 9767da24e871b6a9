import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'
import { root } from './workspace.ts'

/** Durations differ from run to run, and a table is as wide as its longest one. */
const timeless = (line: string) =>
  line
    .replaceAll(/\d[\d.]* m?s\b/g, 'TIME')
    .replaceAll(/ +/g, ' ')
    .replaceAll(/─+/g, '─')
    .trimEnd()

test("the README's first run is what the demonstration prints", { timeout: 120_000 }, async () => {
  const readme = readFileSync(join(root, 'README.md'), 'utf8')
  const [, shown = ''] = /```console\n(.*?)```/s.exec(readme) ?? []
  // The demonstration leaves its databases for people to look at
  const folder = mkdtempSync(join(tmpdir(), 'rowferry-readme-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--conditions=@rowferry/source', join(root, 'apps/cli/src/start.ts')],
    { env: { ...process.env, NO_COLOR: '1', TMPDIR: folder } },
  )
  const printed = new Set(stdout.split('\n').map(timeless))
  const lines = shown.split('\n').filter((line) => line !== '' && !line.startsWith('$'))
  expect(lines.length).toBeGreaterThan(10)
  for (const line of lines) expect(printed).toContain(timeless(line))
})
