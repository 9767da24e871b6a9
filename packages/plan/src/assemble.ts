import type { Cast } from '@rowferry/coerce'
import type { Catalog, PgType, Table, TableName } from '@rowferry/introspect'
import { formatTableName, sameTable } from '@rowferry/introspect'
import { castsIntoExisting, needsClassedIntegers, unknownColumns, valueRules } from './casts.ts'
import type { NotCarried } from './definition.ts'
import { tableDefinition } from './definition.ts'
import type { Finding } from './finding.ts'
import { finding } from './finding.ts'
import { planForeignKeys } from './foreign-keys.ts'
import type { Matching, TableMatch } from './match.ts'
import { nameAllocator, tableId } from './names.ts'
import type { PlanOptions } from './options.ts'
import type { Plan, SequencePlan, TablePlan } from './plan.ts'

/** What the scan of a created table's data decided about one column. */
export interface ColumnDecision {
  readonly type: PgType
  readonly because: string
  readonly holdsNull: boolean
  /** Types that the declaration proposed and the data refused, in words. */
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
  findings.push(...keys.findings, ...triggerFindings(input, planned))
  notCarried.push(...views(input), ...triggers(input))
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
    if (match.target) return existingTable(input, match, match.target, findings)
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
      ...common(match, bound),
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
    for (const contradiction of decision.contradicted) {
      findings.push(
        finding({
          code: 'DATA_CONTRADICTS_TYPE',
          severity: 'note',
          table: match.source.name.name,
          column: source.name,
          targetType: decision.type.name,
          message: `${match.source.name.name}.${source.name} ${contradiction}`,
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

function common(match: TableMatch, casts: readonly Cast[]) {
  const key = keyOf(match.source)
  return {
    source: match.source.name,
    target: match.name,
    casts: casts.map((cast) => ({ ...cast })),
    key: [...key],
    rowIdentifier: match.source.rowIdentifier,
    classedIntegers: needsClassedIntegers(match.source, casts),
    rows: match.source.rowEstimate,
  }
}

/** The primary key where it cannot hold NULL, else a unique key of NOT NULL columns, else none: the row identifier names the row. */
function keyOf(table: Table): readonly string[] {
  const solid = (columns: readonly string[]) =>
    columns.every((name) => table.columns.find((column) => column.name === name)?.nullable === false)
  if (table.primaryKey && solid(table.primaryKey.columns)) return table.primaryKey.columns
  return table.uniques.find((key) => solid(key.columns))?.columns ?? []
}

function existingTable(input: PlanInput, match: TableMatch, target: Table, findings: Finding[]): TablePlan {
  const { options } = input
  const { casts, generated } = castsIntoExisting(match, options)
  const occupied = input.occupied.some((name) => sameTable(name, target.name))
  const label = formatTableName(match.source.name)
  const at = { table: label, severity: 'refuse' as const }
  if (target.kind === 'foreign')
    findings.push(
      finding({
        ...at,
        code: 'TARGET_IS_FOREIGN',
        message: `the target's ${formatTableName(target.name)} is a foreign table; its rows live elsewhere`,
      }),
    )
  if (target.postgres && target.postgres.rules.length > 0) {
    findings.push(
      finding({
        ...at,
        code: 'TARGET_HAS_RULES',
        message: `rules on ${formatTableName(target.name)} (${target.postgres.rules.join(', ')}) are not obeyed by COPY`,
        remedy: 'drop the rules for the crossing',
      }),
    )
  }
  if (occupied && options.onExisting === 'refuse') {
    findings.push(
      finding({
        ...at,
        code: 'TARGET_NOT_EMPTY',
        message: `the target's ${formatTableName(target.name)} already contains rows`,
        remedy: '--on-existing truncate, append, skip or merge',
      }),
    )
  }
  const targetKey = target.primaryKey?.columns ?? []
  if (
    (options.onExisting === 'skip' || options.onExisting === 'merge') &&
    !targetKey.every((column) => casts.some((cast) => cast.target === column))
  ) {
    findings.push(
      finding({
        ...at,
        code: 'KEY_NEEDED',
        message: `--on-existing ${options.onExisting} goes by key, and the source does not carry the whole primary key of ${formatTableName(target.name)}`,
      }),
    )
  } else if ((options.onExisting === 'skip' || options.onExisting === 'merge') && targetKey.length === 0) {
    findings.push(
      finding({
        ...at,
        code: 'KEY_NEEDED',
        message: `--on-existing ${options.onExisting} goes by key, and ${formatTableName(target.name)} has no primary key`,
      }),
    )
  }
  if (casts.length === 0)
    findings.push(
      finding({
        ...at,
        code: 'NO_COLUMNS',
        message: `no column of ${label} has a home in ${formatTableName(target.name)}`,
      }),
    )
  const onExisting = options.onExisting === 'refuse' ? 'empty' : options.onExisting
  return {
    ...common(match, casts),
    mode: 'existing',
    onExisting,
    generated: generated.map((cast) => ({ ...cast })),
    targetKey: [...targetKey],
    oid: target.postgres?.oid ?? null,
    owned: target.postgres?.owned ?? false,
    partitioned: target.kind === 'partitioned',
    sequences: sequencesOf(match, target),
    definition: null,
  }
}

function sequencesOf(match: TableMatch, target: Table): SequencePlan[] {
  return target.columns
    .filter((column) => column.sequence !== null)
    .map((column) => {
      const from = match.columns.find((candidate) => candidate.name === column.name)
      const isAutoincrement = from?.source.identity === 'autoincrement' || from?.source.identity === 'rowid'
      return {
        column: column.name,
        sequence: column.sequence,
        highWaterMark: isAutoincrement ? match.source.highWaterMark : null,
      }
    })
}

function triggerFindings(input: PlanInput, planned: readonly TablePlan[]): Finding[] {
  if (input.options.triggers !== 'refuse') return []
  return (input.target?.catalog.triggers ?? [])
    .filter((trigger) => trigger.enabled === 'O' || trigger.enabled === 'A')
    .filter((trigger) => planned.some((table) => table.mode === 'existing' && sameTable(table.target, trigger.table)))
    .filter((trigger) => firesOnLoad(trigger.definition))
    .map((trigger) =>
      finding({
        code: 'TRIGGER_WOULD_FIRE',
        severity: 'refuse',
        table: formatTableName(trigger.table),
        message: `trigger ${trigger.name} on ${formatTableName(trigger.table)} would run for every loaded row and may change or swallow it`,
        remedy: '--triggers disable, or --triggers fire',
      }),
    )
}

/** The events stand between the name and ON; quoted names are cut out first, since they may hold any word. */
function firesOnLoad(definition: string): boolean {
  const [head = ''] = definition.replaceAll(/"(?:[^"]|"")*"/g, '""').split(/\sON\s/)
  return /\b(?:INSERT|TRUNCATE)\b/.test(head)
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

function triggers(input: PlanInput): NotCarried[] {
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
