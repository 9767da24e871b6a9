import { readFile, unlink, writeFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { setTimeout } from 'node:timers/promises'
import { PostgresError } from '../session.ts'

interface Holder {
  readonly pid: number
  /** When that process started, in the kernel's own count; null where it cannot be read. A pid alone may have been given to another process. */
  readonly started: string | null
  readonly host: string
  readonly since: string
}

/**
 * Takes `<folder>.rowferry-lock` for this process and returns what gives it back. PGlite itself would let a second process open the folder and
 * write over the first one's pages. A lock whose process is gone is taken over.
 *
 * @throws PostgresError `TARGET_BUSY`, naming who holds it
 */
export async function lockFolder(folder: string): Promise<() => Promise<void>> {
  const path = `${folder}.rowferry-lock`
  const mine = `${JSON.stringify({ pid: process.pid, started: await startOf(process.pid), host: hostname(), since: new Date().toISOString() } satisfies Holder)}\n`
  for (;;) {
    try {
      await writeFile(path, mine, { flag: 'wx' })
      return async () => {
        if ((await read(path)) === mine) await unlink(path)
      }
    } catch (error) {
      if (!hasCode(error, 'EEXIST')) throw error
    }
    let found = await read(path)
    // Made a moment ago and not yet written
    if (found === '') found = await setTimeout(100).then(() => read(path))
    if (found === null) continue
    const holder = parse(found)
    if (holder === null || (await isAlive(holder))) throw busy(folder, path, holder)
    if (!(await removeStale(path, found))) throw busy(folder, `${path}.taking-over`, null)
  }
}

/** Only who holds a second lock may remove the first, having looked again: otherwise two who find it stale could each remove the other's new one. */
async function removeStale(path: string, stale: string): Promise<boolean> {
  const turn = `${path}.taking-over`
  for (let waited = 0; waited < 2000; waited += 20) {
    try {
      await writeFile(turn, '', { flag: 'wx' })
    } catch (error) {
      if (!hasCode(error, 'EEXIST')) throw error
      if ((await read(path)) !== stale) return true
      await setTimeout(20)
      continue
    }
    try {
      if ((await read(path)) === stale) await unlink(path)
    } finally {
      await unlink(turn)
    }
    return true
  }
  return false
}

async function isAlive({ pid, started, host }: Holder): Promise<boolean> {
  if (host !== hostname()) return true
  try {
    process.kill(pid, 0)
  } catch (error) {
    return !hasCode(error, 'ESRCH')
  }
  const now = await startOf(pid)
  return started === null || now === null || started === now
}

/** Field 22 of `/proc/<pid>/stat` (man 5 proc); the second field, the program's name, may hold blanks and parentheses. */
async function startOf(pid: number): Promise<string | null> {
  const stat = await read(`/proc/${pid}/stat`)
  return stat?.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? null
}

async function read(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if (hasCode(error, 'ENOENT') || hasCode(error, 'ESRCH')) return null
    throw error
  }
}

function parse(text: string): Holder | null {
  try {
    const { pid, started, host, since } = JSON.parse(text)
    return Number.isInteger(pid) && pid > 0
      ? { pid, started: started ?? null, host: String(host), since: String(since) }
      : null
  } catch {
    return null
  }
}

function busy(folder: string, path: string, holder: Holder | null): PostgresError {
  const who = holder ? `process ${holder.pid} on ${holder.host}, since ${holder.since}` : 'somebody who left no name'
  return new PostgresError('TARGET_BUSY', `The folder ${folder} is in use by ${who}`, {
    remedy: `PGlite takes one process at a time: wait until that one has ended. If it is certain that nobody uses the folder, delete ${path}.`,
  })
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code
}
