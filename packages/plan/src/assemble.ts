import type { Cast } from '@rowferry/coerce'
import { formatType } from '@rowferry/coerce'
import type { Catalog, PgType, Table, TableName } from '@rowferry/introspect'
import { sameTable } from '@rowferry/introspect'
import { unknownColumns, valueRules } from './casts.ts'
import type { NotCarried } from './definition/input.ts'
import { tableDefinition } from './definition/table.ts'
import type { Finding } from './finding.ts'
import { finding } from './finding.ts'
import { planForeignKeys } from './foreign-keys.ts'
import type { Matching, TableMatch } from './match.ts'
import { nameAllocator, tableId } from './names.ts'
import type { PlanOptions } from './options.ts'
import type { Plan, TablePlan } from './plan.ts'
import { commonPlan, existingTable } from './table-plan.ts'
import { nameFindings, targetFindings, triggerFindings } from './target-findings.ts'

/** What the scan of a created table's data decided about one column. */
export interface ColumnDecision {
  readonly type: PgType
  readonly because: string
  readonly holdsNull: boolean
  /** Types that the declaration proposed and the data refused, in words that go on after the one chosen: `not date (1 value does not fit: "soon")`. */
  readonly contradicted: readonly string[]
}

export interface PlanInput {
  /** Name and version of the program, kept in the plan. */
  readonly tool: string
  readonly source: {
    readonly kind: string
    readonly label: string
    readonly fingerprint: string
    readonly catalog: Catalog
  }
  readonly target: {
    readonly label: string
    readonly version: number
    readonly fingerprint: string
    readonly catalog: Catalog
  } | null
  readonly options: PlanOptions
  readonly matching: Matching
  /** Decisions for tables that are to be created, by `tableId` of the source table, one per column in order. */
  readonly decisions: ReadonlyMap<string, readonly ColumnDecision[]>
  /** Target tables that hold rows. */
  readonly occupied: readonly TableName[]
}

/**
 * Everything decided, nothing done. Pure: the same input gives the same plan. Whatever stands against the crossing is in
 * `findings` with severity `refuse`; all of it, not only the first.
 */
export function assemblePlan(input: PlanInput): Plan {
  const { options, matching } = input
  const findings: Finding[] = [...matching.findings, ...unknownColumns(input.source.catalog, options)]
  const notCarried: NotCarried[] = []
  const existing = input.target?.catalog.tables ?? []
  const planned = planTables(input, findings, notCarried)
  const keys = planForeignKeys({ tables: planned, existing, options })
  findings.push(...nameFindings(matching.matches, input.target?.catalog ?? null))
  findings.push(...keys.findings, ...triggerFindings(input.target?.catalog ?? null, planned, options))
  notCarried.push(...views(input), ...sourceTriggers(input))
  const rank = new Map(keys.order.map((name, index) => [tableId(name), index]))
  return {
    version: 1,
    tool: input.tool,
    source: { kind: input.source.kind, label: input.source.label, fingerprint: input.source.fingerprint },
    target: input.target
      ? { label: input.target.label, version: input.target.version, fingerprint: input.target.fingerprint }
      : null,
    options,
    tables: planned.toSorted((a, b) => (rank.get(tableId(a.target)) ?? 0) - (rank.get(tableId(b.target)) ?? 0)),
    foreignKeys: keys.foreignKeys,
    skipped: [...matching.skipped],
    notCarried: notCarried.map((each) => ({ ...each })),
    findings,
  }
}

function planTables(input: PlanInput, findings: Finding[], notCarried: NotCarried[]): TablePlan[] {
  const created = new Map<string, Cast[]>()
  for (const match of input.matching.matches) {
    if (!match.target) created.set(tableId(match.source.name), castsFromDecisions(input, match, findings))
  }
  const allocate = nameAllocator(relationNames(input))
  return input.matching.matches.map((match) => {
    if (match.target) {
      const plan = existingTable(match, match.target, input.options)
      findings.push(...targetFindings(match, match.target, plan, input.options, input.occupied))
      return plan
    }
    const casts = created.get(tableId(match.source.name))!
    const decisions = input.decisions.get(tableId(match.source.name)) ?? []
    const definition = tableDefinition({
      match,
      casts,
      matches: input.matching.matches,
      castsOf: (table: Table) => created.get(tableId(table.name)) ?? [],
      holdsNull: new Set(
        match.columns.filter((_, index) => decisions[index]?.holdsNull).map((column) => column.source.name),
      ),
      allocate,
      notCarried,
    })
    const bound = casts.map((cast, index) => ({ ...cast, notNull: !(definition.columns[index]?.nullable ?? true) }))
    return {
      ...commonPlan(match, bound),
      mode: 'create' as const,
      onExisting: 'empty' as const,
      generated: [],
      targetKey: [],
      oid: null,
      owned: true,
      partitioned: false,
      sequences: definition.columns
        .filter((column) => column.identity !== null)
        .map((column) => ({ column: column.name, sequence: null, highWaterMark: match.source.highWaterMark })),
      definition,
    }
  })
}

function relationNames(input: PlanInput): string[] {
  const catalog = input.target?.catalog
  const created = input.matching.matches.map((match) => match.name.name)
  if (!catalog) return created
  return [
    ...created,
    ...catalog.tables.flatMap((table) => [table.name.name, ...table.indexes.map((index) => index.name)]),
    ...catalog.views.map((view) => view.name.name),
    ...catalog.sequences.map((sequence) => sequence.name.name),
  ]
}

function castsFromDecisions(input: PlanInput, match: TableMatch, findings: Finding[]): Cast[] {
  const decisions = input.decisions.get(tableId(match.source.name)) ?? []
  return match.columns.map(({ source, name }, index) => {
    const decision = decisions[index]
    if (!decision) throw new TypeError(`no decision for ${match.source.name.name}.${source.name}`)
    if (decision.contradicted.length > 0) {
      findings.push(
        finding({
          code: 'DATA_CONTRADICTS_TYPE',
          severity: 'note',
          table: match.source.name.name,
          column: source.name,
          targetType: decision.type.name,
          message: `${match.source.name.name}.${source.name} becomes ${formatType(decision.type)}, ${decision.contradicted.join(', ')}`,
        }),
      )
    }
    return {
      column: source.name,
      target: name,
      type: decision.type,
      notNull: false,
      rules: valueRules(match.source, source, input.options),
      because: decision.because,
    }
  })
}

function views(input: PlanInput): NotCarried[] {
  if (!input.matching.matches.some((match) => match.target === null)) return []
  return input.source.catalog.views.map((view) => ({
    object: `view ${view.name.name}`,
    definition: view.definition,
    why: 'views are not translated',
    suggestion: null,
  }))
}

function sourceTriggers(input: PlanInput): NotCarried[] {
  const created = input.matching.matches.filter((match) => match.target === null)
  return input.source.catalog.triggers
    .filter((trigger) => created.some((match) => sameTable(match.source.name, trigger.table)))
    .map((trigger) => ({
      object: `trigger ${trigger.name}`,
      definition: trigger.definition,
      why: 'triggers are not translated',
      suggestion: null,
    }))
}
