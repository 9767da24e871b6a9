import type { Misfit } from '@rowferry/coerce'
import { formatType, labelRemedy, mendNames } from '@rowferry/coerce'
import { formatTableName } from '@rowferry/introspect'
import type { Finding, TablePlan } from '@rowferry/plan'
import { finding } from '@rowferry/plan'
import type { Changed } from './changed.ts'
import type { EpochEvidence } from './epoch-evidence.ts'
import { gatherEpochs } from './epoch-evidence.ts'
import { writtenCasts } from './reading.ts'
import type { Refusal } from './refusal.ts'

const KEYS = 5
const EXAMPLES = 8
/** Codes whose distinct values are worth seeing one by one, each with its count. */
const DISTINCT = new Set(['UNKNOWN_LABEL', 'NOT_A_BOOLEAN'])
/** Labels in a message. */
const LABELS = 12
const MEND = 'mend the values in the source, or --on-bad-row quarantine'
/** So many are counted and get their remedy, of so many the examples tell. */
const DISTINCT_COUNTED = 1000
const DISTINCT_EXAMPLES = 100

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
  /** The only values that the target takes, where it lists them. */
  readonly labels: readonly string[] | null
  /** Numbers of which nothing says what they count. */
  readonly epochs: EpochEvidence
}

export interface FindingCollector {
  /** A cell that does not fit. */
  misfit(misfit: Misfit, row: string): void
  /** A row that the server refuses, or says that it would. */
  refusal(refusal: Refusal, row: string): void
  /** `changed` adds what was lost as allowed, `wrapped` which columns hold JSON in JSON strings. */
  findings(changed: readonly Changed[], wrapped: ReadonlyMap<string, number>): Finding[]
}

/** Groups what is wrong by column and code: exact counts, the first keys, distinct examples, one sentence, the words that settle it. Memory does not grow with the rows. */
export function collectFindings(table: TablePlan): FindingCollector {
  const groups = new Map<string, Group>()
  const casts = writtenCasts(table)
  const count = (
    id: readonly (string | null)[],
    row: string,
    open: () => Omit<Group, 'count' | 'keys' | 'classes' | 'examples' | 'remedies' | 'epochs'>,
  ): Group => {
    const name = JSON.stringify(id)
    let group = groups.get(name)
    if (!group) {
      group = {
        ...open(),
        count: 0,
        keys: [],
        classes: new Set(),
        examples: new Map(),
        remedies: new Set(),
        epochs: gatherEpochs(),
      }
      groups.set(name, group)
    }
    group.count++
    if (group.keys.length < KEYS) group.keys.push(row)
    return group
  }
  return {
    misfit({ column, code, verdict, reason, storageClass, value, example, remedy }, row) {
      const cast = casts[column]!
      const group = count([code, cast.column, verdict], row, () => ({
        code,
        column: cast.column,
        targetType: formatType(cast.type),
        verdict,
        reason,
        labels: null,
      }))
      group.classes.add(storageClass)
      note(group.examples, example, DISTINCT.has(code) ? DISTINCT_COUNTED : EXAMPLES)
      if (code === 'EPOCH_UNIT_NEEDED') group.epochs.see(value)
      if (remedy !== null && group.remedies.size < DISTINCT_COUNTED)
        group.remedies.add(named(remedy, `${table.source.name}.${cast.column}`))
    },
    refusal({ code, column, kind, reason, example, meant }, row) {
      const group = count([code, column, kind], row, () => ({
        code,
        column,
        targetType: null,
        verdict: 'refused',
        reason,
        labels: meant?.labels ?? null,
      }))
      if (example) note(group.examples, example, meant ? DISTINCT_COUNTED : EXAMPLES)
      const map = meant && group.remedies.size < DISTINCT_COUNTED ? labelRemedy(meant.value, meant.labels) : null
      if (map) group.remedies.add(named(map, `${table.source.name}.${column}`))
      if (!meant) group.remedies.add(remedyOf(code, table))
    },
    findings: (changed, wrapped) => [
      ...[...groups.values()].map((group) => describe(table, group)),
      ...wrappedFindings(table, wrapped),
      ...changed.filter(({ rule }) => rule === 'lossy').map((each) => allowed(table, each)),
    ],
  }
}

function note(examples: Map<string, number>, example: string, limit: number): void {
  const seen = examples.get(example)
  if (seen !== undefined) examples.set(example, seen + 1)
  else if (examples.size < limit) examples.set(example, 1)
}

/** What the target refuses is for the source's rows, or for the target's own rules, to give way in. */
function remedyOf(code: string, { onExisting, targetKey }: TablePlan): string {
  const rule =
    code === 'NO_PARTITION'
      ? 'make a partition that takes them'
      : code === 'SERVER_REFUSED'
        ? null
        : code === 'UNIQUE_VIOLATION' && onExisting === 'append' && targetKey.length > 0
          ? 'let rows whose primary key is there stay or be replaced by --on-existing skip or merge'
          : 'loosen the constraint'
  return ['mend the rows in the source', ...(rule === null ? [] : [rule]), '--on-bad-row quarantine'].join(', or ')
}

/** The column stands between single quotes of a shell. */
function named(remedy: string, column: string): string {
  return remedy.replaceAll('{column}', () => column.replaceAll("'", "'\\''"))
}

