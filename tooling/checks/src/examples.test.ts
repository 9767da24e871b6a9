import { execFile } from 'node:child_process'
import { globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { root } from './workspace.ts'

const readmes = globSync('examples/*/README.md', { cwd: root })

test.each(readmes)('%s prints what it shows', { timeout: 120_000 }, async (readme) => {
  const text = readFileSync(join(root, readme), 'utf8')
  const [, command] = /```sh\n(.*?)```/s.exec(text) ?? []
  const [, shown] = /```text\n(.*?)```/s.exec(text) ?? []
  const { stdout } = await promisify(execFile)('sh', ['-euc', command ?? 'false'], {
    cwd: join(root, dirname(readme)),
    env: {
      ...process.env,
      NODE_OPTIONS: '--conditions=@rowferry/source',
      NO_COLOR: '1',
      PATH: `${dirname(process.execPath)}:${process.env['PATH']}`,
    },
  })
  expect(stdout).toBe(shown)
})

test('there is an example', () => {
  expect(readmes).not.toEqual([])
})
