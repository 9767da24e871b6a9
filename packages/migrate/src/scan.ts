import type { CastRule, Trial, TrialResult } from '@rowferry/coerce'
import { builtinType, compileTrial, formatType, goesThroughText } from '@rowferry/coerce'
import type { PgType } from '@rowferry/introspect'
import { sameTable } from '@rowferry/introspect'
import type { ColumnDecision, ColumnMatch, Finding, Matching, PlanOptions, TableMatch } from '@rowferry/plan'
import { candidateTypes, tableId, userType, valueRules } from '@rowferry/plan'
import type { Source, SourceAdapter } from '@rowferry/source'
import { watchSpellings } from './spellings.ts'
import type { EventListener } from './events.ts'
import { phaseEvent } from './events.ts'
import { watchKeys } from './long-keys.ts'

/** What seconds since 1970 are: an instant; or, among texts that name no zone, a time by the UTC clock. */
const EPOCH_TYPES = [builtinType('timestamptz'), builtinType('timestamp')]

/** Reads every cell of the tables that are to be created and lets the data choose among the proposed types. */
export async function decideTypes(
  source: Source,
  adapter: Pick<SourceAdapter, 'castRules'>,
  matching: Matching,
  options: {
    readonly plan: PlanOptions
    readonly batchSize: number | null
    readonly onEvent: EventListener
    readonly signal: AbortSignal | undefined
  },
): Promise<{ readonly decisions: ReadonlyMap<string, readonly ColumnDecision[]>; readonly findings: Finding[] }> {
  const findings: Finding[] = []
  const decisions = new Map<string, readonly ColumnDecision[]>()
  const created = parentsFirst(matching.matches).filter((match) => !match.target)
  if (created.length > 0)
    options.onEvent(
      phaseEvent(
        'scan',
        created.map((match) => ({ rows: match.source.rowEstimate })),
      ),
    )
  for (const match of created) {
    const table = match.source
    const proposals = match.columns.map((column) =>
      propose(match, column, matching, decisions, adapter.castRules, options.plan),
    )
    const trial = compileTrial(
      match.columns.map((column, index) => ({
        name: column.source.name,
        candidates: proposals[index]!.types,
        rules: valueRules(table, column.source, options.plan),
        numbersInText: proposals[index]!.numbersInText,
      })),
    )
    const keys = watchKeys(match)
    const spellings = watchSpellings(match.columns.length)
    let rows = 0
    const read = {
      columns: match.columns.map((column) => column.source.name),
      ...(options.batchSize === null ? {} : { batchRows: options.batchSize }),
      ...(options.signal ? { signal: options.signal } : {}),
    }
    for await (const batch of source.readBatches(table.name, read)) {
      for (const row of batch) {
        trial.see(row)
        keys.see(row)
        spellings.see(row)
      }
      rows += batch.length
      options.onEvent({
        type: 'table',
        phase: 'scan',
        table: table.name.name,
        rows,
        total: table.rowEstimate,
        done: false,
      })
    }
    if (trial.owed > 0) await showAgain(source.readBatches(table.name, read), trial)
    options.onEvent({ type: 'table', phase: 'scan', table: table.name.name, rows, total: rows, done: true })
    findings.push(...keys.findings())
    decisions.set(
      tableId(table.name),
      trial.results().map((result, index) => ({
        type: proposals[index]!.settled ?? result.type,
        because: `${proposals[index]!.because}; ${proposals[index]!.settled ? verdictOn(result) : result.because}`,
        holdsNull: result.sawNull,
        ...spellings.of(index),
        textAsBytes: !proposals[index]!.settled && isTextAsBytes(result),
        contradicted: (proposals[index]!.settled || match.columns[index]!.source.declaredType === ''
          ? []
          : result.contradicted.filter(({ type }) => type.oid !== result.type.oid)
        ).map(
          (each) =>
            `not ${formatType(each.type)} (${each.count === 1 ? '1 value does not fit:' : `${each.count} values do not fit, first`} ${each.firstExample})`,
        ),
      })),
    )
  }
  return { decisions, findings }
}

