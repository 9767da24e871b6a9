import type { Catalog, Table, TableName } from '@rowferry/introspect'
import { formatTableName, sameTable } from '@rowferry/introspect'
import type { Finding } from './finding.ts'
import { finding } from './finding.ts'
import type { TableMatch } from './match.ts'
import { listWords } from './option-words.ts'
import type { PlanOptions } from './options.ts'
import type { TablePlan } from './plan.ts'

/** What stands against loading into a table that is there, other than its columns and its data. */
export function targetFindings(
  match: TableMatch,
  target: Table,
  plan: TablePlan,
  options: PlanOptions,
  { occupied, tables }: { readonly occupied: readonly TableName[]; readonly tables: readonly Table[] },
): Finding[] {
  const source = formatTableName(match.source.name)
  const name = formatTableName(target.name)
  const refuse = (code: string, message: string, remedy: string | null = null) =>
    finding({ code, severity: 'refuse', table: source, message, remedy })
  const out: Finding[] = []
  const foreign = foreignParts(target, tables).map((table) => formatTableName(table.name))
  if (foreign.length > 0) {
    const what =
      target.kind === 'foreign' ? 'is a foreign table' : `has foreign tables as partitions (${foreign.join(', ')})`
    out.push(
      refuse(
        'TARGET_IS_FOREIGN',
        `the target's ${name} ${what}; rows there live on another server, which no ROLLBACK here reaches`,
        `${target.kind === 'foreign' ? 'load into the database where they live' : 'detach them for the crossing'}, or ${listWords('--exclude-tables', [match.source.name.name])}`,
      ),
    )
  }
  if (target.postgres?.persistence === 'unlogged')
    out.push(
      finding({
        code: 'TARGET_UNLOGGED',
        severity: 'warning',
        verdict: 'safe',
        table: source,
        message: `the target's ${name} is unlogged: PostgreSQL empties it after a crash, also of what was proven`,
        remedy: `ALTER TABLE ${name} SET LOGGED`,
      }),
    )
  const rules = target.postgres?.rules ?? []
  if (rules.length > 0) {
    out.push(
      refuse(
        'TARGET_HAS_RULES',
        `rules on ${name} (${rules.join(', ')}) are not obeyed by COPY`,
        'drop the rules for the crossing',
      ),
    )
  }
  if (options.onExisting === 'refuse' && occupied.some((other) => sameTable(other, target.name))) {
    out.push(
      refuse(
        'TARGET_NOT_EMPTY',
        `the target's ${name} already contains rows`,
        '--on-existing truncate, append, skip or merge',
      ),
    )
  }
  if (options.onExisting === 'skip' || options.onExisting === 'merge') {
    const carried = plan.targetKey.every((column) =>
      [...plan.casts, ...plan.fills.map(({ cast }) => cast)].some((cast) => cast.target === column),
    )
    if (plan.targetKey.length === 0)
      out.push(refuse('KEY_NEEDED', `--on-existing ${options.onExisting} goes by key, and ${name} has no primary key`))
    else if (!carried)
      out.push(
        refuse(
          'KEY_NEEDED',
          `--on-existing ${options.onExisting} goes by key, and the source does not carry the whole primary key of ${name}`,
        ),
      )
    else if (target.primaryKey?.deferrability !== 'not deferrable')
      out.push(
        refuse(
          'KEY_DEFERRABLE',
          `--on-existing ${options.onExisting} goes by key, and the primary key of ${name} is deferrable, by which PostgreSQL finds no conflict (https://www.postgresql.org/docs/current/sql-insert.html)`,
          '--on-existing truncate or append',
        ),
      )
  }
  if (plan.casts.length === 0) out.push(refuse('NO_COLUMNS', `no column of ${source} has a home in ${name}`))
  return out
}

/** What has the name of a table that is to be made: PostgreSQL keeps tables, views, sequences and indexes under one roof, and each table brings a type of its name. */
export function nameFindings(matches: readonly TableMatch[], target: Catalog | null): Finding[] {
  if (!target) return []
  const taken = [
    ...target.views.map(({ name }) => ({ kind: 'a view', name })),
    ...target.sequences.map(({ name }) => ({ kind: 'a sequence', name })),
    ...target.types.map(({ schema, name }) => ({ kind: 'a type', name: { schema, name } })),
    ...target.tables.flatMap((table) =>
      table.indexes.map((index) => ({ kind: 'an index', name: { schema: table.name.schema, name: index.name } })),
    ),
  ]
  return matches.flatMap((match) => {
    const other = match.target ? undefined : taken.find(({ name }) => sameTable(name, match.name))
    if (!other) return []
    const source = match.source.name.name
    return [
      finding({
        code: 'NAME_TAKEN',
        severity: 'refuse',
        table: formatTableName(match.source.name),
        message: `the target has ${other.kind} named ${formatTableName(match.name)}, so no table can be made under that name`,
        remedy: `--rename '${source}=…', or --exclude-tables '${source}'`,
      }),
    ]
  })
}

/** Triggers that would run for loaded rows and may change or swallow them. */
export function triggerFindings(
  target: Pick<Catalog, 'tables' | 'triggers'> | null,
  planned: readonly TablePlan[],
  options: PlanOptions,
): Finding[] {
  if (options.triggers !== 'refuse') return []
  const tables = target?.tables ?? []
  return (target?.triggers ?? [])
    .filter((trigger) => trigger.enabled === 'O' || trigger.enabled === 'A')
    .filter((trigger) =>
      planned.some((table) => table.mode === 'existing' && isWithin(trigger.table, table.target, tables)),
    )
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

/** The table itself, or those of its partitions, whose rows another server holds. */
export function foreignParts(target: Table, tables: readonly Table[]): Table[] {
  return tables.filter((table) => table.kind === 'foreign' && isWithin(table.name, target.name, tables))
}

/** Rows for a partitioned table arrive in its partitions, and their triggers run. */
function isWithin(name: TableName, table: TableName, tables: readonly Table[]): boolean {
  if (sameTable(name, table)) return true
  const parent = tables.find((each) => sameTable(each.name, name))?.postgres?.partitionOf
  return parent ? isWithin(parent, table, tables) : false
}

/** The events stand between the name and ON; quoted names are cut out first, since they may hold any word. */
function firesOnLoad(definition: string): boolean {
  const [head = ''] = definition.replaceAll(/"(?:[^"]|"")*"/g, '""').split(/\sON\s/)
  return /\b(?:INSERT|TRUNCATE)\b/.test(head)
}
