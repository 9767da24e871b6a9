import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import Database from 'better-sqlite3'
import { afterAll } from 'vitest'
import { main } from '../src/main.ts'
import { streamSchema } from '../src/stream-schema.ts'

const source = (name: string): string => fileURLToPath(new URL(`../src/${name}`, import.meta.url))

export interface Outcome {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** Runs rowferry inside this process, in its working folder: the same but for what only a process can do, and much quicker. */
export async function rowferryHere(
  argv: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Outcome> {
  const [stdout, stderr] = [capture(), capture()]
  const code = await main(argv, { stdout: stdout.stream, stderr: stderr.stream, env })
  return { code, stdout: stdout.text(), stderr: stderr.text() }
}

/** A stream that is no terminal and keeps what it is given. */
function capture(): { readonly stream: NodeJS.WriteStream; readonly text: () => string } {
  const pieces: Buffer[] = []
  const stream = new Writable({
    write(piece: Buffer, _encoding, done) {
      pieces.push(piece)
      done()
    },
  })
  return { stream: stream as NodeJS.WriteStream, text: () => Buffer.concat(pieces).toString() }
}

/** Runs rowferry from its sources, as a process of its own, without this one's database settings. */
export async function rowferry(
  argv: readonly string[],
  options: {
    readonly cwd: string
    readonly env?: Readonly<Record<string, string>>
    readonly entry?: 'bin.ts' | 'start.ts'
    /** Sees stderr as it comes and may act on the process. */
    readonly watch?: (stderr: string, kill: (signal: NodeJS.Signals) => void) => void
  },
): Promise<Outcome> {
  const { PATH = '', HOME = '', TMPDIR } = process.env
  const child = spawn(process.execPath, ['--conditions=@rowferry/source', source(options.entry ?? 'bin.ts'), ...argv], {
    cwd: options.cwd,
    env: { PATH, HOME, ...(TMPDIR !== undefined && { TMPDIR }), ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let [stdout, stderr] = ['', '']
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text
    options.watch?.(stderr, (signal) => child.kill(signal))
  })
  const [code] = (await once(child, 'close')) as [number | null]
  return { code, stdout, stderr }
}

/** A folder for the tests of one file to work in, removed after the last. */
export function useFolder(): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'rowferry-cli-')))
  const before = process.cwd()
  process.chdir(folder)
  afterAll(() => {
    process.chdir(before)
    rmSync(folder, { recursive: true, force: true })
  })
  return folder
}

export function makeSqlite(path: string, sql: string): void {
  const db = new Database(path)
  db.exec(sql)
  db.close()
}

/** The objects of an NDJSON output, each as its schema has it. */
export function readEvents(stdout: string): { readonly type: string; readonly [name: string]: unknown }[] {
  return stdout
    .trimEnd()
    .split('\n')
    .map((line) => {
      const value: unknown = JSON.parse(line)
      streamSchema.parse(value)
      return value as { type: string }
    })
}
