import type { Cast } from '@rowferry/coerce'
import { agreedValue, goesThroughText } from '@rowferry/coerce'
import type { SourceRow, SourceValue } from '@rowferry/introspect'
import { formatTableName, sameTable } from '@rowferry/introspect'
import type { Finding, ForeignKeyPlan, Plan, TablePlan } from '@rowferry/plan'
import { finding } from '@rowferry/plan'
import type { OldOrphans } from '@rowferry/postgres'
import { deleteOrphans, findOrphans } from '@rowferry/postgres'
import { integersOf, keyText, readingOf, rejectRow, storedTexts } from '@rowferry/write'
import { CrossingError } from '../failure.ts'
import type { CrossingContext, TableOutcome } from './context.ts'
import { rejectedKey } from './data.ts'
import type { OldOrphansByKey } from './old-orphans.ts'
import { followingKeys } from './post-data.ts'

const KEYS = 5

/** What was taken out of one table: how many rows, and for each foreign key the references that meet no parent. */
interface Removed {
  count: number
  readonly references: Map<ForeignKeyPlan, Set<string>>
}

interface Orphan {
  readonly rejectedKey: string
  readonly row: string
  readonly key: ForeignKeyPlan
}

/**
 * Rows whose parent is not there (it dangled in the source, or was itself set aside) follow into the quarantine:
 * taken out of the target in this transaction until no orphan is left, then written down from the source, losslessly.
 * Rows that the target held without a parent before stay. Whether a row is an orphan depends on what it references alone, so that tables without a key can be told as well.
 * `left`: an examination found some in a merged table, and no constraint would hold now.
 */
export async function followOrphans(
  context: CrossingContext,
  outcomes: readonly TableOutcome[],
  old: OldOrphansByKey,
): Promise<{ tables: TableOutcome[]; findings: Finding[]; left: boolean }> {
  const removed = await removeOrphans(context, old)
  const findings: Finding[] = []
  const tables: TableOutcome[] = []
  for (const outcome of outcomes) {
    const gone = removed.get(outcome.plan)
    if (!gone) {
      tables.push(outcome)
      continue
    }
    const orphans = await writeDown(context, outcome, gone)
    findings.push(...describe(context.plan, outcome.plan, orphans))
    tables.push({
      ...outcome,
      written: outcome.written - gone.count,
      rejected: outcome.rejected + gone.count,
      rejectedKeys: [...outcome.rejectedKeys, ...orphans.map((orphan) => orphan.rejectedKey)],
    })
  }
  return { tables, findings, left: [...removed.keys()].some(isMerged) }
}

const isMerged = (table: TablePlan): boolean => table.onExisting === 'merge'

async function removeOrphans(context: CrossingContext, old: OldOrphansByKey): Promise<Map<TablePlan, Removed>> {
  const removed = new Map<TablePlan, Removed>()
  const keys = followingKeys(context.plan)
  for (let again = true; again;) {
    again = false
    for (const key of keys) {
      const table = context.plan.tables.find((candidate) => sameTable(candidate.target, key.table))!
      const gone = removed.get(table) ?? { count: 0, references: new Map<ForeignKeyPlan, Set<string>>() }
      const references = gone.references.get(key) ?? new Set()
      const merged = isMerged(table)
      if (merged && references.size > 0) continue
      const rows = merged
        ? await mergedOrphans(context, table, key, old.get(key))
        : await deleteOrphans(context.session, key, key.columns, old.get(key))
      if (rows.length === 0) continue
      again = true
      for (const row of rows) references.add(JSON.stringify(row))
      gone.count += rows.length
      removed.set(table, gone)
      gone.references.set(key, references)
    }
  }
  return removed
}

/** An examination names them, and leaves them: others may hold on to them, and a DELETE would end it. */
async function mergedOrphans(
  context: CrossingContext,
  table: TablePlan,
  key: ForeignKeyPlan,
  old: OldOrphans | undefined,
): Promise<(string | null)[][]> {
  const { count, rows } = await findOrphans(context.session, key, key.columns, Number.MAX_SAFE_INTEGER, old)
  if (count > 0 && context.end !== 'examine') throw wouldBeLost(table, key, count)
  return rows.map((row) => [...row])
}

/** A row that replaced another cannot be taken out again: the other one would be gone with it. */
function wouldBeLost(table: TablePlan, key: ForeignKeyPlan, rows: number): CrossingError {
  const name = formatTableName(table.source)
  return new CrossingError(
    'FOREIGN_KEY_VIOLATION',
    `${rows} ${rows === 1 ? 'row' : 'rows'} of ${name} without a parent in ${formatTableName(key.references)} cannot be set aside: ${key.name ?? 'its foreign key'} is checked after all rows, when what they replaced is no longer known`,
    { table: name, remedy: 'mend the rows in the source' },
  )
}