function describe(table: TablePlan, group: Group): Finding {
  const name = formatTableName(table.source)
  const where = group.column === null ? name : `${name}.${group.column}`
  const { message, remedy } = words(where, `${table.source.name}.${group.column}`, group, remedyOf(group.code, table))
  return finding({
    code: group.code,
    severity: 'refuse',
    table: name,
    column: group.column,
    targetType: group.targetType,
    count: group.count,
    keys: group.keys,
    storageClasses: [...group.classes],
    examples: examplesOf(group),
    verdict: group.verdict === 'refused' ? 'impossible' : group.verdict,
    message,
    remedy: remedy ?? MEND,
  })
}

function words(
  where: string,
  column: string,
  group: Group,
  otherwise: string,
): { message: string; remedy: string | null } {
  const many = (one: string) => (group.count === 1 ? `1 ${one}` : `${group.count} ${one}s`)
  const remedy = joined([...group.remedies])
  const cannot = `${where}: ${many('value')} cannot become ${group.targetType}`
  if (group.verdict === 'refused' && group.labels !== null) {
    const values = examplesOf(group)
    const which =
      values.length <= 3 ? values.join(', ') : `${group.examples.size} different ones, the commonest ${values[0]}`
    return {
      message: `${where}: the target takes only ${group.labels.slice(0, LABELS).join(', ')}${group.labels.length > LABELS ? ', …' : ''}, and ${many('row')} hold${group.count === 1 ? 's' : ''} ${which}`,
      remedy: remedy === null ? otherwise : `${remedy}, or ${otherwise}`,
    }
  }
  if (group.verdict === 'refused')
    return {
      message: `${where}: ${many('row')} refused by the target${group.count === 1 ? '' : ', first'}: ${group.reason}`,
      remedy,
    }
  if (group.code === 'EPOCH_UNIT_NEEDED') {
    const { evidence, unit, candidates } = group.epochs.conclude()
    const each = candidates.map((name) => named(`--epoch '{column}=${name}'`, column))
    return {
      message: `${cannot}, for nothing says what the numbers count: ${evidence}`,
      remedy: unit === null && each.length > 0 ? [...each, MEND].join(', or ') : (each[0] ?? remedy),
    }
  }
  if (DISTINCT.has(group.code)) {
    const values = examplesOf(group)
    if (values.length <= 3) return { message: `${cannot}: ${values.join(', ')}`, remedy }
    const most = group.examples.size === DISTINCT_COUNTED ? 'at least ' : ''
    return { message: `${cannot}, ${most}${group.examples.size} different ones, first: ${group.reason}`, remedy }
  }
  const unchanged = group.verdict === 'lossy' ? ' unchanged' : ''
  return { message: `${cannot}${unchanged}${group.count === 1 ? ': ' : ', first: '}${group.reason}`, remedy }
}

/** Values that are counted one by one come the most frequent first. */
function examplesOf({ code, examples, labels }: Group): string[] {
  if (!DISTINCT.has(code) && labels === null) return [...examples.keys()]
  const sorted = [...examples].toSorted(([, a], [, b]) => b - a)
  const shown = sorted.slice(0, DISTINCT_EXAMPLES).map(([example, count]) => `${example} (${count}×)`)
  const more = sorted.length - shown.length
  if (more === 0) return shown
  return [...shown, `… and ${sorted.length === DISTINCT_COUNTED ? 'at least ' : ''}${more} more`]
}

/** Value maps and mends go side by side; of other options only one can hold. */
function joined(remedies: readonly string[]): string | null {
  if (remedies.length === 0) return null
  const together = remedies.filter((remedy) => TOGETHER.test(remedy))
  const alone = remedies.filter((remedy) => !TOGETHER.test(remedy))
  return [...(together.length > 0 ? [[...new Set(together)].join(' ')] : []), ...alone].join(', or ')
}

const TOGETHER = new RegExp(`^--(?:map|${mendNames.join('|')}) `)

function allowed(table: TablePlan, { column, count }: Changed): Finding {
  const name = formatTableName(table.source)
  const targetType = formatType(writtenCasts(table).find((cast) => cast.column === column)!.type)
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

/** Notes on columns that hold JSON in JSON strings. */
export function wrappedFindings(table: TablePlan, wrapped: ReadonlyMap<string, number>): Finding[] {
  return [...wrapped].map(([column, values]) => doublyEncoded(table, column, values))
}

function doublyEncoded(table: TablePlan, column: string, count: number): Finding {
  const name = formatTableName(table.source)
  const [values, they] = count === 1 ? ['1 value is a JSON string', 'it'] : [`${count} values are JSON strings`, 'they']
  return finding({
    code: 'JSON_DOUBLE_ENCODED',
    severity: 'note',
    table: name,
    column,
    targetType: formatType(writtenCasts(table).find((cast) => cast.column === column)!.type),
    count,
    message: `${name}.${column}: ${values} that hold${count === 1 ? 's' : ''} an object or array, and as such ${they} arrive${count === 1 ? 's' : ''}: ->> finds no key in ${count === 1 ? 'it' : 'them'}`,
    remedy: named("--json-unwrap '{column}'", `${table.source.name}.${column}`),
  })
}
