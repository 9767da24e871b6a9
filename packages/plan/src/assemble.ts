import type { Cast } from '@rowferry/coerce'
import { formatType } from '@rowferry/coerce'
import type { Catalog, PgType, Table, TableName } from '@rowferry/introspect'
import { describeStructure, sameTable } from '@rowferry/introspect'
import { valueRules } from './casts.ts'
import type { NotCarried } from './definition/input.ts'
import { tableDefinition } from './definition/table.ts'
import { describeVirtual } from './definition/virtual.ts'
import type { Finding } from './finding.ts'
import { finding } from './finding.ts'
import { planForeignKeys } from './foreign-keys.ts'
import { homelessFindings } from './homeless.ts'
import type { Matching, TableMatch } from './match.ts'
import { settleRecords } from './migration-records.ts'
import { nameAllocator, tableId } from './names.ts'
import type { CaseBlind } from './nocase.ts'
import { caseBlind, isNocase, isPlainText, nocaseNote } from './nocase.ts'
import type { PlanOptions } from './options.ts'
import type { ConditionPlan, Plan, TablePlan } from './plan.ts'
import { PLAN_SCHEMA_URL } from './plan.ts'
import { commonPlan, existingTable } from './table-plan.ts'
import { planTriggers } from './triggers.ts'
import { planViews } from './views.ts'
import { userCastFindings } from './user-casts.ts'
import { nameFindings, targetFindings, triggerFindings } from './target-findings.ts'

/** What the scan of a created table's data decided about one column. */
export interface ColumnDecision {
  readonly type: PgType
  readonly because: string
  readonly holdsNull: boolean
  /** It became bytea only since some value is none that text takes. */
  readonly textAsBytes?: boolean
  /** Types that the declaration proposed and the data refused, in words that go on after the one chosen: `not date (1 value does not fit: "soon")`. */
  readonly contradicted: readonly string[]
  /** Of texts that are all moments in one spelling: that spelling, as translate's `momentSpelling` says it. */
  readonly spelling?: string | null
  /** No number was stored there. */
  readonly onlyText?: boolean
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
  /** The target's citext, under `--nocase citext`; without one it is called `public.citext`. */
  readonly citext?: PgType
  /** Of `matching.homeless`, by `columnId`: how many values are not NULL. */
  readonly stored: ReadonlyMap<string, number>
  /** Target tables that hold rows. */
  readonly occupied: readonly TableName[]
}

/** In a plan without a target. */
const CITEXT: PgType = { oid: 0, schema: 'public', name: 'citext', kind: 'base', typmod: -1 }

/**
 * Everything decided, nothing done. Pure: the same input gives the same plan. Whatever stands against the crossing is in
 * `findings` with severity `refuse`; all of it, not only the first.
 */
export function assemblePlan(given: PlanInput): Plan {
  const { matching, findings: records } = settleRecords(given)
  const input = { ...given, matching }
  const { options } = input
  const findings: Finding[] = [...matching.findings, ...records]
  findings.push(...userCastFindings(options.cast, input.source.catalog, matching))
  const notCarried: NotCarried[] = []
  findings.push(...homelessFindings(matching.homeless, input.stored, notCarried))
  const existing = input.target?.catalog.tables ?? []
  const planned = planTables(input, findings, notCarried)
  const keys = planForeignKeys({ tables: planned, existing, options })
  findings.push(...nameFindings(matching.matches, input.target?.catalog ?? null))
  findings.push(...keys.findings, ...triggerFindings(input.target?.catalog ?? null, planned, options))
  const views = planViews(input, planned)
  const triggers = planTriggers(input, planned)
  notCarried.push(...views.notCarried, ...triggers.notCarried)
  const rank = new Map(keys.order.map((name, index) => [tableId(name), index]))
  const { catalog: sourceCatalog, ...source } = input.source
  return {
    $schema: PLAN_SCHEMA_URL,
    version: 1,
    tool: input.tool,
    source: { ...source, structure: { ...describeStructure(sourceCatalog) } },
    target: input.target ? describeTarget(input.target) : null,
    options,
    tables: planned.toSorted((a, b) => (rank.get(tableId(a.target)) ?? 0) - (rank.get(tableId(b.target)) ?? 0)),
    foreignKeys: keys.foreignKeys,
    skipped: [...matching.skipped],
    views: views.views,
    triggers: triggers.triggers,
    notCarried: notCarried.map((each) => ({ ...each })),
    findings,
  }
}

