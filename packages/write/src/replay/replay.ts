import { mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import type { TableName } from '@rowferry/introspect'
import { sameTable } from '@rowferry/introspect'
import { WriteError } from '../error.ts'
import { lines } from '../quarantine.ts'
import type { Quarantine } from '../quarantine.ts'
import type { Reject } from '../reject.ts'
import { contentOf, readSetAside } from './read-row.ts'

interface ReplayFile {
  readonly path: string
  readonly table: TableName
  readonly rows: number
  /** To tell whether somebody has changed it since. */
  readonly identity: string
}

/** A quarantine whose rows are loaded now. Rows that are still refused are given to `add`, and stay in it, with their new reason. */
export interface Replay extends Quarantine {
  readonly files: readonly ReplayFile[]
}

/** What a transaction came to, by its xid. */
type Settle = (xid: string) => Promise<'committed' | 'aborted' | 'in progress' | 'unknown'>

const PENDING = '.replay'

interface Journal {
  readonly xid: string
  readonly target: string
  readonly files: readonly { readonly name: string; readonly left: number; readonly done: number }[]
}

/**
 * Opens a folder of rows that were set aside. Which rows stay and which are done is written down, with the transaction's xid, before COMMIT;
 * the files change after it. A run that was killed in between is ended first, by what `settle` says of its transaction: so no row is loaded twice.
 * @throws WriteError `REPLAY_UNREADABLE`, `REPLAY_UNDER_WAY`; from `sync` also `REPLAY_CHANGED`, `QUARANTINE_UNWRITABLE`.
 */
export async function openReplay(folder: string, target: string, settle: Settle): Promise<Replay> {
  await endFormer(folder, target, settle)
  const files = await readFiles(folder)
  const refused: Reject[] = []
  let mine = false
  return {
    folder,
    files,
    add(reject) {
      refused.push(reject)
      return Promise.resolve()
    },
    async sync(xid) {
      for (const file of files) if ((await identityOf(file.path)) !== file.identity) throw changed(file.path)
      try {
        await mkdir(join(folder, PENDING), { mode: 0o700 })
        mine = true
        await writePending(folder, { xid, target }, files, refused)
      } catch (error) {
        if (error instanceof WriteError) throw error
        if ((error as NodeJS.ErrnoException).code === 'EEXIST') throw underWay(folder, 'another run')
        throw new WriteError('QUARANTINE_UNWRITABLE', `${folder} cannot be written: ${(error as Error).message}`, {
          remedy: 'make it writable, with room for its rows once more',
          cause: error,
        })
      }
    },
    async publish() {
      return finish(folder)
    },
    async discard() {
      if (mine) await rm(join(folder, PENDING), { recursive: true, force: true })
    },
  }
}

async function readFiles(folder: string): Promise<ReplayFile[]> {
  const names = await readdir(folder).catch((error: Error) => {
    throw new WriteError('REPLAY_UNREADABLE', `${folder} cannot be read: ${error.message}`, {
      remedy: 'give --replay the folder of an earlier --quarantine-dir',
      cause: error,
    })
  })
  const files: ReplayFile[] = []
  for (const name of names.filter((each) => each.endsWith('.ndjson')).toSorted()) {
    const path = join(folder, name)
    const identity = await identityOf(path)
    let table: TableName | null = null
    let rows = 0
    for await (const line of lines(path)) {
      const where = `${path}, line ${++rows},`
      const { source } = readSetAside(line, where)
      table ??= source
      if (!sameTable(table, source))
        throw new WriteError('REPLAY_UNREADABLE', `${where} is of another table than the lines before it`, {
          remedy: 'keep one table in a file',
        })
    }
    if (table === null) continue
    const other = files.find((file) => sameTable(file.table, table))
    if (other)
      throw new WriteError('REPLAY_UNREADABLE', `${path} and ${other.path} hold rows of one table`, {
        remedy: 'keep each table in one file',
      })
    files.push({ path, table, rows, identity })
  }
  return files
}

/** The files as they shall be, beside the ones that are, and a journal that says so. */
async function writePending(
  folder: string,
  run: Pick<Journal, 'xid' | 'target'>,
  files: readonly ReplayFile[],
  refused: readonly Reject[],
): Promise<void> {
  const pending = join(folder, PENDING)
  const written: Journal['files'][number][] = []
  for (const kind of ['left', 'done']) await mkdir(join(pending, kind), { mode: 0o700 })
  for (const { path, table } of files) {
    const name = basename(path)
    const left = await open(join(pending, 'left', name), 'wx', 0o600)
    const done = await open(join(pending, 'done', name), 'wx', 0o600)
    const count = { left: 0, done: 0 }
    const waiting = waitingRows(refused.filter(({ source }) => sameTable(source, table)))
    try {
      for await (const line of lines(path)) {
        const reject = waiting.take(line, path)
        count[reject === null ? 'done' : 'left']++
        await (reject === null ? done : left).appendFile(`${reject ?? line}\n`)
      }
      await left.sync()
      await done.sync()
    } finally {
      await left.close()
      await done.close()
    }
    if (waiting.size() > 0) throw changed(path)
    written.push({ name, ...count })
  }
  const journal: Journal = { ...run, files: written }
  const handle = await open(join(pending, 'journal.partial'), 'wx', 0o600)
  await handle.writeFile(JSON.stringify(journal))
  await handle.sync()
  await handle.close()
  await rename(join(pending, 'journal.partial'), join(pending, 'journal.json'))
}

/** After COMMIT. Each step can be done again after it was cut short. */
async function finish(folder: string): Promise<string[]> {
  const pending = join(folder, PENDING)
  const journal = await readJournal(folder)
  if (!journal) return []
  const done = join(folder, 'done', journal.xid)
  if (journal.files.some((file) => file.done > 0)) await mkdir(done, { recursive: true, mode: 0o700 })
  const changedFiles: string[] = []
  for (const { name, left, done: loaded } of journal.files) {
    if (loaded > 0) await renameOnce(join(pending, 'done', name), join(done, name))
    if (left > 0) await renameOnce(join(pending, 'left', name), join(folder, name))
    else await rm(join(folder, name), { force: true })
    changedFiles.push(join(folder, name))
  }
  await rm(pending, { recursive: true, force: true })
  return changedFiles
}

async function renameOnce(from: string, to: string): Promise<void> {
  await rename(from, to).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error
  })
}