/** A type that failed late leaves the others of its column rows to catch up on. */
async function showAgain(batches: ReturnType<Source['readBatches']>, trial: Trial): Promise<void> {
  for await (const batch of batches) {
    for (const row of batch) {
      if (trial.owed === 0) return
      trial.seeAgain(row)
    }
  }
}

/** Was bytea taken because text was not enough, and is it? */
function isTextAsBytes({ type, contradicted }: TrialResult): boolean {
  const fails = (name: string) => contradicted.some((each) => each.type.name === name)
  return type.name === 'bytea' && fails('text') && !fails('bytea')
}

/** What the data says of the only type that was asked of it: a refusal comes with the rows, when they are checked. */
function verdictOn({ because, contradicted: [first], rows }: TrialResult): string {
  return first ? `${first.count} of ${rows} rows do not fit it` : because
}

/** Tables before those that reference them, as far as there is a first. */
function parentsFirst(matches: readonly TableMatch[]): TableMatch[] {
  const sorted = new Set<TableMatch>()
  const open = new Set<TableMatch>()
  const visit = (match: TableMatch): void => {
    if (sorted.has(match) || open.has(match)) return
    open.add(match)
    for (const key of match.source.foreignKeys) {
      const parent = matches.find((other) => sameTable(other.source.name, key.references))
      if (parent) visit(parent)
    }
    sorted.add(match)
  }
  for (const match of matches) visit(match)
  return [...sorted]
}

/**
 * What a created column may become. One that references another column first tries to be of that column's type: PostgreSQL
 * makes no foreign key between, say, bigint and text, and SQLite needs no type on `author_id REFERENCES author`.
 */
function propose(
  match: TableMatch,
  column: ColumnMatch,
  matching: Matching,
  decisions: ReadonlyMap<string, readonly ColumnDecision[]>,
  rules: readonly CastRule[],
  options: PlanOptions,
): { types: readonly PgType[]; because: string; numbersInText: boolean; settled?: PgType } {
  const asked = userType(match.source, column.source, options.cast)
  if (asked) return { types: [tried(asked.type)], because: asked.because, numbersInText: true, settled: asked.type }
  const own = candidateTypes(match.source, column.source, rules)
  for (const key of match.source.foreignKeys) {
    const referenced = key.referencedColumns?.[key.columns.indexOf(column.source.name)]
    const parent = matching.matches.find((other) => sameTable(other.source.name, key.references))
    const index = parent?.columns.findIndex((other) => other.source.name === referenced) ?? -1
    if (!parent || index === -1) continue
    const there = parent.columns[index]!
    const decided =
      there.target?.type ??
      decisions.get(tableId(parent.source.name))?.[index]?.type ??
      userType(parent.source, there.source, options.cast)?.type
    const types = decided ? [decided] : candidateTypes(parent.source, there.source, rules).types
    return {
      types: withFirst(types, own.types),
      because: `references ${parent.source.name.name}.${there.source.name}`,
      numbersInText: true,
    }
  }
  const { types, because, numbersInText } = own
  if (valueRules(match.source, column.source, options).epoch !== undefined)
    return { types: withFirst(EPOCH_TYPES, types), because: '--epoch says what its numbers mean', numbersInText }
  const [first] = types
  return own.settled && first
    ? { types: [tried(first)], because, numbersInText, settled: first }
    : { types, because, numbersInText }
}

/** What only the server can judge is no question to the data. */
function tried(type: PgType): PgType {
  return goesThroughText(type) ? builtinType('text') : type
}

function withFirst(first: readonly PgType[], others: readonly PgType[]): PgType[] {
  return [...first, ...others.filter(({ oid }) => first.every((type) => type.oid !== oid))]
}
