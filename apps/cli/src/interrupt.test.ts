import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const module = fileURLToPath(new URL('interrupt.ts', import.meta.url))

/** A process under the watch; it is sent a SIGINT for each line `ready` it prints. */
async function interrupted(body: string, after = ''): Promise<{ code: number | null; told: string }> {
  const program = `import { interruptible } from ${JSON.stringify(module)}
    const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms))
    const tell = (line) => console.log(line)
    process.exitCode = await interruptible(tell, async (signal, wrote) => { ${body} })
    ${after}`
  const child = spawn(process.execPath, ['--input-type=module-typescript', '--eval', program])
  let told = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    for (const line of text.split('\n')) if (line === 'ready') child.kill('SIGINT')
    told += text
  })
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve))
  return { code, told }
}

const untilAborted = `console.log('ready'); while (!signal.aborted) await pause(1)`

test('a first signal asks to stop, and the outcome is what the run says', async () => {
  const { code, told } = await interrupted(`${untilAborted}; return 130`)
  expect(code).toBe(130)
  expect(told).toContain('stopping and rolling back')
})

test('a second signal leaves at once', async () => {
  const { code } = await interrupted(`${untilAborted}; console.log('ready'); await pause(60_000); return 0`)
  expect(code).toBe(130)
})

test('a signal after COMMIT was sent promises no rollback, and leaving then is not 130', async () => {
  const patient = await interrupted(`wrote('commit'); ${untilAborted}; return 0`)
  expect(patient.code).toBe(0)
  expect(patient.told).not.toContain('rolling back')
  const hasty = await interrupted(
    `wrote('commit'); ${untilAborted}; console.log('ready'); await pause(60_000); return 0`,
  )
  expect(hasty.code).toBe(3)
  expect(hasty.told).toContain('rowferry verify')
})

test('a signal that comes when all is done changes nothing about the outcome', async () => {
  const { code, told } = await interrupted('return 2', `console.log('ready'); await pause(50)`)
  expect({ code, told }).toEqual({ code: 2, told: 'ready\n' })
})

test('a signal once parts are committed says that they stay, and how to go on', async () => {
  const { code, told } = await interrupted(
    `wrote('parts'); ${untilAborted}; console.log('ready'); await pause(60_000); return 0`,
  )
  expect(code).toBe(3)
  expect(told).toContain('what is committed stays')
  expect(told).toContain('rowferry status')
})
