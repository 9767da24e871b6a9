import type { Session } from '@rowferry/postgres'
import type { Source, TableAggregate } from '@rowferry/source'
import { openAccount, inventedReplacements } from './account.ts'
import { everyBucket } from './buckets.ts'
import { tellsRealsApart, type NumberReading } from './column.ts'
import { compareBy, readColumns } from './comparison.ts'
import { readCopyTarget, type CopyTarget } from './copy-target.ts'
import { countTable } from './count-table.ts'
import { VerifyError } from './error.ts'
import type { ExpectedTable, TableVerdict } from './expectation.ts'
import { compareInBuckets } from './in-buckets.ts'
import { compareInStep, type LockStep } from './lock-step.ts'
import { asksServer, eachRow, type Reading } from './reading.ts'
import { settle, type Settlement } from './settle.ts'

export interface VerifyTableOptions {
  readonly expected: ExpectedTable
  readonly source: Source
  /** In a transaction with `synchronize_seqscans = off` and `client_encoding = UTF8`, whose snapshot holds what was loaded. */
  readonly session: Session
  /** `full`: every cell. `counts`: only how many rows there are, which proves little. */
  readonly level: 'full' | 'counts'
  /** Must COPY read the target through a query, as a partitioned parent, a view and generated columns want it? Default: the target's catalog is asked. */
  readonly partitioned?: boolean
  /** How many differing rows are listed (20); counted are all. */
  readonly maxMismatches?: number
  readonly signal?: AbortSignal
  /** Source rows read so far, once per batch of the first reading. */
  readonly onProgress?: (rows: number) => void
  /** Checks what the reader hands out against the source's own sums (true). Without it a fault of the reader that befell the load and the proof alike goes unseen. */
  readonly crossCheck?: boolean
}

/**
 * Reads the source a second time and the target back, and compares every cell by the meaning of its type. Writes nothing and takes no lock but that of reading.
 *
 * Differences are no errors but part of the verdict. Rejects with `VerifyError` (`COPY_MALFORMED`, `EXPECTATION_INVALID`, `READING_UNSTABLE`), with what the source or the
 * session throws, and with the signal's reason.
 */
export async function verifyTable(options: VerifyTableOptions): Promise<TableVerdict> {
  const started = performance.now()
  const { expected } = options
  options.signal?.throwIfAborted()
  const verdict =
    options.level === 'counts' || expected.columns.length === 0
      ? await countTable(options)
      : await compareCells(options)
  return { source: expected.source, target: expected.target, ...verdict, ms: Math.round(performance.now() - started) }
}

export type Findings = Omit<TableVerdict, 'source' | 'target' | 'ms'>

/** The columns of which `verifyTable` asks the source's own sums, in this order. */
export function crossCheckedColumns(expected: ExpectedTable): string[] {
  return [...new Set([...readColumns(expected).map((column) => column.source), ...expected.key])]
}

async function compareCells(options: VerifyTableOptions): Promise<Findings> {
  if (options.expected.extent === 'whole') {
    const open = await openComparison(options)
    const found = await concludeFrom(open, await compareWhole(open.reading))
    if (found !== null) return found
  }
  const open = await openComparison(options, true)
  const { reading } = open
  const found =
    options.expected.extent === 'whole'
      ? await compareWhole(reading)
      : await compareContained(reading, await open.aggregate)
  return (await concludeFrom(open, found))!
}

/** What is known of both sides before a row is read. */
export interface OpenComparison {
  readonly reading: Reading
  /** Sums that the source may still be working out. */
  readonly aggregate: Promise<TableAggregate> | undefined
  /** The sums were not waited for: that columns whose numbers mean different things hold none but integers is not known yet. */
  readonly isGuess: boolean
}

/** `known`: waits for the source's sums, even where they come beside the reading. */
export async function openComparison(options: VerifyTableOptions, known = false): Promise<OpenComparison> {
  const { expected, source } = options
  const columns = crossCheckedColumns(expected)
  const aggregate =
    options.crossCheck !== false && source.supports.aggregates
      ? source.aggregate?.(expected.source, columns)
      : undefined
  const isGuess = aggregate !== undefined && source.supports.beside === true && !known
  // Whoever concludes is told what went wrong
  aggregate?.catch(() => {})
  const { integers, readingOf } = isGuess ? GUESS : chooseReading(expected, await aggregate)
  const comparison = compareBy(expected, readingOf)
  const account = aggregate === undefined ? null : openAccount(columns, comparison.numbersAreReals)
  const reading: Reading = {
    comparison,
    source,
    session: options.session,
    integers,
    target: await copyTargetOf(options),
    maxMismatches: options.maxMismatches ?? 20,
    signal: options.signal,
    onProgress: options.onProgress,
    account,
  }
  return { reading, aggregate, isGuess }
}