function describeTarget({ catalog, ...target }: NonNullable<PlanInput['target']>): Plan['target'] {
  return { ...target, structure: { ...describeStructure(catalog) } }
}

function planTables(input: PlanInput, findings: Finding[], notCarried: NotCarried[]): TablePlan[] {
  const blind = caseBlindOf(input)
  const created = new Map<string, Cast[]>()
  for (const match of input.matching.matches) {
    if (!match.target) created.set(tableId(match.source.name), castsFromDecisions(input, match, findings, blind))
  }
  const allocate = nameAllocator(relationNames(input))
  return input.matching.matches.map((match) => {
    if (match.target) {
      const plan = existingTable(match, match.target, input.options)
      findings.push(
        ...targetFindings(match, match.target, plan, input.options, {
          occupied: input.occupied,
          tables: input.target?.catalog.tables ?? [],
        }),
      )
      return plan
    }
    const casts = created.get(tableId(match.source.name))!
    const decisions = input.decisions.get(tableId(match.source.name)) ?? []
    const conditions: ConditionPlan[] = []
    const definition = tableDefinition({
      conditions,
      caseBlind: blind,
      dialect: input.source.catalog.dialect,
      inSource: (name) => input.source.catalog.tables.some((table) => sameTable(table.name, name)),
      match,
      casts,
      matches: input.matching.matches,
      castsOf: (table: Table) => created.get(tableId(table.name)) ?? [],
      stored: new Map(
        match.columns.map(({ source: { name } }, index) => {
          const { spelling = null, onlyText = false } = decisions[index] ?? {}
          return [name, { spelling, onlyText }]
        }),
      ),
      holdsNull: new Set(
        match.columns.filter((_, index) => decisions[index]?.holdsNull).map((column) => column.source.name),
      ),
      allocate,
      notCarried,
      findings,
    })
    notCarried.push(...describeVirtual(match.source, definition))
    const bound = casts.map((cast, index) => ({ ...cast, notNull: !(definition.columns[index]?.nullable ?? true) }))
    const isGenerated = (_: unknown, index: number) => definition.columns[index]?.generated != null
    const generated = bound.filter(isGenerated)
    const expressions = match.columns
      .filter(isGenerated)
      .map(({ source }) => [source.name, source.generated!.expression])
    return {
      ...commonPlan(match, bound, input.options),
      casts: bound.filter((cast) => !generated.includes(cast)),
      mode: 'create' as const,
      onExisting: 'empty' as const,
      fills: [],
      generated,
      ...(generated.length === 0 ? {} : { expressions: Object.fromEntries(expressions) as Record<string, string> }),
      targetKey: [],
      oid: null,
      owned: true,
      partitioned: false,
      sequences: definition.columns
        .filter((column) => column.identity !== null)
        .map((column) => ({ column: column.name, sequence: null, highWaterMark: match.source.highWaterMark })),
      definition,
      conditions,
    }
  })
}

export function relationNames(input: PlanInput): string[] {
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

function caseBlindOf(input: PlanInput): CaseBlind | null {
  const typeOf = (match: TableMatch, column: string) => {
    const at = match.columns.findIndex(({ source }) => source.name === column)
    return input.decisions.get(tableId(match.source.name))?.[at]?.type
  }
  return caseBlind(input.matching.matches, typeOf, input.options.nocase)
}

function castsFromDecisions(input: PlanInput, match: TableMatch, findings: Finding[], blind: CaseBlind | null): Cast[] {
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
    const folds = blind?.has(match.source, source.name) ?? false
    if (folds || (isNocase(source) && isPlainText(decision.type)))
      findings.push(nocaseNote(match.source, source, blind))
    return {
      column: source.name,
      target: name,
      type: folds && blind?.by === 'citext' ? (input.citext ?? CITEXT) : decision.type,
      notNull: false,
      rules: valueRules(match.source, source, input.options),
      because: folds ? `${decision.because}; --nocase ${blind?.by}` : decision.because,
    }
  })
}
