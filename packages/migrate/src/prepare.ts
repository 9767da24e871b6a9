import type { TableName } from '@rowferry/introspect'
import { catalogFingerprint, formatTableName, sameTable } from '@rowferry/introspect'
import { readPostgresCatalog } from '@rowferry/introspect/postgres'
import type { Finding, Plan } from '@rowferry/plan'
import { assemblePlan, finding, foreignParts, matchTables } from '@rowferry/plan'
import type { MissingRight, Session } from '@rowferry/postgres'
import { estimateLocks, quoteIdentifier, readRights, tablesWithRows, truncateReach } from '@rowferry/postgres'
import type { Source, SourceAdapter } from '@rowferry/source'
import { needsStaging } from '@rowferry/write'
import { backupFindings } from './crossing/backup.ts'
import type { EventListener } from './events.ts'
import { nocaseNeeds } from './nocase.ts'
import type { CrossingOptions } from './options.ts'
import { resumableFindings } from './resumable/requirements.ts'
import { decideTypes } from './scan.ts'
import { countStoredValues } from './stored-values.ts'
import { databaseFindings } from './target-database.ts'
import { surroundingsFindings } from './surroundings.ts'
import { textAsBytes } from './text-as-bytes.ts'
import { TOOL } from './tool.ts'

export interface PrepareInput {
  readonly source: Source
  readonly adapter: Pick<SourceAdapter, 'castRules'>
  readonly session: Session | null
  readonly options: CrossingOptions
  readonly onEvent: EventListener
  readonly signal: AbortSignal | undefined
  /** Nothing is to be loaded, only compared: rows in the target stand in nobody's way. Default false. */
  readonly comparing?: boolean
}

/** Reads both catalogs, scans what is to be created, asks for rights and rows, and assembles the plan. Writes nothing, locks nothing. The source's fingerprint is left out, which
 * reads the whole file: see `fingerprinted`. */
export async function prepare(input: PrepareInput): Promise<Plan> {
  const { source, session, options } = input
  const catalog = await source.readCatalog(input.signal ? { signal: input.signal } : {})
  const targetCatalog = session ? await readPostgresCatalog(session.kysely, { schemas: [options.schema] }) : null
  const matching = matchTables(catalog, targetCatalog, options)
  const { decisions, findings } = await decideTypes(source, input.adapter, matching, {
    plan: options,
    batchSize: options.batchSize,
    onEvent: input.onEvent,
    signal: input.signal,
  })
  const stored = await countStoredValues(source, matching, input.signal)
  const existing = matching.matches.flatMap((match) => (match.target ? [match.target.name] : []))
  const missing = session
    ? await readRights(session, existing, {
        create: matching.matches.some((match) => !match.target),
        schema: options.schema,
      })
    : []
  const readable = matching.matches
    .flatMap(({ target }) =>
      target && foreignParts(target, targetCatalog?.tables ?? []).length === 0 ? [target.name] : [],
    )
    .filter((name) => !missing.some((each) => hides(each, name)))
  const needs = await nocaseNeeds(session, matching, options)
  const plan = assemblePlan({
    ...(needs.citext ? { citext: needs.citext } : {}),
    tool: TOOL,
    source: { kind: source.kind, label: source.label, fingerprint: '', catalog },
    target:
      session && targetCatalog
        ? {
            label: session.label,
            version: session.server.version,
            fingerprint: catalogFingerprint(targetCatalog),
            catalog: targetCatalog,
          }
        : null,
    options,
    matching,
    decisions,
    stored,
    occupied: session && !input.comparing && readable.length > 0 ? await tablesWithRows(session, readable) : [],
  })
  const more = session
    ? [
        ...(await databaseFindings(session, plan)),
        ...rightsFindings(session, plan, missing),
        ...(await temporaryFindings(session, plan)),
        ...(await reachFindings(session, plan)),
        ...(await sizeFindings(session, plan)),
        ...(input.comparing ? [] : await surroundingsFindings(session, plan)),
        ...(input.comparing ? [] : await backupFindings(session, plan, options)),
        ...(input.comparing ? [] : await resumableFindings(session, plan)),
      ]
    : []
  // A table that is left out is listed as that
  const notes = catalog.notes
    .filter((note) => note.code !== 'VIRTUAL_TABLE_UNREADABLE')
    .map((note) =>
      finding({
        code: note.code,
        severity: 'warning',
        table: note.object,
        verdict: HARMLESS.has(note.code) ? 'safe' : 'lossy',
        message: `${note.object}: ${note.message}`,
      }),
    )
  const bytes = await textAsBytes(source, plan, decisions, input.signal)
  const told = (each: Finding) =>
    each.code === 'DATA_CONTRADICTS_TYPE' &&
    bytes.some(({ table, column }) => table === each.table && column === each.column)
  const decided = plan.findings.filter((each) => !told(each))
  return { ...plan, findings: [...decided, ...needs.findings, ...findings, ...bytes, ...more, ...notes] }
}

/** The plan with the source's fingerprint, if it has none. */
export async function fingerprinted(plan: Plan, source: Source): Promise<Plan> {
  if (plan.source.fingerprint !== '') return plan
  return { ...plan, source: { ...plan.source, fingerprint: await source.fingerprint() } }
}

