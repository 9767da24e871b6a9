import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
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
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--conditions=@rowferry/source', join(root, 'apps/cli/src/start.ts')],
    { env: { ...process.env, NO_COLOR: '1' } },
  )
  const printed = new Set(stdout.split('\n').map(timeless))
  const lines = shown.split('\n').filter((line) => line !== '' && !line.startsWith('$'))
  expect(lines.length).toBeGreaterThan(10)
  for (const line of lines) expect(printed).toContain(timeless(line))
})
