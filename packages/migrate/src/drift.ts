import type { Catalog, StructureChange } from '@rowferry/introspect'
import { catalogFingerprint, compareStructures, describeStructure, formatTableName } from '@rowferry/introspect'
import { readPostgresCatalog } from '@rowferry/introspect/postgres'
import type { ColumnEvidence, Plan } from '@rowferry/plan'
import type { Session } from '@rowferry/postgres'
import type { Source } from '@rowferry/source'
import { holdsSame, readEvidence } from './evidence.ts'
import { CrossingError } from './failure.ts'

/** A plan made earlier holds only while both sides are what they were. Gives the target's catalog. Throws `SOURCE_CHANGED` or `TARGET_CHANGED`, naming everything that moved on either side. */
export async function checkDrift(plan: Plan, source: Source, session: Session): Promise<Catalog> {
  if (!plan.target)
    throw new CrossingError('PLAN_WITHOUT_TARGET', 'the plan was made without a target', {
      remedy: 'plan again with the target',
    })
  const sourceMoved = (await source.fingerprint()) !== plan.source.fingerprint
  const now = await readPostgresCatalog(session.kysely, { schemas: [plan.options.schema] })
  const targetMoved = catalogFingerprint(now) !== plan.target.fingerprint
  if (!sourceMoved && !targetMoved) return now
  const said = [
    ...(sourceMoved ? ['the source has changed since the plan was made', ...(await sourceChanges(plan, source))] : []),
    ...(targetMoved ? ["the target's schema has changed since the plan was made", ...targetChanges(plan, now)] : []),
  ]
  throw new CrossingError(sourceMoved ? 'SOURCE_CHANGED' : 'TARGET_CHANGED', said.join('\n'), {
    remedy: 'plan again, and read what that changes',
  })
}

/** What moved in the target's schema since `plan`, one line each. */
export function targetChanges(plan: Plan, now: Catalog): string[] {
  return told(compareStructures(plan.target?.structure ?? {}, describeStructure(now)))
}

/** What moved in the source since `plan`, one line each. */
export async function sourceChanges(plan: Plan, source: Source): Promise<string[]> {
  const catalog = await source.readCatalog()
  const changes = [
    ...compareStructures(plan.source.structure, describeStructure(catalog)),
    ...(await dataChanges(plan, source, catalog)),
  ]
  if (changes.length > 0) return told(changes)
  return [
    '  no table, row count or column account differs: values changed in place, or the file was rewritten (VACUUM), or a part changed that the plan does not carry',
  ]
}

/** Rows and columns that hold something else, as far as the plan knows what they held. */
async function dataChanges(plan: Plan, source: Source, catalog: Catalog): Promise<StructureChange[]> {
  const changes: StructureChange[] = []
  for (const table of plan.tables) {
    const name = formatTableName(table.source)
    const found = await readEvidence(source, catalog, table)
    if (found === null) continue
    if (table.rows !== null && table.rows !== found.rows)
      changes.push({ object: `rows of ${name}`, before: String(table.rows), now: String(found.rows) })
    for (const before of table.evidence ?? []) {
      const column = found.evidence.find((each) => each.column === before.column)
      if (column === undefined || holdsSame(column, before)) continue
      // Other counts follow from other rows: then the rows say it
      if (table.rows !== found.rows) continue
      const [was, is] = [words(before), words(column)]
      changes.push({ object: `values of ${name}.${before.column}`, before: was, now: was === is ? 'other values' : is })
    }
  }
  return changes
}

function words({ nulls, integers, reals, texts, blobs }: ColumnEvidence): string {
  const counts = { NULL: nulls, integer: integers, real: reals, text: texts, blob: blobs }
  return Object.entries(counts)
    .flatMap(([storage, count]) => (count > 0 ? [`${count} ${storage}`] : []))
    .join(', ')
}

const LISTED = 20
const LONGEST = 120

export function told(changes: readonly StructureChange[]): string[] {
  const lines = changes.slice(0, LISTED).map(({ object, before, now }) => {
    if (before === null) return `  ${object} is new: ${short(now ?? '')}`
    if (now === null) return `  ${object} is gone: it was ${short(before)}`
    return `  ${object} was ${short(before)}, is ${short(now)}`
  })
  return changes.length > LISTED ? [...lines, `  … and ${changes.length - LISTED} more`] : lines
}

function short(text: string): string {
  const flat = text.replaceAll(/\s+/g, ' ').trim()
  return flat.length > LONGEST ? `${flat.slice(0, LONGEST - 1)}…` : flat
}