async function writeDown(
  context: CrossingContext,
  { plan, rejectedKeys }: TableOutcome,
  gone: Removed,
): Promise<Orphan[]> {
  const { columns } = readingOf(plan)
  const already = new Set(rejectedKeys)
  const reference = [...gone.references].map(([key, references]) => ({
    key,
    references,
    read: referenceOf(plan, key, columns),
  }))
  const orphans: Orphan[] = []
  let ordinal = 0
  const options = { columns, integers: integersOf(plan), ...(context.signal ? { signal: context.signal } : {}) }
  for await (const batch of context.source.readBatches(plan.source, options)) {
    const texts = await textsOf(context, plan, [...gone.references.keys()], columns, batch)
    for (const row of batch) {
      ordinal++
      const found = reference.find(({ references, read }) => references.has(read(row, texts)))
      if (!found) continue
      const reject = rejectRow(
        plan,
        columns,
        row,
        {
          column: found.key.columns.join(', '),
          code: 'FOREIGN_KEY_VIOLATION',
          reason: `no row of ${formatTableName(found.key.references)} meets ${found.key.name ?? 'its foreign key'} (${found.key.columns.join(', ')})`,
        },
        ordinal,
      )
      const name = rejectedKey(plan, reject)
      if (already.has(name)) continue
      orphans.push({ rejectedKey: name, row: reject.row, key: found.key })
      await context.quarantine?.add(reject)
    }
  }
  if (orphans.length !== gone.count && context.end !== 'examine') {
    throw new CrossingError(
      'REFERENCE_CHANGED',
      `${gone.count} rows of ${formatTableName(plan.source)} have no parent, but ${orphans.length} were found again in the source by what they reference: its text is another in PostgreSQL`,
      { table: formatTableName(plan.source), remedy: 'remove the rows without a parent from the source' },
    )
  }
  return orphans
}

/** What a source row references, as the target's text of it would be. */
function referenceOf(
  plan: TablePlan,
  key: ForeignKeyPlan,
  columns: readonly string[],
): (row: SourceRow, texts: ServerTexts) => string {
  const parts = key.columns.map((target) => {
    const cast = plan.casts.find((each) => each.target === target)
    return { position: cast ? columns.indexOf(cast.column) : -1, agreed: cast ? agreedOf(plan, cast) : asStored }
  })
  return (row, texts) =>
    JSON.stringify(
      parts.map(({ position, agreed }) => {
        const text = keyText(agreed(row[position] ?? null))
        return text === null ? null : (texts.get(position)?.get(text) ?? text)
      }),
    )
}

const asStored = (value: SourceValue): SourceValue => value

/** What the mends and the value map make of a stored value. */
function agreedOf(plan: TablePlan, cast: Cast): (value: SourceValue) => SourceValue {
  return agreedValue(cast, plan.classedIntegers ? 'bigint' : 'auto')
}

/** By position in the source row: what the server has of texts that only it reads. */
type ServerTexts = ReadonlyMap<number, ReadonlyMap<string, string>>

async function textsOf(
  { session }: CrossingContext,
  plan: TablePlan,
  keys: readonly ForeignKeyPlan[],
  columns: readonly string[],
  rows: readonly SourceRow[],
): Promise<ServerTexts> {
  const asked = new Map<number, ReadonlyMap<string, string>>()
  for (const cast of plan.casts) {
    const { column, target, type } = cast
    if (!goesThroughText(type) || !keys.some((key) => key.columns.includes(target))) continue
    const position = columns.indexOf(column)
    const agreed = agreedOf(plan, cast)
    const texts = rows.map((row) => keyText(agreed(row[position] ?? null)))
    // A NUL would fail the question itself; such a row was set aside before
    const clean = new Set(texts.filter((text) => text !== null && !text.includes('\0')) as string[])
    asked.set(position, await storedTexts(session, type, [...clean]))
  }
  return asked
}

function describe(plan: Plan, table: TablePlan, orphans: readonly Orphan[]): Finding[] {
  const byKey = new Map<ForeignKeyPlan, Orphan[]>()
  for (const orphan of orphans) {
    const same = byKey.get(orphan.key)
    if (same) same.push(orphan)
    else byKey.set(orphan.key, [orphan])
  }
  return [...byKey].map(([key, rows]) =>
    finding({
      code: 'ORPHANS',
      severity: 'refuse',
      table: formatTableName(table.source),
      column: key.columns.join(', '),
      count: rows.length,
      keys: rows.slice(0, KEYS).map((orphan) => orphan.row),
      message: `${rows.length} ${rows.length === 1 ? 'row' : 'rows'} of ${formatTableName(table.source)} without a parent in ${formatTableName(key.references)}`,
      remedy: caseMayTell(plan, key)
        ? 'mend the rows in the source, or --on-bad-row quarantine; where only the case of letters differs: --nocase citext, or --nocase icu'
        : 'mend the rows in the source, or --on-bad-row quarantine',
    }),
  )
}

/** SQLite compares a reference by its parent's collation: under NOCASE a child finds a parent that here is another text. */
function caseMayTell(plan: Plan, key: ForeignKeyPlan): boolean {
  const parent = plan.tables.find(({ target }) => sameTable(target, key.references))
  if (plan.options.nocase !== 'fold' || parent === undefined) return false
  const referenced = parent.casts.filter(({ target }) => key.referencedColumns.includes(target))
  return plan.findings.some(
    ({ code, table, column }) =>
      code === 'NOCASE_COLUMN' && table === parent.source.name && referenced.some((cast) => cast.column === column),
  )
}
