import { createHash } from 'node:crypto'
import { access, constants, mkdir, open, readFile, rename, rm, rmdir, stat } from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import { formatTableName } from '@rowferry/introspect'
import type { TablePlan } from '@rowferry/plan'
import { WriteError } from './error.ts'
import type { Reject } from './reject.ts'

/** Where rows that were set aside are kept: one NDJSON file a table, readable by its owner only. */
export interface Quarantine {
  readonly folder: string
  add(reject: Reject): Promise<void>
  /** After COMMIT: the files get their final names. Returns their paths. */
  publish(): Promise<string[]>
  /** After ROLLBACK: nothing stays behind. */
  discard(): Promise<void>
}

const FLUSH_BYTES = 256 * 1024

/**
 * Files are written as `<table>.ndjson.partial` and renamed by `publish`. A file of an earlier run is never overwritten:
 * `QUARANTINE_EXISTS`. Throws `QUARANTINE_UNWRITABLE` before anything is written anywhere.
 */
export async function openQuarantine(folder: string): Promise<Quarantine> {
  const made = await makeFolder(folder)
  const files = new Map<string, { path: string; handle: FileHandle; lines: string[]; bytes: number }>()
  const flush = async (file: { handle: FileHandle; lines: string[]; bytes: number }) => {
    await file.handle.appendFile(file.lines.join(''))
    file.lines = []
    file.bytes = 0
  }
  return {
    folder,
    async add(reject) {
      let file = files.get(reject.table)
      if (!file) {
        const path = join(folder, `${fileName(reject.table)}.ndjson`)
        if (await exists(path)) throw new WriteError('QUARANTINE_EXISTS', `${path} is there from an earlier run`, { table: reject.table, remedy: 'move it away, or choose another --quarantine-dir' })
        file = { path, handle: await open(`${path}.partial`, 'w', 0o600), lines: [], bytes: 0 }
        files.set(reject.table, file)
      }
      const line = `${JSON.stringify(reject)}\n`
      file.lines.push(line)
      file.bytes += line.length
      if (file.bytes >= FLUSH_BYTES) await flush(file)
    },
    async publish() {
      for (const file of files.values()) {
        await flush(file)
        await file.handle.sync()
        await file.handle.close()
        await rename(`${file.path}.partial`, file.path)
      }
      if (made && files.size === 0) await rmdir(folder).catch(() => {})
      return [...files.values()].map((file) => file.path)
    },
    async discard() {
      for (const file of files.values()) {
        await file.handle.close()
        await rm(`${file.path}.partial`, { force: true })
      }
      files.clear()
      if (made) await rmdir(folder).catch(() => {})
    },
  }
}

/** Keys of the rows that an earlier run set aside, as `Expectation` names them; empty when the folder holds none of this table. */
export async function readRejectedKeys(folder: string, table: TablePlan): Promise<string[]> {
  const path = join(folder, `${fileName(formatTableName(table.source))}.ndjson`)
  if (!(await exists(path))) return []
  const lines = (await readFile(path, 'utf8')).split('\n').filter((line) => line !== '')
  return lines.map((line, index) => {
    try {
      const { key } = JSON.parse(line) as Pick<Reject, 'key'>
      const values = key.map((part) => part.value)
      return table.key.length > 0 ? JSON.stringify(values) : String(values[0])
    } catch (error) {
      throw new WriteError('QUARANTINE_UNREADABLE', `${path}, line ${index + 1}, is not a row set aside by rowferry`, { table: table.source.name, cause: error })
    }
  })
}

async function makeFolder(folder: string): Promise<boolean> {
  try {
    const first = await mkdir(folder, { recursive: true, mode: 0o700 })
    if (!(await stat(folder)).isDirectory()) throw new Error('it is not a folder')
    await access(folder, constants.W_OK)
    return first !== undefined
  } catch (error) {
    throw new WriteError('QUARANTINE_UNWRITABLE', `rows cannot be set aside in ${folder}: ${error instanceof Error ? error.message : String(error)}`, { remedy: 'choose a writable --quarantine-dir', cause: error })
  }
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  )
}

/** A table's name as a file name that cannot leave the folder: plain letters stay, the rest is percent-encoded, long names end in a digest. */
export function fileName(table: string): string {
  const plain = encodeURIComponent(table).replace(/[.*'()!~]/g, (sign) => `%${sign.charCodeAt(0).toString(16)}`)
  return plain.length <= 150 ? plain : `${plain.slice(0, 120)}-${createHash('sha256').update(table).digest('hex').slice(0, 16)}`
}
