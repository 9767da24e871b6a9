import { createHash } from 'node:crypto'
import type { TableName } from '@rowferry/introspect'
import { catalogFingerprint, formatTableName } from '@rowferry/introspect'
import { readPostgresCatalog } from '@rowferry/introspect/postgres'
import type { Finding } from '@rowferry/plan'
import { finding } from '@rowferry/plan'
import { PostgresError, quoteTable, type Session } from '@rowferry/postgres'
import type { ExpectedTable, TableVerdict } from '@rowferry/verify'

/** Where an interrupted comparison leaves what it has found, a line each; whoever gives it keeps the lines. */
export interface Checkpoint {
  /** What was kept so far, oldest first. */
  readonly kept: readonly string[]
  /** `anew`: in the place of everything kept before. */
  keep(line: string, anew: boolean): void
}

/** Of both sides as they were, and of the schema: another one, and nothing kept counts. */
interface Header {
  readonly version: 1
  readonly source: string
  readonly schema: string
  /** Rows of the plan only: the fingerprint of the source that it was made for. */
  readonly asOf: string | null
}

interface Entry {
  readonly table: string
  readonly expected: string
  /** Every transaction before this one had ended when the table was read. */
  readonly xmin: string
  readonly at: string
  readonly verdict: TableVerdict
}

/** What is known of tables that need not be compared again. */
export interface Comparisons {
  /** The verdict of an earlier run, if the target still holds what was compared then. */
  known(expected: ExpectedTable): Promise<TableVerdict | null>
  /** Keeps a table that is equal. */
  keep(expected: ExpectedTable, verdict: TableVerdict): void
  findings(): Finding[]
}

export interface CheckpointInput {
  readonly checkpoint: Checkpoint
  /** In the transaction in which is compared. */
  readonly session: Session
  readonly schema: string
  readonly source: string
  readonly asOf: string | null
}

/**
 * Goes on where an earlier run stopped. The source must be the same to the byte, the target's schema as well; of each table that was found equal the
 * server counts the rows and looks whether any of them was written since, which is much less than to compare them.
 */
export async function openComparisons({
  checkpoint,
  session,
  schema,
  source,
  asOf,
}: CheckpointInput): Promise<Comparisons> {
  const catalog = await readPostgresCatalog(session.kysely, { schemas: [schema] })
  const header: Header = { version: 1, source, schema: catalogFingerprint(catalog), asOf }
  const [first, ...entries] = checkpoint.kept.flatMap(parsed) as [unknown, ...Entry[]]
  const goesOn = JSON.stringify(first) === JSON.stringify(header)
  const isStale = first !== undefined && !goesOn
  if (!goesOn) checkpoint.keep(JSON.stringify(header), true)
  const earlier = new Map(goesOn ? entries.map((entry) => [entry.table, entry]) : [])
  const [now] = await session.query(
    'select pg_catalog.pg_snapshot_xmin(pg_catalog.pg_current_snapshot())::text as xmin',
  )
  const reused: Entry[] = []
  return {
    async known(expected) {
      const entry = earlier.get(formatTableName(expected.target))
      if (entry === undefined || entry.expected !== digestOf(expected)) return null
      if (!(await isUntouched(session, expected.target, entry))) return null
      reused.push(entry)
      return { ...entry.verdict, ms: 0 }
    },
    keep(expected, verdict) {
      const table = formatTableName(expected.target)
      if (!verdict.equal || reused.some((entry) => entry.table === table)) return
      const entry: Entry = {
        table,
        expected: digestOf(expected),
        xmin: now?.['xmin'] ?? '',
        at: new Date().toISOString(),
        verdict,
      }
      checkpoint.keep(JSON.stringify(entry), false)
    },
    findings: () => [...(isStale ? [stale()] : []), ...(reused.length > 0 ? [comparedBefore(reused)] : [])],
  }
}

/** A line may have been cut by whatever ended the run. */
function parsed(line: string): unknown[] {
  try {
    return [JSON.parse(line)]
  } catch {
    return []
  }
}

function digestOf(expected: ExpectedTable): string {
  return createHash('sha256').update(JSON.stringify(expected)).digest('hex')
}

/** As many rows as then, and each written by a transaction that had ended then. False where the server cannot tell (a foreign table). */
async function isUntouched(session: Session, table: TableName, { xmin, verdict }: Entry): Promise<boolean> {
  await session.query('savepoint rowferry_untouched')
  try {
    const [found] = await session.query(
      `select count(*)::text as rows, (count(*) filter (where pg_catalog.age(xmin) <= pg_catalog.age(($1::bigint % 4294967296)::text::xid)))::text as written
         from ${quoteTable(table)}`,
      [xmin],
    )
    return found?.['rows'] === String(verdict.targetRows) && found['written'] === '0'
  } catch (error) {
    if (!(error instanceof PostgresError) || (!error.code.startsWith('42') && !error.code.startsWith('0A'))) throw error
    await session.query('rollback to savepoint rowferry_untouched')
    return false
  } finally {
    await session.query('release savepoint rowferry_untouched')
  }
}

function comparedBefore(entries: readonly Entry[]): Finding {
  const [first, ...rest] = entries.map(({ at }) => at).toSorted()
  const tables = rest.length === 0 ? 'a table was' : `${entries.length} tables were`
  const when = rest.length === 0 ? `at ${first}` : `from ${first} to ${rest.at(-1)}`
  return finding({
    code: 'COMPARED_BEFORE',
    severity: 'note',
    count: entries.length,
    message: `${tables} found equal by a run that was interrupted (${when}); no row there was written or taken away since, and none was compared again`,
  })
}

function stale(): Finding {
  return finding({
    code: 'CHECKPOINT_STALE',
    severity: 'note',
    message:
      "the source or the target's schema has changed since the checkpoint was made: everything was compared again",
  })
}
