import { SourceError } from '@rowferry/source'
import type { Handle } from './handle.ts'
import { quoteName } from './quote.ts'
import { asSourceError, sqliteCode } from './trouble.ts'

/**
 * Lines of integrity_check that tell of values, not of damage: a NULL where NOT NULL was declared later, a CHECK that fails, a value of another
 * type. Such rows can be read, and the plan judges them. A full-text index is not carried over.
 */
const aboutValues =
  /^(NULL value in |CHECK constraint failed in |NUMERIC value in |TEXT value in |non-[A-Z]+ value in )|inverted index for FTS/

/**
 * PRAGMA integrity_check, which unlike quick_check also finds indexes that disagree with their tables. One pass over the whole file and all its
 * indexes. https://www.sqlite.org/pragma.html#pragma_integrity_check
 */
export function refuseDamaged(db: Handle, label: string): void {
  const found = withCache(db, checkKilobytes, () => check(db, label)).filter(
    (line) => line !== 'ok' && !aboutValues.test(line),
  )
  if (found.length === 0) return
  const more = found.length > shown ? ` … and ${found.length - shown} more` : ''
  throw new SourceError(
    'SOURCE_DAMAGED',
    `${label}: the database is damaged: ${found.slice(0, shown).join('; ')}${more}`,
    {
      remedy:
        'Restore a backup, or rescue what can be read (sqlite3 damaged.db .recover | sqlite3 rescued.db). ' +
        'If only indexes are named, REINDEX mends them.',
    },
  )
}

const shown = 5
/** Each row is looked up in each index: where an index does not fit, nearly every page is read again for each row. */
const checkKilobytes = 60 * 1024

function withCache<Result>(db: Handle, kilobytes: number, work: () => Result): Result {
  const usual = db.pragma('cache_size', { simple: true }) as number
  db.pragma(`cache_size = ${-kilobytes}`)
  try {
    return work()
  } finally {
    db.pragma(`cache_size = ${usual}`)
    db.pragma('shrink_memory')
  }
}

function check(db: Handle, label: string): readonly string[] {
  try {
    return lines(db, 'PRAGMA integrity_check(1000)')
  } catch (error) {
    if (!isForeign(error)) throw asSourceError(error, label)
  }
  // A collation, function or module of the application's own makes the whole check give up: then table by table, as far as each can be checked
  const tables = db
    .prepare("SELECT name FROM pragma_table_list WHERE schema = 'main' AND type IN ('table', 'shadow')")
    .pluck()
    .all() as string[]
  return tables.flatMap((table) => {
    for (const pragma of ['integrity_check', 'quick_check']) {
      try {
        return lines(db, `PRAGMA main.${pragma}(${quoteName(table)})`)
      } catch (error) {
        if (!isForeign(error)) throw asSourceError(error, label)
      }
    }
    return []
  })
}

function lines(db: Handle, pragma: string): string[] {
  return (db.prepare(pragma).pluck().all() as string[]).flatMap((line) =>
    line.split('\n').filter((part) => !part.startsWith('*** in database')),
  )
}

/** What the file needs and this SQLite does not have; no damage. */
function isForeign(error: unknown): boolean {
  return sqliteCode(error)?.startsWith('SQLITE_ERROR') === true
}
