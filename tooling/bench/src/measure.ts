import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import type { Server } from './server.ts'

/** What one run took. Null where this machine does not tell. */
export interface Measurement {
  readonly wallSeconds: number
  readonly clientCpuSeconds: number | null
  readonly serverCpuSeconds: number | null
  /** Of the largest single process. */
  readonly peakMegabytes: number | null
}

const lookEveryMs = 50

/** Runs a command to its end and says what it took; throws, with what it said, when it fails. */
export async function measureCommand(server: Server, command: readonly string[]): Promise<Measurement> {
  const serverBefore = server.cpuSeconds()
  const started = performance.now()
  // `times` is POSIX's word for what the shell's children took, children of theirs included
  const child = spawn('sh', ['-c', '"$@" >/dev/null; code=$?; times >&3; exit $code', 'sh', ...command], {
    stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
  })
  let said = ''
  let times = ''
  child.stderr!.on('data', (chunk: Buffer) => (said = (said + chunk.toString()).slice(-4000)))
  child.stdio[3]!.on('data', (chunk: Buffer) => (times += chunk.toString()))
  let peak = 0
  const look = setInterval(() => (peak = Math.max(peak, peakKilobytes(child.pid!))), lookEveryMs)
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', resolve)
  }).finally(() => clearInterval(look))
  const wallSeconds = (performance.now() - started) / 1000
  if (code !== 0) throw new Error(`${command.join(' ').slice(0, 200)} ended with ${code}: ${said.trim().slice(-1500)}`)
  return {
    wallSeconds,
    clientCpuSeconds: childSeconds(times),
    serverCpuSeconds: difference(serverBefore, server.cpuSeconds()),
    peakMegabytes: peak === 0 ? null : peak / 1024,
  }
}

/** The same of work that this process has the server do. */
export async function measureWork(server: Server, work: () => Promise<unknown>): Promise<Measurement> {
  const serverBefore = server.cpuSeconds()
  const started = performance.now()
  await work()
  const wallSeconds = (performance.now() - started) / 1000
  const serverCpuSeconds = difference(serverBefore, server.cpuSeconds())
  return { wallSeconds, clientCpuSeconds: null, serverCpuSeconds, peakMegabytes: null }
}

function difference(before: number | null, after: number | null): number | null {
  return before === null || after === null ? null : after - before
}

/** The second line of `times`: user and system time of the children, as `0m1.250000s 0m0.31s`. */
export function childSeconds(times: string): number | null {
  const found = [...(times.split('\n')[1] ?? '').matchAll(/(\d+)m([\d.]+)s/g)]
  return found.length === 2
    ? found.reduce((sum, [, minutes, rest]) => sum + Number(minutes) * 60 + Number(rest), 0)
    : null
}

/** The largest resident size that any process below this one has had so far (proc_pid_status(5), VmHWM). */
function peakKilobytes(root: number): number {
  let peak = 0
  for (const pid of childrenOf(root)) {
    const own = Number(/^VmHWM:\s+(\d+)/m.exec(readOrEmpty(`/proc/${pid}/status`))?.[1] ?? 0)
    peak = Math.max(peak, own, peakKilobytes(pid))
  }
  return peak
}

function childrenOf(pid: number): number[] {
  return [...readOrEmpty(`/proc/${pid}/task/${pid}/children`).matchAll(/\d+/g)].map(([child]) => Number(child))
}

/** A process may have ended since it was listed; other systems have no /proc. */
function readOrEmpty(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}
