import { pathToFileURL } from 'node:url'
import Database from 'better-sqlite3'

export type Handle = Database.Database

let uris: boolean | undefined

/**
 * May `file:` URIs be used? better-sqlite3 asks the environment once, when its native part is loaded: where somebody loaded it earlier,
 * or in a worker thread (whose environment is a copy), they may not. https://www.sqlite.org/uri.html
 */
export function urisWork(): boolean {
  if (uris !== undefined) return uris
  const before = process.env['SQLITE_USE_URI']
  if (before === undefined) process.env['SQLITE_USE_URI'] = '1'
  try {
    new Database('file:rowferry?mode=memory', { readonly: true, fileMustExist: true }).close()
    uris = true
  } catch {
    uris = false
  } finally {
    if (before === undefined) delete process.env['SQLITE_USE_URI']
  }
  return uris
}

/** Can this path be given to better-sqlite3, which trims what is no URI? */
export function canOpenInPlace(real: string): boolean {
  return urisWork() || real === real.trim()
}

export interface HandleOptions {
  readonly busyTimeoutMs: number
  /** Read without locks and side files, as if on a read-only medium. Only when URIs work. */
  readonly immutable?: boolean
}

/** One read-only handle whose snapshot begins at once: BEGIN alone takes none. https://www.sqlite.org/lang_transaction.html */
export function openHandle(real: string, options: HandleOptions): Handle {
  const query = options.immutable === true ? '?mode=ro&immutable=1' : '?mode=ro'
  const name = urisWork() ? pathToFileURL(real).href + query : real
  const db = new Database(name, { readonly: true, fileMustExist: true, timeout: options.busyTimeoutMs })
  try {
    // A file from anywhere: its views and triggers shall run nothing, and its cells are checked as they are read. Tables are read from end to end, for
    // which two megabytes of cache are as good as sixteen
    for (const pragma of [
      'query_only = 1',
      'trusted_schema = 0',
      'cell_size_check = 1',
      'mmap_size = 0',
      'cache_size = -2000',
    ])
      db.pragma(pragma)
    db.exec('BEGIN')
    db.prepare('SELECT count(*) FROM sqlite_schema').get()
    return db
  } catch (error) {
    db.close()
    throw error
  }
}

/** For work that looks rows up here and there. */
export function withCache<Result>(db: Handle, kilobytes: number, work: () => Result): Result {
  const usual = db.pragma('cache_size', { simple: true }) as number
  db.pragma(`cache_size = ${-kilobytes}`)
  try {
    return work()
  } finally {
    db.pragma(`cache_size = ${usual}`)
    db.pragma('shrink_memory')
  }
}
