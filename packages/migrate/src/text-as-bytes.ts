import { escapeExample, storageClassOf } from '@rowferry/coerce'
import type { SourceRow, SourceValue } from '@rowferry/introspect'
import { formatTableName, InvalidText } from '@rowferry/introspect'
import type { Cast } from '@rowferry/coerce'
import type { ColumnDecision, Finding, Plan, TablePlan } from '@rowferry/plan'
import { finding, tableId } from '@rowferry/plan'
import type { Source } from '@rowferry/source'
import { keyText, rowName } from '@rowferry/write'

const NAMED = 5
const NUL = 'U+0000'

/**
 * A column of texts becomes bytea when one of its values is none that PostgreSQL's text takes. That is exact, but an application would find bytes
 * where it had words: so the rows are named, and the words that keep it text.
 */
export async function textAsBytes(
  source: Source,
  plan: Plan,
  decisions: ReadonlyMap<string, readonly ColumnDecision[]>,
  signal: AbortSignal | undefined,
): Promise<Finding[]> {
  const findings: Finding[] = []
  for (const table of plan.tables) {
    const decided = decisions.get(tableId(table.source)) ?? []
    const casts = table.casts.filter((_, at) => table.mode === 'create' && decided[at]?.textAsBytes === true)
    if (casts.length > 0) findings.push(...(await lookAt(source, table, casts, signal)))
  }
  return findings
}

interface Seen {
  readonly cast: Cast
  texts: number
  count: number
  readonly reasons: Set<string>
  readonly classes: Set<string>
  readonly keys: string[]
  readonly examples: string[]
}

async function lookAt(
  source: Source,
  table: TablePlan,
  casts: readonly Cast[],
  signal: AbortSignal | undefined,
): Promise<Finding[]> {
  const keyColumns = table.key.length > 0 ? table.key : table.rowIdentifier === null ? [] : [table.rowIdentifier]
  const seen = casts.map((cast): Seen => ({
    cast,
    texts: 0,
    count: 0,
    reasons: new Set(),
    classes: new Set(),
    keys: [],
    examples: [],
  }))
  const columns = [...keyColumns, ...casts.map(({ column }) => column)]
  let number = 0
  for await (const batch of source.readBatches(table.source, { columns, ...(signal ? { signal } : {}) })) {
    for (const row of batch) {
      number++
      seen.forEach((each, at) =>
        judge(each, row[keyColumns.length + at] ?? null, () => nameOf(keyColumns, row, number)),
      )
    }
  }
  // A column of blobs alone is one of bytes, whatever it is declared
  return seen.filter(({ texts }) => texts > 0).map((each) => described(table, each))
}

function judge(seen: Seen, value: SourceValue, name: () => string): void {
  if (value === null) return
  const reason = reasonOf(value)
  if (typeof value === 'string' || value instanceof InvalidText) seen.texts++
  if (reason === null) return
  seen.count++
  seen.reasons.add(reason)
  seen.classes.add(storageClassOf(value, 'auto'))
  if (seen.keys.length >= NAMED) return
  seen.keys.push(name())
  seen.examples.push(escapeExample(value))
}

function reasonOf(value: SourceValue): string | null {
  if (typeof value === 'string') {
    if (value.includes('\0')) return NUL
    return value.isWellFormed() ? null : 'half a surrogate pair'
  }
  if (value instanceof InvalidText) return `bytes that are no ${value.encoding}`
  return value instanceof Uint8Array ? 'a blob' : null
}

function nameOf(columns: readonly string[], row: SourceRow, number: number): string {
  if (columns.length === 0) return `row ${number}`
  return rowName(columns.map((column, at) => ({ column, value: keyText(row[at] ?? null) })))
}

/** What is no text only for its NULs can do without them. */
function keepsText(column: string, reasons: ReadonlySet<string>): string {
  return [...reasons].join('') === NUL ? `--strip-nul '${column}' takes it out and keeps all rows as text; ` : ''
}

function described(table: TablePlan, { cast, count, reasons, classes, keys, examples }: Seen): Finding {
  const column = `${formatTableName(table.source)}.${cast.column}`
  return finding({
    code: 'TEXT_BECOMES_BYTES',
    severity: 'warning',
    table: formatTableName(table.source),
    column: cast.column,
    targetType: 'bytea',
    count,
    keys,
    examples,
    storageClasses: [...classes],
    message: `${column} becomes bytea, its texts too: ${count} of its values ${count === 1 ? 'is' : 'are'} or ${count === 1 ? 'holds' : 'hold'} what PostgreSQL's text cannot be (${[...reasons].join(', ')}). All are kept exactly, as bytes`,
    remedy: `${keepsText(`${table.source.name}.${cast.column}`, reasons)}--cast '${table.source.name}.${cast.column}=text' keeps it text and refuses ${count === 1 ? 'that row' : 'those rows'}, or sets them aside with --on-bad-row quarantine`,
  })
}
