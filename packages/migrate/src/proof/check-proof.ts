import type { TableName } from '@rowferry/introspect'
import { compareStructures, formatTableName, sameTable } from '@rowferry/introspect'
import { readPostgresCatalog } from '@rowferry/introspect/postgres'
import type { Finding } from '@rowferry/plan'
import { finding } from '@rowferry/plan'
import { beginCrossing, openSession, rollback, type Session } from '@rowferry/postgres'
import type { Proof, Report, TableReport } from '@rowferry/report'
import { digestTable } from '@rowferry/verify'
import { makeReport } from '../account.ts'
import type { EventListener } from '../events.ts'
import { describeFailure } from '../failure.ts'
import type { TargetAddress } from '../options.ts'
import { digestOf, printAsProofsDo, structureOf } from './make-proof.ts'
import { differingRanges, endsOf, sayLeast, sayRanges } from './ranges.ts'

export interface CheckProofInput {
  readonly proof: Proof
  readonly target: TargetAddress
  readonly onEvent?: EventListener
  readonly signal?: AbortSignal
}

/**
 * Does a target still hold what was proven once? Needs the proof and no source: reads only, one snapshot. Tables that changed are told by
 * the ranges of keys in which they did, objects of the schema by name.
 */
export async function checkProof(input: CheckProofInput): Promise<Report> {
  const { proof, target, signal } = input
  const startedAt = new Date()
  let session: Session | null = null
  const base = () => ({
    command: 'verify' as const,
    startedAt,
    source: proof.source,
    target: { label: target.label, version: session?.server.versionText ?? null, compression: null },
  })
  try {
    session = await openSession(target, signal ? { signal } : {})
    await beginCrossing(session, { readOnly: true })
    await printAsProofsDo(session)
    const rows = proof.tables.reduce((sum, table) => sum + table.rows, 0)
    input.onEvent?.({ type: 'phase', phase: 'verify', tables: proof.tables.length, rows })
    const findings = [...ownFaults(proof), ...(await schemaFindings(session, proof))]
    const missing = new Set(findings.filter(({ code }) => code === 'TABLE_MISSING').map(({ table }) => table))
    const tables: TableReport[] = []
    for (const table of proof.tables)
      tables.push(await checkTable(session, input, table, missing.has(formatTableName(table))))
    await rollback(session)
    const equal =
      tables.every(({ verdict }) => verdict === 'equal') && !findings.some(({ severity }) => severity === 'refuse')
    return makeReport({
      ...base(),
      outcome: equal ? 'done' : 'different',
      tables,
      findings,
      error: equal
        ? null
        : {
            code: 'VERIFICATION_FAILED',
            message: `the target is not what it was when it was proven (${proof.madeAt})`,
            table: null,
            remedy: 'compare it with its source, if that is still there: rowferry verify <source> <target>',
          },
    })
  } catch (error) {
    if (signal?.aborted) {
      return makeReport({
        ...base(),
        outcome: 'interrupted',
        error: { code: 'INTERRUPTED', message: 'stopped; nothing is ever written here', table: null, remedy: null },
      })
    }
    const failure = describeFailure(error)
    if (!failure) throw error
    return makeReport({ ...base(), outcome: 'failed', error: failure })
  } finally {
    await session?.close().catch(() => {})
  }
}

/** A file that was changed by hand proves nothing. */
function ownFaults(proof: Proof): Finding[] {
  const broken = proof.tables.filter(
    (table) =>
      digestOf(table.chunks) !== table.sha256 ||
      table.chunks.reduce((sum, chunk) => sum + chunk.rows, 0) !== table.rows,
  )
  const names = broken.map(formatTableName)
  if (digestOf(proof.tables) !== proof.sha256) names.push('the whole')
  return names.map((name) =>
    finding({
      code: 'PROOF_BROKEN',
      severity: 'refuse',
      table: name,
      message: `the proof does not agree with itself about ${name}: its digests are not those of its chunks`,
    }),
  )
}

