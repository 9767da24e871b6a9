import type { Misfit } from '@rowferry/coerce'
import { formatType } from '@rowferry/coerce'
import { formatTableName } from '@rowferry/introspect'
import type { Finding, TablePlan } from '@rowferry/plan'
import { finding } from '@rowferry/plan'

const KEYS = 5
const EXAMPLES = 8
/** Codes whose distinct values are worth seeing one by one, each with its count. */
const DISTINCT = new Set(['UNKNOWN_LABEL', 'NOT_A_BOOLEAN'])
const DISTINCT_EXAMPLES = 20
const REMEDIES = 20

interface Group {
  readonly code: string
  readonly column: string | null
  readonly targetType: string | null
  readonly reason: string
  count: number
  readonly keys: string[]
  readonly classes: Set<string>
  readonly examples: Map<string, number>
  readonly remedies: Set<string>
}

export interface FindingCollector {
  /** A cell that does not fit. */
  misfit(misfit: Misfit, row: string): void
  /** A row that the server refuses. */
  refusal(refusal: { readonly code: string; readonly column: string | null; readonly reason: string; readonly remedy: string | null }, row: string): void
  findings(): Finding[]
}

/** Groups what is wrong by column and code: exact counts, the first keys, distinct examples, one sentence, the words that settle it. */
export function collectFindings(table: TablePlan): FindingCollector {
  const groups = new Map<string, Group>()
  const group = (code: string, column: string | null, targetType: string | null, reason: string): Group => {
    const id = JSON.stringify([code, column, reason])
    let found = groups.get(id)
    if (!found) groups.set(id, (found = { code, column, targetType, reason, count: 0, keys: [], classes: new Set(), examples: new Map(), remedies: new Set() }))
    return found
  }
  return {
    misfit(misfit, row) {
      const cast = table.casts[misfit.column]!
      const into = group(misfit.code, cast.column, formatType(cast.type), '')
      into.count++
      if (into.keys.length < KEYS) into.keys.push(row)
      into.classes.add(misfit.storageClass)
      note(into.examples, misfit.example, DISTINCT.has(misfit.code) ? DISTINCT_EXAMPLES : EXAMPLES)
      if (misfit.remedy !== null && into.remedies.size < REMEDIES) into.remedies.add(misfit.remedy.replaceAll('{column}', `${table.source.name}.${cast.column}`))
    },
    refusal(refusal, row) {
      const into = group(refusal.code, refusal.column, null, refusal.reason)
      into.count++
      if (into.keys.length < KEYS) into.keys.push(row)
      if (refusal.remedy !== null) into.remedies.add(refusal.remedy)
    },
    findings: () => [...groups.values()].map((each) => describe(table, each)),
  }
}

function note(examples: Map<string, number>, example: string, limit: number): void {
  const seen = examples.get(example)
  if (seen !== undefined) examples.set(example, seen + 1)
  else if (examples.size < limit) examples.set(example, 1)
}

function describe(table: TablePlan, group: Group): Finding {
  const where = [formatTableName(table.source), group.column].filter((part) => part !== null).join('.')
  const counted = DISTINCT.has(group.code)
  const examples = [...group.examples].map(([example, count]) => (counted ? `${example} (${count}×)` : example))
  const rows = group.count === 1 ? '1 value' : `${group.count} values`
  const message =
    group.reason === ''
      ? `${where}: ${rows} cannot become ${group.targetType} (${examples.slice(0, 3).join(', ')}${group.examples.size > 3 ? ', …' : ''})`
      : `${where}: ${group.count === 1 ? '1 row is' : `${group.count} rows are`} refused by the target: ${group.reason}`
  return finding({
    code: group.code,
    severity: 'refuse',
    table: formatTableName(table.source),
    column: group.column,
    targetType: group.targetType,
    count: group.count,
    keys: group.keys,
    storageClasses: [...group.classes],
    examples,
    message,
    remedy: group.remedies.size === 0 ? null : [...group.remedies].join(' '),
  })
}
