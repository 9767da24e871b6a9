import { formatTableName, sameTable } from '@rowferry/introspect'
import type { Finding, ForeignKeyPlan, TablePlan } from '@rowferry/plan'
import { finding } from '@rowferry/plan'
import { deleteOrphans } from '@rowferry/postgres'
import { keyText, rejectRow } from '@rowferry/write'
import { CrossingError } from '../failure.ts'
import type { CrossingContext, TableOutcome } from './context.ts'
import { followingKeys } from './post-data.ts'

/**
 * Rows whose parent is not there (it dangled in the source, or was itself set aside) follow into the quarantine:
 * taken out of the target in this transaction until no orphan is left, then written down from the source, losslessly.
 */
export async function followOrphans(
  context: CrossingContext,
  outcomes: readonly TableOutcome[],
): Promise<{ tables: TableOutcome[]; findings: Finding[] }> {
  const removed = new Map<TablePlan, Map<string, ForeignKeyPlan>>()
  const keys = followingKeys(context.plan)
  for (let again = true; again;) {
    again = false
    for (const key of keys) {
      const table = context.plan.tables.find((candidate) => sameTable(candidate.target, key.table))!
      const rows = await deleteOrphans(context.session, key, targetKey(table))
      if (rows.length > 0 && table.key.length === 0 && context.end !== 'examine') throw keyNeeded(table, key)
      const list = removed.get(table) ?? new Map<string, ForeignKeyPlan>()
      for (const row of rows) list.set(JSON.stringify(table.key.length > 0 ? row : [list.size]), key)
      removed.set(table, list)
      again ||= rows.length > 0
    }
  }
  const findings: Finding[] = []
  const tables: TableOutcome[] = []
  for (const outcome of outcomes) {
    const gone = removed.get(outcome.plan)
    if (!gone || gone.size === 0) {
      tables.push(outcome)
      continue
    }
    const rejectedKeys = context.end === 'examine' ? [] : await writeDown(context, outcome.plan, gone)
    findings.push(...describe(outcome.plan, gone))
    tables.push({
      ...outcome,
      written: outcome.written - gone.size,
      rejected: outcome.rejected + gone.size,
      rejectedKeys: [...outcome.rejectedKeys, ...rejectedKeys],
    })
  }
  return { tables, findings }
}

function targetKey(table: TablePlan): string[] {
  return table.key.map((column) => table.casts.find((cast) => cast.column === column)!.target)
}

function keyNeeded(table: TablePlan, key: ForeignKeyPlan): CrossingError {
  return new CrossingError(
    'KEY_NEEDED',
    `${formatTableName(table.source)} has no key by which rows without a parent (${key.name ?? key.columns.join(', ')}) could be set aside`,
    {
      table: formatTableName(table.source),
      remedy: 'give the table a primary key, or remove the rows from the source',
    },
  )
}

async function writeDown(
  context: CrossingContext,
  table: TablePlan,
  gone: ReadonlyMap<string, ForeignKeyPlan>,
): Promise<string[]> {
  const columns = [
    ...table.casts.map((cast) => cast.column),
    ...table.key.filter((column) => !table.casts.some((cast) => cast.column === column)),
  ]
  const positions = table.key.map((column) => columns.indexOf(column))
  const rejectedKeys: string[] = []
  for await (const batch of context.source.readBatches(table.source, {
    columns,
    ...(context.signal ? { signal: context.signal } : {}),
  })) {
    for (const row of batch) {
      const names = positions.map((position) => keyText(row[position] ?? null))
      const key = gone.get(JSON.stringify(names))
      if (!key) continue
      rejectedKeys.push(JSON.stringify(names))
      await context.quarantine?.add(
        rejectRow(table, columns, row, {
          column: key.columns.join(', '),
          code: 'FOREIGN_KEY_VIOLATION',
          reason: `no row of ${formatTableName(key.references)} meets ${key.name ?? 'its foreign key'} (${key.columns.join(', ')})`,
        }),
      )
    }
  }
  if (rejectedKeys.length !== gone.size) {
    throw new CrossingError(
      'KEY_CHANGED',
      `${gone.size} rows of ${formatTableName(table.source)} have no parent, but only ${rejectedKeys.length} of them were found again in the source by their key`,
      {
        table: formatTableName(table.source),
        remedy: 'remove the rows without a parent from the source',
      },
    )
  }
  return rejectedKeys
}

function describe(table: TablePlan, gone: ReadonlyMap<string, ForeignKeyPlan>): Finding[] {
  const byKey = new Map<ForeignKeyPlan, string[]>()
  for (const [row, key] of gone) byKey.set(key, [...(byKey.get(key) ?? []), row])
  return [...byKey].map(([key, rows]) =>
    finding({
      code: 'ORPHANS',
      severity: 'refuse',
      table: formatTableName(table.source),
      column: key.columns.join(', '),
      count: rows.length,
      keys: rows.slice(0, 5).map((row) => {
        const values = JSON.parse(row) as (string | null)[]
        return table.key.map((column, index) => `${column}=${values[index] ?? 'NULL'}`).join(', ')
      }),
      message: `${rows.length} rows of ${formatTableName(table.source)} reference no row of ${formatTableName(key.references)}`,
      remedy: 'mend the rows in the source, or --on-bad-row quarantine',
    }),
  )
}
