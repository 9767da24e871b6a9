import type { Misfit } from '@rowferry/coerce'
import { formatType } from '@rowferry/coerce'
import { formatTableName } from '@rowferry/introspect'
import type { Finding, TablePlan } from '@rowferry/plan'
import { finding } from '@rowferry/plan'
import type { Changed } from './changed.ts'
import type { Refusal } from './refusal.ts'

const KEYS = 5
const EXAMPLES = 8
/** Codes whose distinct values are worth seeing one by one, each with its count. */
const DISTINCT = new Set(['UNKNOWN_LABEL', 'NOT_A_BOOLEAN'])
const DISTINCT_EXAMPLES = 20

interface Group {
  readonly code: string
  readonly column: string | null
  readonly targetType: string | null
  /** `lossy` misfits could be allowed; a refusal of the server is no misfit. */
  readonly verdict: Misfit['verdict'] | 'refused'
  /** The first one's. */
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
  refusal(refusal: Refusal, row: string): void
  /** `changed` adds what was lost as allowed. */
  findings(changed: readonly Changed[]): Finding[]
}

/** Groups what is wrong by column and code: exact counts, the first keys, distinct examples, one sentence, the words that settle it. Memory does not grow with the rows. */
export function collectFindings(table: TablePlan): FindingCollector {
  const groups = new Map<string, Group>()
  const count = (
    id: readonly (string | null)[],
    row: string,
    open: () => Omit<Group, 'count' | 'keys' | 'classes' | 'examples' | 'remedies'>,
  ): Group => {
    const name = JSON.stringify(id)
    let group = groups.get(name)
    if (!group) {
      group = { ...open(), count: 0, keys: [], classes: new Set(), examples: new Map(), remedies: new Set() }
      groups.set(name, group)
    }
    group.count++
    if (group.keys.length < KEYS) group.keys.push(row)
    return group
  }
  return {
    misfit({ column, code, verdict, reason, storageClass, example, remedy }, row) {
      const cast = table.casts[column]!
      const group = count([code, cast.column, verdict], row, () => ({
        code,
        column: cast.column,
        targetType: formatType(cast.type),
        verdict,
        reason,
      }))
      group.classes.add(storageClass)
      note(group.examples, example, DISTINCT.has(code) ? DISTINCT_EXAMPLES : EXAMPLES)
      if (remedy !== null && group.remedies.size < DISTINCT_EXAMPLES)
        group.remedies.add(named(remedy, `${table.source.name}.${cast.column}`))
    },
    refusal({ code, column, kind, reason }, row) {
      count([code, column, kind], row, () => ({ code, column, targetType: null, verdict: 'refused', reason }))
    },
    findings: (changed) => [
      ...[...groups.values()].map((group) => describe(table, group)),
      ...changed.filter(({ rule }) => rule === 'lossy').map((each) => allowed(table, each)),
    ],
  }
}

function note(examples: Map<string, number>, example: string, limit: number): void {
  const seen = examples.get(example)
  if (seen !== undefined) examples.set(example, seen + 1)
  else if (examples.size < limit) examples.set(example, 1)
}

/** The column stands between single quotes of a shell. */
function named(remedy: string, column: string): string {
  return remedy.replace('{column}', () => column.replaceAll("'", "'\\''"))
}

function describe(table: TablePlan, group: Group): Finding {
  const name = formatTableName(table.source)
  const where = group.column === null ? name : `${name}.${group.column}`
  const counted = DISTINCT.has(group.code)
  const examples = [...group.examples].map(([example, count]) => (counted ? `${example} (${count}×)` : example))
  const many = (one: string) => (group.count === 1 ? `1 ${one}` : `${group.count} ${one}s`)
  const shown = [...group.examples.values()].reduce((sum, count) => sum + count, 0)
  const why = counted ? `${examples.join(', ')}${shown < group.count ? ', …' : ''}` : group.reason
  const message =
    group.verdict === 'refused'
      ? `${where}: ${many('row')} refused by the target${group.count === 1 ? '' : ', first'}: ${group.reason}`
      : `${where}: ${many('value')} cannot become ${group.targetType}${group.verdict === 'lossy' ? ' unchanged' : ''}${counted || group.count === 1 ? ': ' : ', first: '}${why}`
  return finding({
    code: group.code,
    severity: 'refuse',
    table: name,
    column: group.column,
    targetType: group.targetType,
    count: group.count,
    keys: group.keys,
    storageClasses: [...group.classes],
    examples,
    message,
    remedy: joined([...group.remedies]),
  })
}

/** Value maps go side by side; of other options only one can hold. */
function joined(remedies: readonly string[]): string | null {
  if (remedies.length === 0) return null
  return remedies.join(remedies.every((remedy) => remedy.startsWith('--map ')) ? ' ' : ', or ')
}

function allowed(table: TablePlan, { column, count }: Changed): Finding {
  const name = formatTableName(table.source)
  const targetType = formatType(table.casts.find((cast) => cast.column === column)!.type)
  return finding({
    code: 'LOSSY_ALLOWED',
    severity: 'lossy',
    table: name,
    column,
    targetType,
    count,
    message: `${name}.${column}: ${count === 1 ? '1 value arrives' : `${count} values arrive`} changed as ${targetType}, as --allow-lossy says`,
  })
}
