import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { expectUndone, heldBy, undisturbed } from './expected.ts'
import type { Load } from './load.ts'
import { prepareLoad } from './load.ts'
import { figures } from './figures.ts'

const isWhole = process.env['ROWFERRY_SWEEP'] === 'all'
const MOMENTS = isWhole ? 60 : 2
const bin = fileURLToPath(new URL('../../../apps/cli/src/bin.ts', import.meta.url))

const kills = figures('a load in parts: SIGKILL at a message, two connections')

/** The program itself; gives its exit code, null where it was killed. `kill`: at the message at which the fault is. */
async function run(load: Load, kill?: { readonly at: number; readonly how: 'drop' | 'lose' }): Promise<number | null> {
  const line = [
    'migrate',
    load.path,
    load.throughUrl,
    '--resumable',
    '--commit-every',
    '20000',
    '--triggers',
    'disable',
  ]
  const child = spawn(process.execPath, ['--conditions=@rowferry/source', bin, ...line, '--jobs', '2', '--quiet'], {
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  if (kill) load.proxy.arm({ ...kill, ever: false, on: () => void child.kill('SIGKILL') })
  else load.proxy.heal()
  let said = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text))
  const [code] = (await once(child, 'close')) as [number | null]
  if (code !== 0 && code !== null) throw new Error(`exit code ${code}: ${said}`)
  await load.quiet()
  return code
}

test(
  'killed at any message, and again while it goes on: running again ends it, or undo takes it back',
  { timeout: isWhole ? 7_200_000 : 300_000 },
  async () => {
    await using load = await prepareLoad('existing', isWhole ? 50_000 : 600)
    const digest = load.digest()
    const expected = await undisturbed(load, 2)
    const { complete, firstCommit, messages } = expected
    for (const how of isWhole ? (['drop', 'lose'] as const) : (['lose'] as const)) {
      for (let moment = 0; moment < MOMENTS; moment++) {
        // A fifth of them before the first COMMIT
        const part = (moment + (how === 'drop' ? 1 : 0.5)) / MOMENTS
        const at = Math.ceil(
          part < 0.2 ? firstCommit * part * 5 : firstCommit + (messages - firstCommit) * (part - 0.2) * 1.25,
        )
        await run(load, { at, how })
        const held = await heldBy(load, expected)
        kills(`exact, from ${held}`)
        if (held === 'parts' && moment % 3 === 0) await expectUndone(load, expected)
        // What is left to do takes fewer messages
        if (held === 'parts' && moment % 3 === 1) await run(load, { at: Math.ceil((messages - at) / 2), how })
        if ((await heldBy(load, expected)) !== 'all') await run(load)
        expect(await load.state()).toBe(complete)
        await load.reset()
      }
    }
    expect(load.digest()).toBe(digest)
  },
)
