import { createRedactor, parseDatabase, secretsOf } from '@rowferry/connect'
import type { DatabaseAddress } from '@rowferry/connect'
import { escapeText } from '@rowferry/report'

type Stream = NodeJS.WriteStream

/** What the command line stands in: streams, environment, folder. */
export interface Shell {
  readonly stdout: Stream
  readonly stderr: Stream
  readonly env: Readonly<Record<string, string | undefined>>
  readonly cwd: string
  /** What was typed, without secrets, as it could be typed again. */
  readonly line: string
  readonly secrets: Secrets
}

/** Every secret that came in, so that none goes out. */
interface Secrets {
  readonly add: (address: DatabaseAddress) => void
  readonly redact: (text: string) => string
}

/** What a process gives: Node's own `process`, or a part of it in a test. */
export type Surroundings = Pick<Shell, 'stdout' | 'stderr' | 'env'>

export function createShell(argv: readonly string[], { stdout, stderr, env }: Surroundings): Shell {
  const secrets = collectSecrets(argv, env)
  const line = ['rowferry', ...argv].map(shellWord).join(' ')
  return { stdout, stderr, env, cwd: process.cwd(), line: secrets.redact(line), secrets }
}

function shellWord(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${escapeText(text).replaceAll("'", String.raw`'\''`)}'`
}

/** Looks for passwords before anything is parsed: an argument in the wrong place is shown in the error about it. */
function collectSecrets(argv: readonly string[], env: Shell['env']): Secrets {
  const secrets = new Set<string>()
  const labels = new Set<string>()
  let redactor: ((text: string) => string) | null = null
  const add = (address: DatabaseAddress): void => {
    for (const secret of secretsOf(address)) secrets.add(secret)
    labels.add(address.label)
    redactor = null
  }
  for (const text of [...argv, env['DATABASE_URL'] ?? '']) {
    const url = /[a-z][a-z0-9+.-]*:\/\/.*@.*/is.exec(text)?.[0]
    if (url === undefined) continue
    try {
      add(parseDatabase(url, { env }))
    } catch {
      const password = /:\/\/[^:/]*:(.*)@/s.exec(url)?.[1]
      if (password) secrets.add(password)
    }
  }
  for (const name of ['PGPASSWORD', 'POSTGRES_PASSWORD']) if (env[name]) secrets.add(env[name])
  return {
    add,
    redact: (text) => (redactor ??= createRedactor([...secrets], [...labels]))(text),
  }
}

export function printLine(shell: Shell, to: 'stdout' | 'stderr', text: string): void {
  shell[to].write(`${text}\n`)
}

/** NO_COLOR, FORCE_COLOR and TERM are Node's to judge. */
export function wantsColor(stream: Stream, option: boolean | undefined): boolean {
  return option !== false && stream.isTTY && stream.hasColors()
}

/** Columns to lay text out for; what is piped has no width and gets a comfortable one. */
export function widthOf(stream: Stream): number {
  return stream.isTTY && stream.columns > 0 ? stream.columns : 120
}