/** Null where the source's sums, which came only now, show that its numbers were to be read otherwise. */
export async function concludeFrom(open: OpenComparison, found: Found): Promise<Findings | null> {
  const { comparison, account } = open.reading
  const aggregate = await open.aggregate
  if (open.isGuess && !holdsGuess(comparison.expected, aggregate)) return null
  const readerFaults =
    aggregate === undefined || account === null
      ? []
      : [
          ...new Set([
            ...account.disagreements(aggregate),
            ...(await inventedReplacements(account, open.reading.source, comparison.expected.source)),
          ]),
        ]
  const cellsPerRow = found.keyOnly ? comparison.keyCells.length : comparison.forms.length
  const { missing, extra, different } = found
  return {
    sourceRows: found.sourceRows,
    targetRows: found.targetRows,
    rejected: found.rejected,
    cells: (found.sourceRows - found.rejected) * cellsPerRow,
    equal: missing + extra + different === 0 && readerFaults.length === 0,
    missing,
    extra,
    different,
    mismatches: found.mismatches,
    readerFaults,
    method: found.method,
  }
}

async function copyTargetOf({ partitioned, session, expected }: VerifyTableOptions): Promise<CopyTarget> {
  if (partitioned === undefined) return readCopyTarget(session, expected)
  return partitioned ? { partitioned } : {}
}

export type Found = Settlement & { readonly method: TableVerdict['method']; readonly keyOnly: boolean }

async function compareWhole(reading: Reading): Promise<Found> {
  const step = asksServer(reading.comparison) ? await compareInBuckets(reading) : await compareInStep(reading)
  if (step.unequal === null) return keptStep(step)
  const { sourceRows, targetRows, rejected } = step
  const nothing = { missing: 0, extra: 0, different: 0, mismatches: [] }
  const options = { first: false, buckets: step.unequal, rows: sourceRows, othersAllowed: false, keyOnly: false }
  const settled = step.unequal.count === 0 ? nothing : await settle(reading, options)
  if (step.unequal.count > 0 && settled.missing + settled.extra + settled.different === 0) throw unstable(reading)
  return { ...settled, sourceRows, targetRows, rejected, method: 'buckets', keyOnly: false }
}

/** Both sides kept step to the end. */
export function keptStep(step: LockStep): Found {
  return { ...step, missing: 0, extra: 0, method: 'lock-step', keyOnly: false }
}

/** Both sides differed, and then they did not: whatever was read, it was not one snapshot. */
function unstable({ comparison }: Reading): VerifyError {
  return new VerifyError(
    'READING_UNSTABLE',
    `Two readings of ${comparison.expected.source.name} or of what it became did not agree`,
    'Let nobody write to either database, and give a session inside one transaction.',
  )
}

async function compareContained(reading: Reading, aggregate: TableAggregate | undefined): Promise<Found> {
  const { expected, keyCells } = reading.comparison
  const keyOnly = expected.keepExisting && keyCells.length > 0
  const rows = aggregate?.rows ?? (await eachRow(reading, false, () => true)).rows
  const settled = await settle(reading, { first: true, buckets: everyBucket(), rows, othersAllowed: true, keyOnly })
  return { ...settled, method: 'buckets', keyOnly }
}

type Chosen = { integers: 'auto' | 'bigint'; readingOf: (column: string) => NumberReading }

/** No column in which 1 and 1.0 mean different things holds a real: so it is nearly always. */
const GUESS: Chosen = { integers: 'auto', readingOf: () => ({ numbersAreReals: false }) }

function holdsGuess(expected: ExpectedTable, aggregate: TableAggregate | undefined): boolean {
  const { integers, readingOf } = chooseReading(expected, aggregate)
  return (
    integers === 'auto' &&
    readColumns(expected).every((column) => !tellsRealsApart(column) || !readingOf(column.source).numbersAreReals)
  )
}

/** Integers as bigint only where 1 and 1.0 mean different things and a column holds both: everywhere else numbers are quicker. */
function chooseReading(expected: ExpectedTable, aggregate: TableAggregate | undefined): Chosen {
  const particular = new Set(
    readColumns(expected)
      .filter(tellsRealsApart)
      .map((column) => column.source),
  )
  if (aggregate === undefined) {
    const numbersAreReals = particular.size > 0
    return { integers: numbersAreReals ? 'bigint' : 'auto', readingOf: () => ({ numbersAreReals }) }
  }
  const mixed = aggregate.columns.some(
    (column) => particular.has(column.column) && column.integers > 0 && column.reals > 0,
  )
  const real = new Set(
    aggregate.columns.filter((column) => column.reals > 0 && column.integers === 0).map((column) => column.column),
  )
  return {
    integers: mixed ? 'bigint' : 'auto',
    readingOf: (column) => ({ numbersAreReals: mixed || real.has(column) }),
  }
}