async function endFormer(folder: string, target: string, settle: Settle): Promise<void> {
  const journal = await readJournal(folder)
  if (journal) {
    const outcome = journal.target === target ? await settle(journal.xid) : `into ${journal.target}`
    if (outcome === 'committed') return void (await finish(folder))
    if (outcome !== 'aborted') throw underWay(folder, `transaction ${journal.xid} (${outcome})`)
  }
  // Without a journal it cannot have reached COMMIT
  await rm(join(folder, PENDING), { recursive: true, force: true })
}

async function readJournal(folder: string): Promise<Journal | null> {
  try {
    return JSON.parse(await readFile(join(folder, PENDING, 'journal.json'), 'utf8')) as Journal
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw error
  }
}

/** Refused rows by what they hold: rows that hold the same are one another's equals. */
function waitingRows(rejects: readonly Reject[]) {
  const columns = rejects[0]?.values.map(({ column }) => column) ?? []
  const byContent = new Map<string, Reject[]>()
  for (const reject of rejects) {
    const content = contentOf(reject.values)
    byContent.set(content, [...(byContent.get(content) ?? []), reject])
  }
  let left = rejects.length
  return {
    size: () => left,
    /** The line that takes this one's place; null for a row that was not refused. */
    take(line: string, where: string): string | null {
      if (left === 0) return null
      const { values } = readSetAside(line, where)
      const reject = byContent.get(contentOf(columns.flatMap((column) => values.get(column) ?? [])))?.shift()
      if (!reject) return null
      left--
      return JSON.stringify(reject)
    },
  }
}

async function identityOf(path: string): Promise<string> {
  const { ino, dev, size, mtimeMs } = await stat(path)
  return [ino, dev, size, mtimeMs].join(' ')
}

function changed(path: string): WriteError {
  return new WriteError('REPLAY_CHANGED', `${path} was changed while its rows were loaded`, { remedy: 'run it again' })
}

function underWay(folder: string, who: string): WriteError {
  return new WriteError('REPLAY_UNDER_WAY', `${who} is replaying ${folder}, or was stopped while it did`, {
    remedy: `wait until it has ended and run it again; if the target has forgotten the transaction, look whether its rows are there, and only if they are not remove ${join(folder, PENDING)}`,
  })
}
