import type { Cast } from '@rowferry/coerce'
import { escapeExample } from '@rowferry/coerce'
import type { SourceRow } from '@rowferry/introspect'
import { formatTableName } from '@rowferry/introspect'
import type { Finding, TablePlan } from '@rowferry/plan'
import { finding } from '@rowferry/plan'
import type { RowKey, RowRules, Session } from '@rowferry/postgres'
import type { Hashes, Pair, Question, RowRequest } from '@rowferry/write'
import { confirmPairs, excludedPairs, keyColumns, keyOf, readingOf, readRowsAt, rowName } from '@rowferry/write'
import type { AskedReference } from './references.ts'

const KEYS = 5
/** Pairs whose rows are held in memory at once. */
const PAIRS = 10_000

/** Rows that share a key with an earlier row of the source, by the target's own equality; both are named. */
export async function repeatedRows(
  session: Session,
  request: RowRequest,
  rules: RowRules,
  key: RowKey,
  question: Question,
  hashes: Hashes,
): Promise<Finding[]> {
  const pairs: Pair[] = [...hashes.repeated()]
  let count = 0
  const named: Named[] = []
  for (let at = 0; at < pairs.length; at += PAIRS) {
    const some = pairs.slice(at, at + PAIRS)
    const rows = await readRowsAt(request, new Set(some.flat()))
    const confirmed = await confirmPairs(session, request, rules, key, some, rows)
    count += confirmed.length
    for (const pair of confirmed.slice(0, KEYS - named.length))
      named.push(nameOf(request.table, pair, rows, question.columns))
  }
  return count === 0 ? [] : [pairFinding(request.table, key, question.columns, count, named)]
}

/** Rows that an EXCLUDE constraint would refuse beside an earlier one. */
export async function excludedRows(
  session: Session,
  request: RowRequest,
  casts: readonly Cast[],
  rules: RowRules,
  key: RowKey,
  sent: readonly { readonly ordinal: number; readonly tuple: Uint8Array }[],
): Promise<Finding[]> {
  let end = 0
  const tuples = sent.map(({ ordinal, tuple }) => ({ ordinal, row: [], start: end, end: (end += tuple.length) }))
  const pairs = await excludedPairs(session, casts, rules, key, tuples, Buffer.concat(sent.map(({ tuple }) => tuple)))
  if (pairs.length === 0) return []
  const first = pairs.slice(0, KEYS)
  const rows = await readRowsAt(request, new Set(first.flat()))
  const columns = keyColumns(rules, key)
  const named = first.map((pair) => nameOf(request.table, pair, rows, columns))
  return [pairFinding(request.table, key, columns, pairs.length, named)]
}

interface Named {
  readonly key: string
  readonly first: string
  readonly example: string
}

function nameOf(
  table: TablePlan,
  [row, first]: Pair,
  rows: ReadonlyMap<number, SourceRow>,
  columns: readonly string[],
): Named {
  const reading = readingOf(table)
  const name = (ordinal: number) => rowName(keyOf(reading, rows.get(ordinal)!, ordinal))
  return {
    key: name(row),
    first: name(first),
    example: `${name(row)}: ${shown(table, rows.get(row)!, columns)}, ${name(first)}: ${shown(table, rows.get(first)!, columns)}`,
  }
}

function shown(table: TablePlan, row: SourceRow, targets: readonly string[]): string {
  const { columns } = readingOf(table)
  return table.casts
    .filter(({ target }) => targets.includes(target))
    .map(({ column }) => escapeExample(row[columns.indexOf(column)] ?? null))
    .join(', ')
}

function pairFinding(
  table: TablePlan,
  key: RowKey,
  columns: readonly string[],
  count: number,
  named: readonly Named[],
): Finding {
  const name = formatTableName(table.source)
  const blamed = table.casts.filter(({ target }) => columns.includes(target)).map(({ column }) => column)
  const [first] = named
  const how = key.exclusion ? 'is excluded by an earlier one through' : 'has the same key as an earlier one by'
  return finding({
    code: key.exclusion ? 'EXCLUSION_VIOLATION' : 'UNIQUE_VIOLATION',
    severity: 'refuse',
    table: name,
    column: blamed.join(', '),
    count,
    keys: named.map((each) => each.key),
    examples: named.map(({ example }) => example),
    message: `${name}: ${count === 1 ? `a row ${how}` : `${count} rows, each of which ${how}`} ${key.name}${first ? `: ${first.key} and ${first.first} (${first.example})` : ''}`,
    remedy: 'mend the rows in the source, or loosen the constraint, or --on-bad-row quarantine',
  })
}

/** Rows without a parent, the first ones named. `found` are their numbers in the reading order. */
export async function orphanFinding(
  request: RowRequest,
  reference: AskedReference,
  found: readonly number[],
): Promise<Finding> {
  const { child, key } = reference
  const rows = await readRowsAt(request, new Set(found.slice(0, KEYS)))
  const reading = readingOf(child)
  const name = formatTableName(child.source)
  const parent = reference.parent
    ? formatTableName(reference.parent.source)
    : `the target's ${formatTableName(key.references)}, which is not carried,`
  const columns = child.casts.filter(({ target }) => key.columns.includes(target)).map(({ column }) => column)
  const [verb, many] = found.length === 1 ? ['references', 'row'] : ['reference', 'rows']
  return finding({
    code: 'ORPHANS',
    severity: 'refuse',
    table: name,
    column: columns.join(', '),
    count: found.length,
    keys: [...rows].map(([ordinal, row]) => rowName(keyOf(reading, row, ordinal))),
    examples: [...rows.values()].map((row) => shown(child, row, key.columns)),
    message: `${found.length} ${many} of ${name} ${verb} a row of ${parent} that does not exist (${columns.join(', ')})`,
    remedy: 'mend the rows in the source, or --on-bad-row quarantine',
  })
}
