import { SourceError } from '@rowferry/source'
import { type Handle, withCache } from './handle.ts'
import { indexesHoldRows } from './index-sums.ts'
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
 * @throws SourceError `SOURCE_DAMAGED`
 */
export function refuseDamaged(db: Handle, label: string): void {
  refuse(
    withCache(db, checkKilobytes, () => check(db, label)),
    label,
  )
}

/**
 * The same for a large file: quick_check, and indexes compared with their tables by sums where that can be done; integrity_check only of tables where it cannot,
 * or where the sums differ.
 * @throws SourceError `SOURCE_DAMAGED`
 */
export function refuseDamagedLarge(db: Handle, label: string): void {
  let quick: readonly string[]
  try {
    quick = damage(db, 'quick_check')
  } catch (error) {
    if (isForeign(error)) return refuseDamaged(db, label)
    throw asSourceError(error, label)
  }
  refuse(quick, label)
  for (const table of tablesWithIndexes(db)) {
    if (attempt(() => indexesHoldRows(db, table), label) === true) continue
    refuse(
      withCache(db, checkKilobytes, () => checkTable(db, label, table)),
      label,
    )
  }
}

function refuse(found: readonly string[], label: string): void {
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

function check(db: Handle, label: string): readonly string[] {
  try {
    return damage(db, 'integrity_check')
  } catch (error) {
    if (!isForeign(error)) throw asSourceError(error, label)
  }
  // A collation, function or module of the application's own makes the whole check give up: then table by table, as far as each can be checked
  const tables = db
    .prepare("SELECT name FROM pragma_table_list WHERE schema = 'main' AND type IN ('table', 'shadow')")
    .pluck()
    .all() as string[]
  return tables.flatMap((table) => checkTable(db, label, table))
}

/** SQLite lists no more than a hundred lines of one table: where those tell of values only, the rest is found by what has no such limit. */
function checkTable(db: Handle, label: string, table: string): readonly string[] {
  for (const pragma of ['integrity_check', 'quick_check'] as const) {
    const told = attempt(() => lines(db, `PRAGMA main.${pragma}(${quoteName(table)})`), label)
    if (told === null) continue
    const found = told.filter(tellsOfDamage)
    if (found.length > 0 || told.length < linesOfTable) return found
    const all = attempt(() => damage(db, pragma), label)
    if (all !== null) return all
    return attempt(() => indexesHoldRows(db, table), label) === false ? [`an index of ${table} lacks rows`] : []
  }
  return []
}

const linesOfTable = 100

/** WITHOUT ROWID tables among them: they are an index themselves. */
function tablesWithIndexes(db: Handle): readonly string[] {
  return db
    .prepare(
      `SELECT name FROM pragma_table_list AS t WHERE schema = 'main' AND type IN ('table', 'shadow')
       AND (wr = 1 OR EXISTS (SELECT 1 FROM pragma_index_list(t.name, 'main')))`,
    )
    .pluck()
    .all() as string[]
}

/** Null where this SQLite lacks what the file needs. */
function attempt<Result>(work: () => Result, label: string): Result | null {
  try {
    return work()
  } catch (error) {
    if (isForeign(error)) return null
    throw asSourceError(error, label)
  }
}

/** The first lines that tell of damage, however many tell of values before them: damage to pages is listed first, rows are gone through one by one. */
function damage(db: Handle, pragma: 'integrity_check' | 'quick_check'): readonly string[] {
  const first = lines(db, `PRAGMA ${pragma}(${linesAtOnce})`)
  const found = first.filter(tellsOfDamage)
  if (found.length > 0 || first.length < linesAtOnce) return found
  for (const line of db.prepare(`PRAGMA ${pragma}(2147483647)`).pluck().iterate() as IterableIterator<string>) {
    if (tellsOfDamage(line)) found.push(line)
    if (found.length === linesAtOnce) break
  }
  return found
}

const linesAtOnce = 1000

function tellsOfDamage(line: string): boolean {
  return line !== 'ok' && !aboutValues.test(line)
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