/** Notes on a source of which every row and value is carried all the same. */
const HARMLESS = new Set([
  'COLLATION_UNKNOWN',
  'ROWS_UNCOUNTED',
  'ON_UPDATE_NOT_CARRIED',
  'ROUTINE_NOT_CARRIED',
  'PARTITIONS_NOT_CARRIED',
  'SEQUENCE_NOT_CARRIED',
  'ENGINE_WITHOUT_SNAPSHOT',
])

/** Asking such a table for rows would fail, and hide every other right that is missing. */
function hides({ kind, object, right }: MissingRight, table: TableName): boolean {
  return kind === 'table'
    ? sameTable(object, table) && (right === 'SELECT' || right === 'ROW SECURITY')
    : kind === 'schema' && right === 'USAGE' && object.schema === table.schema
}

function rightsFindings(session: Session, plan: Plan, missing: readonly MissingRight[]): Finding[] {
  const truncated = plan.tables.filter((table) => table.onExisting === 'truncate')
  return missing
    .filter(({ right, object }) => right !== 'TRUNCATE' || truncated.some((table) => sameTable(table.target, object)))
    .map(({ kind, object, right, remedy }) => {
      const name = object.name === '' ? object.schema : formatTableName(object)
      const message =
        right === 'ROW SECURITY'
          ? `row level security on ${name} would hide rows from ${session.server.user} or refuse them`
          : `${session.server.user} has no ${right} right on ${kind} ${name}`
      return finding({
        code: 'RIGHT_MISSING',
        severity: 'refuse',
        table: kind === 'table' ? name : null,
        message,
        remedy,
      })
    })
}

/** Rows that go by key, or through text, go through a temporary table. */
async function temporaryFindings(session: Session, plan: Plan): Promise<Finding[]> {
  if (!plan.tables.some(needsStaging)) return []
  const [may] = await session.query(
    "select pg_catalog.has_database_privilege(pg_catalog.current_database(), 'TEMPORARY') as temporary",
  )
  if (may?.['temporary'] === 't') return []
  const { user, database } = session.server
  return [
    finding({
      code: 'RIGHT_MISSING',
      severity: 'refuse',
      message: `${user} has no TEMPORARY right on database ${database}, and rows go through a temporary table`,
      remedy: `GRANT TEMPORARY ON DATABASE ${quoteIdentifier(database)} TO ${quoteIdentifier(user)}`,
    }),
  ]
}

/** TRUNCATE never reaches a table that was neither selected nor named by --allow-cascade. */
async function reachFindings(session: Session, plan: Plan): Promise<Finding[]> {
  const truncated = plan.tables
    .filter((table) => table.mode === 'existing' && table.onExisting === 'truncate')
    .map((table) => table.target)
  if (truncated.length === 0) return []
  const allowed = plan.options.allowCascade.map((name) => ({ schema: plan.options.schema, name }))
  const reached = (await truncateReach(session, [...truncated, ...allowed], { only: true })).filter(
    (name) => !allowed.some((other) => sameTable(name, other)),
  )
  return reached.map((name) =>
    finding({
      code: 'TRUNCATE_REACHES',
      severity: 'refuse',
      table: formatTableName(name),
      message: `truncating would also empty ${formatTableName(name)}, which references a truncated table and is not selected`,
      remedy: `--allow-cascade ${reached.map((each) => JSON.stringify(each.name)).join(' ')}, or add it to --tables`,
    }),
  )
}

const LOCKS_PER_CREATED_TABLE = 15
const LOCKS_PER_EXISTING_TABLE = 6
const TRIGGER_BYTES_PER_ROW = 12
const QUEUE_WARNING_BYTES = 256 * 1024 * 1024

/** One transaction holds a lock on everything it made or touched, and foreign keys that stay queue 12 bytes a row until they are checked. */
async function sizeFindings(session: Session, plan: Plan): Promise<Finding[]> {
  const findings: Finding[] = []
  const created = plan.tables.filter((table) => table.mode === 'create').length
  const needed = created * LOCKS_PER_CREATED_TABLE + (plan.tables.length - created) * LOCKS_PER_EXISTING_TABLE
  const { capacity, maxLocksPerTransaction } = await estimateLocks(session)
  if (needed > capacity) {
    findings.push(
      finding({
        code: 'LOCKS_MAY_RUN_OUT',
        severity: 'warning',
        verdict: 'safe',
        message: `${plan.tables.length} tables need about ${needed} locks in one transaction, and the server promises ${capacity}`,
        remedy: `raise max_locks_per_transaction to ${Math.ceil((maxLocksPerTransaction * needed) / capacity)} and restart the server, or carry the tables in several runs with --tables`,
      }),
    )
  }
  for (const table of plan.tables) {
    const kept = plan.foreignKeys.filter(
      (key) => key.strategy !== 'created' && key.strategy !== 'rebuilt' && sameTable(key.table, table.target),
    ).length
    const bytes = kept * (table.rows ?? 0) * TRIGGER_BYTES_PER_ROW
    if (bytes < QUEUE_WARNING_BYTES) continue
    findings.push(
      finding({
        code: 'FOREIGN_KEY_QUEUE',
        severity: 'warning',
        verdict: 'safe',
        table: formatTableName(table.source),
        message: `checking ${kept} foreign keys row by row will hold about ${Math.round(bytes / 1024 / 1024)} MB in the server's memory`,
        remedy: 'run as the owner of the tables, so that they can be checked at once after the load',
      }),
    )
  }
  return findings
}