async function schemaFindings(session: Session, proof: Proof): Promise<Finding[]> {
  const schemas = [...new Set(proof.tables.map(({ schema }) => schema))]
  const now = await readPostgresCatalog(session.kysely, { schemas })
  const missing = proof.tables.filter((table) => !now.tables.some(({ name }) => sameTable(name, table)))
  const changes = compareStructures(proof.structure, structureOf(now, proof.tables))
  const tableOf = (object: string): TableName | undefined =>
    proof.tables.find((each) => {
      const name = formatTableName(each)
      return object === `table ${name}` || object.startsWith(`column ${name}.`) || object.endsWith(` of ${name}`)
    })
  return [
    ...missing.map((table) =>
      finding({
        code: 'TABLE_MISSING',
        severity: 'refuse',
        table: formatTableName(table),
        message: `the target has no table ${formatTableName(table)}`,
      }),
    ),
    ...changes
      .filter(({ object }) => !missing.some((table) => tableOf(object) === table))
      .map(({ object, before, now: after }) => {
        const table = tableOf(object)
        const change =
          before === null
            ? 'came since the proof was made'
            : after === null
              ? `is gone: it was ${before}`
              : `was ${before}, is ${after}`
        return finding({
          code: 'SCHEMA_DIFFERS',
          severity: before === null ? 'warning' : 'refuse',
          table: table ? formatTableName(table) : null,
          message: `${object} ${change}`,
        })
      }),
  ]
}

async function checkTable(
  session: Session,
  { proof, onEvent, signal }: CheckProofInput,
  table: Proof['tables'][number],
  missing: boolean,
): Promise<TableReport> {
  const name = formatTableName(table)
  const started = performance.now()
  const read = (ends?: readonly string[]) =>
    digestTable({
      session,
      table,
      columns: table.columns,
      key: table.key,
      chunkRows: proof.chunkRows,
      ...(ends && { ends }),
      ...(signal && { signal }),
      onProgress: (rows) =>
        onEvent?.({ type: 'table', phase: 'verify', table: table.source, rows, total: table.rows, done: false }),
    })
  const found = missing ? null : await whenReadable(session, read)
  const equal = found !== null && found.sha256 === table.sha256 && found.rows === table.rows
  const ends = endsOf(table.chunks)
  const again = equal || found === null || ends === null ? null : await read(ends)
  const ranges = again === null ? [] : differingRanges(table.chunks, again.chunks)
  onEvent?.({
    type: 'table',
    phase: 'verify',
    table: table.source,
    rows: found?.rows ?? 0,
    total: table.rows,
    done: true,
  })
  const ms = Math.round(performance.now() - started)
  return {
    source: table.source,
    target: name,
    mode: 'existing',
    read: table.rows,
    written: found?.rows ?? 0,
    rejected: table.rejected,
    kept: 0,
    bytes: 0,
    loadMs: 0,
    loadRowsPerSecond: null,
    verifyMs: ms,
    verifyRowsPerSecond: ms === 0 || found === null ? null : Math.round((found.rows * 1000) / ms),
    changed: [],
    renamed: [],
    verdict: equal ? 'equal' : 'different',
    method: 'digest',
    cells: equal ? table.rows * table.columns.length : 0,
    // Which rows they are, digests do not tell
    missing: Math.max(0, table.rows - (found?.rows ?? 0)),
    extra: Math.max(0, (found?.rows ?? 0) - table.rows),
    different: 0,
    mismatches: table.key.length > 0 ? sayRanges(table.key, ranges) : sayLeast(table.rows, found?.rows ?? 0, ranges),
  }
}

/** Null for a table whose columns are not the proof's any more, which the schema tells. */
async function whenReadable<T>(session: Session, read: () => Promise<T>): Promise<T | null> {
  await session.query('savepoint rowferry_proof')
  try {
    return await read()
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && String(error.code).startsWith('42'))) throw error
    await session.query('rollback to savepoint rowferry_proof')
    return null
  }
}
