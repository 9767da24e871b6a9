import { createReadStream } from 'node:fs'
import type { FileHandle } from 'node:fs/promises'
import { access, mkdir, mkdtemp, open, readdir, rename, rm, rmdir, stat } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { formatTableName } from '@rowferry/introspect'
import type { TablePlan } from '@rowferry/plan'
import { WriteError } from './error.ts'
import { fileName } from './file-name.ts'
import type { Reject } from './reject.ts'

/** Where rows that were set aside are kept: one NDJSON file a table, readable by its owner only. */
export interface Quarantine {
  readonly folder: string
  add(reject: Reject): Promise<void>
  /** Before COMMIT of the transaction `xid`: every row that was added is on the disk and under its name, so that a full disk or a folder that is gone still stops the crossing. */
  sync(xid: string): Promise<void>
  /** After COMMIT: the files get their final names. Returns their paths. */
  publish(): Promise<string[]>
  /** After ROLLBACK: nothing stays behind. */
  discard(): Promise<void>
}

interface PartialFile {
  readonly path: string
  readonly handle: FileHandle
  lines: string[]
  characters: number
}

const FLUSH_CHARACTERS = 256 * 1024

/**
 * Opens a folder (made with mode 0700 when it is not there) for the rows of one run. They are written to `<table>.ndjson.partial`, renamed
 * by `publish`; what a killed run left under that name is written anew, since the source still holds those rows.
 * @throws WriteError `QUARANTINE_EXISTS` when the folder holds rows that an earlier run published: they are never overwritten, nor mixed
 *   with others. `QUARANTINE_UNWRITABLE`, also from the other methods.
 */
export async function openQuarantine(folder: string): Promise<Quarantine> {
  const made = await makeFolder(folder)
  const files = new Map<string, PartialFile>()
  const writing = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work()
    } catch (error) {
      throw unwritable(folder, error)
    }
  }
  const sync = () =>
    writing(async () => {
      for (const file of files.values()) {
        await flush(file)
        await file.handle.sync()
        await refuseMoved(file)
      }
    })
  return {
    folder,
    sync,
    add: (reject) =>
      writing(async () => {
        const file = files.get(reject.table) ?? (await openPartial(folder, reject.table))
        files.set(reject.table, file)
        const line = `${JSON.stringify(reject)}\n`
        file.lines.push(line)
        file.characters += line.length
        if (file.characters >= FLUSH_CHARACTERS) await flush(file)
      }),
    async publish() {
      await sync()
      if (files.size === 0) await removeFolders(made)
      return writing(async () => {
        for (const { path, handle } of files.values()) {
          await handle.close()
          await rename(`${path}.partial`, path)
        }
        return [...files.values()].map(({ path }) => path)
      })
    },
    async discard() {
      for (const { path, handle } of files.values()) {
        await handle.close().catch(() => {})
        await rm(`${path}.partial`, { force: true }).catch(() => {})
      }
      files.clear()
      await removeFolders(made)
    },
  }
}

/** Keys of the rows that an earlier run set aside, as `Expectation` names them; empty when the folder holds none of this table. */
export async function readRejectedKeys(folder: string, table: TablePlan): Promise<string[]> {
  const path = pathOf(folder, formatTableName(table.source))
  if (
    !(await access(path).then(
      () => true,
      () => false,
    ))
  )
    return []
  const keys: string[] = []
  for await (const line of lines(path)) {
    try {
      const { key } = JSON.parse(line) as Pick<Reject, 'key'>
      const values = key.map((part) => part.value)
      keys.push(table.key.length > 0 ? JSON.stringify(values) : String(values[0]))
    } catch (error) {
      throw new WriteError(
        'QUARANTINE_UNREADABLE',
        `${path}, line ${keys.length + 1}, is not a row set aside by rowferry`,
        {
          table: formatTableName(table.source),
          remedy: 'give the folder as rowferry left it',
          cause: error,
        },
      )
    }
  }
  return keys
}

/** Cut at line feeds alone: JSON leaves other line separators as they are, where readline would cut. */
export async function* lines(path: string): AsyncGenerator<string> {
  let rest = ''
  for await (const chunk of createReadStream(path, 'utf8') as AsyncIterable<string>) {
    const whole = (rest + chunk).split('\n')
    rest = whole.pop()!
    yield* whole
  }
  if (rest !== '') yield rest
}

function pathOf(folder: string, table: string): string {
  return join(folder, `${fileName(table)}.ndjson`)
}

async function openPartial(folder: string, table: string): Promise<PartialFile> {
  const path = pathOf(folder, table)
  await rm(`${path}.partial`, { force: true })
  return { path, handle: await open(`${path}.partial`, 'wx', 0o600), lines: [], characters: 0 }
}

/** What nobody can find any more after COMMIT is not set aside but lost. */
async function refuseMoved({ path, handle }: PartialFile): Promise<void> {
  const [mine, there] = await Promise.all([handle.stat(), stat(`${path}.partial`)])
  if (mine.ino !== there.ino || mine.dev !== there.dev) throw new Error(`${path}.partial has been replaced`)
}

async function flush(file: PartialFile): Promise<void> {
  await file.handle.appendFile(file.lines.join(''))
  file.lines = []
  file.characters = 0
}

/** The folders that had to be made, the innermost first. */
async function makeFolder(folder: string): Promise<string[]> {
  const made: string[] = []
  try {
    await makeWithParents(resolve(folder), made)
    await rmdir(await mkdtemp(join(folder, '.rowferry-')))
    await refusePublished(folder)
    return made
  } catch (error) {
    await removeFolders(made)
    throw error instanceof WriteError ? error : unwritable(folder, error)
  }
}

/** Step by step, since Node's own recursive mkdir never ends where a file system takes no folders (/proc). */
async function makeWithParents(folder: string, made: string[]): Promise<void> {
  const create = () => mkdir(folder, { mode: 0o700 }).then(() => made.unshift(folder))
  try {
    await create()
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'EEXIST') return
    if (code !== 'ENOENT' || dirname(folder) === folder) throw error
    await makeWithParents(dirname(folder), made)
    await create()
  }
}

async function removeFolders(made: readonly string[]): Promise<void> {
  for (const each of made) await rmdir(each).catch(() => {})
}

async function refusePublished(folder: string): Promise<void> {
  const published = (await readdir(folder)).filter((name) => name.endsWith('.ndjson'))
  if (published.length === 0) return
  const names = `${published.slice(0, 3).join(', ')}${published.length > 3 ? ', …' : ''}`
  throw new WriteError('QUARANTINE_EXISTS', `${folder} holds rows that an earlier run set aside (${names})`, {
    remedy: 'move them away, or choose another --quarantine-dir',
  })
}

function unwritable(folder: string, cause: unknown): WriteError {
  return new WriteError(
    'QUARANTINE_UNWRITABLE',
    `rows cannot be set aside in ${folder}: ${cause instanceof Error ? cause.message : String(cause)}`,
    { remedy: 'choose a writable --quarantine-dir with room', cause },
  )
}
