import { randomBytes } from 'node:crypto'
import { readFileSync, readdirSync } from 'node:fs'
import pg from 'pg'

/** A server on which databases may be made. */
export interface Server {
  readonly url: string
  readonly version: string
  /** CPU seconds of all its processes since it was started, or null where they cannot be seen from here. */
  cpuSeconds(): number | null
}

/** Linux counts CPU time in hundredths of a second wherever Node.js runs (`sysconf(_SC_CLK_TCK)`). */
const ticksPerSecond = 100

export async function openServer(url: string): Promise<Server> {
  const client = new pg.Client(url)
  await client.connect()
  try {
    const { rows } = await client.query<{ pid: number; version: string }>(
      'SELECT pg_backend_pid() AS pid, version() AS version',
    )
    const { pid, version } = rows[0]!
    // Asked while the session's own process is still there
    const postmaster = commandOf(pid) === 'postgres' ? parentOf(pid) : null
    const cpuSeconds = () => (postmaster === null ? null : treeTicks(postmaster) / ticksPerSecond)
    return { url, version: version.split(' (')[0]!, cpuSeconds }
  } finally {
    await client.end()
  }
}

/** A database that is dropped again, and that nobody has written anything to. */
export async function withDatabase<Result>(server: Server, use: (url: string) => Promise<Result>): Promise<Result> {
  const name = `rowferry_bench_${randomBytes(4).toString('hex')}`
  await ask(server.url, `CREATE DATABASE ${name} TEMPLATE template0`)
  const url = new URL(server.url)
  url.pathname = `/${name}`
  try {
    return await use(url.href)
  } finally {
    await ask(server.url, `DROP DATABASE ${name} WITH (FORCE)`)
  }
}

export async function ask(url: string, ...statements: string[]): Promise<Record<string, unknown>[]> {
  const client = new pg.Client(url)
  await client.connect()
  try {
    let rows: Record<string, unknown>[] = []
    for (const statement of statements) rows = (await client.query<Record<string, unknown>>(statement)).rows
    return rows
  } finally {
    await client.end()
  }
}

// Every process of the server is a child of its first one, which also knows what those that have ended took (proc_pid_stat(5))
function treeTicks(postmaster: number): number {
  let ticks = 0
  for (const entry of readdirSync('/proc')) {
    const fields = /^\d+$/.test(entry) ? statOf(Number(entry)) : null
    if (fields === null) continue
    const [, parent] = fields
    if (Number(entry) === postmaster) ticks += sum(fields.slice(11, 15))
    else if (Number(parent) === postmaster) ticks += sum(fields.slice(11, 13))
  }
  return ticks
}

function sum(fields: readonly string[]): number {
  return fields.reduce((total, field) => total + Number(field), 0)
}

function parentOf(pid: number): number {
  return Number(statOf(pid)?.[1])
}

function commandOf(pid: number): string | null {
  try {
    return readFileSync(`/proc/${pid}/comm`, 'utf8').trim()
  } catch {
    return null
  }
}

/** From the state on: what stands before it, the command's name, may hold anything. */
function statOf(pid: number): string[] | null {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ')
  } catch {
    return null
  }
}
