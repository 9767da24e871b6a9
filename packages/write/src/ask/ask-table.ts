import { compileRow, createCopyBuffer, escapeExample, goesThroughText } from '@rowferry/coerce'
import type { Cast } from '@rowferry/coerce'
import type { SourceRow, SourceValue } from '@rowferry/introspect'
import type { Finding, TablePlan } from '@rowferry/plan'
import type { RowRules, Session } from '@rowferry/postgres'
import { PostgresError } from '@rowferry/postgres'
import { collectFindings } from '../findings.ts'
import type { FindingCollector } from '../findings.ts'
import { textCasts } from '../from-text.ts'
import type { Tuple } from '../isolate.ts'
import { integersOf, keyOf, readingOf, rowName, valuesOf, writtenCasts } from '../reading.ts'
import { isRowRefusal, refusalOf } from '../refusal.ts'
import type { Given } from './given.ts'
import { cellsOf, givenRows, PLACE } from './given.ts'
import type { Hashes } from './hashes.ts'
import { collectHashes } from './hashes.ts'
import type { Question } from './questions.ts'
import { ROWS, withSources } from './questions.ts'
import { askByHalves, askReadOnly } from './read-only.ts'
import { refusedTexts } from './texts.ts'

const BATCH_ROWS = 1000
const BATCH_BYTES = 4 * 1024 * 1024

interface AskRequest {
  readonly session: Session
  readonly table: TablePlan
  readonly rules: RowRules
  readonly questions: readonly Question[]
  /** Columns wanted beside those of the questions, for `onTuple`. */
  readonly columns?: readonly string[]
  /** Hears of each flag first; true keeps it out of the findings. */
  readonly onFlag?: (id: string, ordinal: number) => boolean
  /** Each row whose `columns` all fit, as it was encoded: for questions that concern several. */
  readonly onTuple?: (ordinal: number, tuple: Uint8Array) => void
}

/** Questions about a table's rows, put to the server as they are read. */
export interface Asking {
  /** `first` is the number of the batch's first row, from 1. */
  rows(batch: readonly SourceRow[], first: number): Promise<void>
  finish(): Promise<Asked>
  readonly casts: readonly Cast[]
  readonly given: Given
}

export interface Asked {
  readonly findings: readonly Finding[]
  /** By the id of the question. */
  readonly hashes: ReadonlyMap<string, Hashes>
  /** What could not be asked this way, with the server's reason. */
  readonly unasked: readonly { readonly question: Question; readonly why: string }[]
}

/**
 * Asks the server what it would say of each row, in transactions that write nothing and lock nothing: whether its texts can be read, and
 * each of the questions. A row counts as refused once for each question. A cell that does not fit is `checkTable`'s to tell: questions
 * that look at it say nothing of its row, the others do.
 */
export async function openAsking(request: AskRequest): Promise<Asking> {
  const { session, table, rules } = request
  const reading = readingOf(table)
  const texts = textCasts(table)
  const wanted = withSources(
    [
      ...texts.map(({ target }) => target),
      ...request.questions.flatMap(({ columns }) => columns),
      ...(request.columns ?? []),
    ],
    rules,
  )
  const some = writtenCasts(table).filter(({ target }) => wanted.includes(target))
  const casts = some.length > 0 ? some : table.casts.slice(0, 1)
  const values = valuesOf(table, casts)
  const encoder = compileRow(casts.map(nullable), { integers: integersOf(table) })
  const given = givenRows(casts, rules)
  const collector = collectFindings(table)
  const hashes = new Map(request.questions.filter(({ kind }) => kind === 'hash').map(({ id }) => [id, collectHashes()]))
  const unasked: { question: Question; why: string }[] = []
  let questions = request.questions
  const buffer = createCopyBuffer(64 * 1024)
  let tuples: AskedTuple[] = []
  const looksAt = new Map(request.questions.map((question) => [question, withSources(question.columns, rules)]))
  const silent = ({ blank }: AskedTuple, question: Question) =>
    blank !== null && looksAt.get(question)!.some((name) => blank.has(name))

  /** Leaves out the questions that the server cannot answer here, each tried by itself. */
  const dropFailing = async (these: readonly AskedTuple[], reason: PostgresError) => {
    const left: Question[] = []
    for (const question of questions) {
      try {
        await answers(these, [question])
        left.push(question)
      } catch (error) {
        if (concernsRow(error)) left.push(question)
        else if (cannotBeAsked(error)) unasked.push({ question, why: error.message })
        else throw error
      }
    }
    if (left.length < questions.length) questions = left
    else {
      for (const question of questions) unasked.push({ question, why: reason.message })
      questions = []
    }
  }
  const answers = (these: readonly Tuple[], asked: readonly Question[]) => {
    const flags = asked
      .map((question, at) => (question.kind === 'flag' ? `CASE WHEN ${question.sql} THEN '${at}' END` : null))
      .filter((flag) => flag !== null)
    const keys = asked.flatMap((question, at) =>
      question.kind === 'hash' ? [`(${question.sql})::pg_catalog.text AS h${at}`] : [],
    )
    const told = `pg_catalog.concat_ws(',', ${['NULL', ...flags].join(', ')})`
    const from = `SELECT ${[`${ROWS}.${PLACE} AS place`, `${told} AS flags`, ...keys].join(', ')} FROM ${given.from(
      these.length,
      asked.flatMap(({ columns }) => columns),
    )}`
    const sql = keys.length > 0 ? from : `SELECT * FROM (${from}) AS answer WHERE flags <> ''`
    return askReadOnly(session, () => session.query(sql, given.parameters(these, buffer.bytes)))
  }
  const blame = (tuple: AskedTuple, question: Question) => {
    if (silent(tuple, question) || request.onFlag?.(question.id, tuple.ordinal)) return
    const blamed = casts.flatMap(({ column, target }, at) =>
      (question.blamed ?? question.columns).includes(target) ? [{ column, valueOf: values[at]! }] : [],
    )
    collector.refusal(
      {
        code: question.code,
        column: blamed.length === 1 ? blamed[0]!.column : null,
        kind: question.id,
        reason: question.reason,
        example: blamed.map(({ column, valueOf }) => shown(valueOf(tuple.row), column, blamed.length > 1)).join(', '),
        ...(question.labels && blamed.length === 1
          ? { meant: { value: blamed[0]!.valueOf(tuple.row), labels: question.labels } }
          : {}),
      },
      rowName(keyOf(reading, tuple.row, tuple.ordinal)),
    )
  }
  const ask = async (these: readonly AskedTuple[]): Promise<void> => {
    if (questions.length === 0) return
    const asked = questions
    const rows = await answers(these, asked).catch(async (error: unknown) => {
      if (!cannotBeAsked(error)) throw error
      await dropFailing(these, error)
      return null
    })
    if (rows === null) return ask(these)
    for (const row of rows) {
      const tuple = these[Number(row['place']) - 1]!
      for (const at of (row['flags'] ?? '').split(',')) if (at !== '') blame(tuple, asked[Number(at)]!)
      for (const [at, question] of asked.entries()) {
        const hash = row[`h${at}`]
        if (hash !== undefined && hash !== null && !silent(tuple, question))
          hashes.get(question.id)!.add(tuple.ordinal, BigInt(hash))
      }
    }
  }
  const askSome = (these: readonly AskedTuple[]) =>
    askByHalves(these, ask, concernsRow, (tuple, error) => refuse(collector, table, reading, tuple, error, null))
  /** The row with NULL for each cell that does not fit, or is not to. */
  const encode = (row: SourceRow, ordinal: number, blank: Set<string>): AskedTuple => {
    const start = buffer.position
    const cells = values.map((valueOf, at) => (blank.has(casts[at]!.target) ? null : valueOf(row)))
    for (let bad = encoder.encode(cells, buffer); bad !== -1; bad = encoder.encode(cells, buffer)) {
      cells[bad] = null
      blank.add(casts[bad]!.target)
    }
    return { start, end: buffer.position, row, ordinal, blank: blank.size === 0 ? null : blank }
  }
  const flush = async () => {
    if (texts.length > 0) {
      const bad = await badTexts(request, collector, casts, tuples, buffer.bytes)
      tuples = tuples.map((tuple) => {
        const its = bad.get(tuple)
        return its ? encode(tuple.row, tuple.ordinal, new Set([...its, ...(tuple.blank ?? [])])) : tuple
      })
    }
    for (let at = 0; at < tuples.length; at += given.limit) await askSome(tuples.slice(at, at + given.limit))
    tuples = []
    buffer.position = 0
  }
  return {
    casts,
    given,
    async rows(batch, first) {
      for (const [at, row] of batch.entries()) {
        const tuple = encode(row, first + at, new Set())
        tuples.push(tuple)
        if (request.onTuple && !request.columns?.some((name) => tuple.blank?.has(name)))
          request.onTuple(tuple.ordinal, buffer.bytes.subarray(tuple.start, tuple.end))
        if (tuples.length >= BATCH_ROWS || buffer.position >= BATCH_BYTES) await flush()
      }
      // Rows are the reader's, and may not outlive their batch
      if (tuples.length > 0) await flush()
    },
    async finish() {
      return { findings: collector.findings([], new Map()), hashes, unasked }
    },
  }
}

function shown(value: SourceValue, column: string, named: boolean): string {
  return named ? `${column}=${escapeExample(value)}` : escapeExample(value)
}

/** Columns of one row, by their names in the target, that nothing is said about. */
interface AskedTuple extends Tuple {
  readonly blank: ReadonlySet<string> | null
}

/** NULL stands for what is left out. */
function nullable(cast: Cast): Cast {
  const baseOf = (type: Cast['type']): Cast['type'] => (type.kind === 'domain' && type.base ? baseOf(type.base) : type)
  return { ...cast, notNull: false, type: baseOf(cast.type) }
}

/** Lists the rows with a text that the server's input refuses; the columns of each. */
async function badTexts(
  { session, table, rules }: AskRequest,
  collector: FindingCollector,
  casts: readonly Cast[],
  tuples: readonly AskedTuple[],
  bytes: Buffer,
): Promise<Map<AskedTuple, string[]>> {
  const reading = readingOf(table)
  const bad = new Map<AskedTuple, string[]>()
  for (const [place, cast] of casts.entries()) {
    if (!goesThroughText(cast.type)) continue
    const texts = tuples.map((tuple) => {
      const cell = cellsOf(tuple, bytes)[place]!
      return cell.readInt32BE(0) < 0 ? null : cell.toString('utf8', 4)
    })
    const refused = await refusedTexts(
      session,
      cast,
      rules,
      [...new Set(texts)].filter((text) => text !== null),
    )
    if (refused.size === 0) continue
    for (const [at, tuple] of tuples.entries()) {
      const text = texts[at]!
      const error = text === null ? undefined : refused.get(text)
      if (!error) continue
      bad.set(tuple, [...(bad.get(tuple) ?? []), cast.target])
      refuse(collector, table, reading, tuple, error, cast.column)
    }
  }
  return bad
}

function refuse(
  collector: FindingCollector,
  table: TablePlan,
  reading: ReturnType<typeof readingOf>,
  { row, ordinal }: Tuple,
  error: PostgresError,
  column: string | null,
): void {
  const refusal = refusalOf(error, table)
  const blamed = column ?? refusal.column
  const cast = writtenCasts(table).find((each) => each.column === blamed)
  const example = cast ? escapeExample(valuesOf(table, [cast])[0]!(row)) : null
  collector.refusal({ ...refusal, column: blamed, example }, rowName(keyOf(reading, row, ordinal)))
}

/** What a function of a CHECK raises is about the row, as it would be for COPY. */
function concernsRow(error: unknown): error is PostgresError {
  return isRowRefusal(error) || (error instanceof PostgresError && error.code === 'P0001')
}

/** A function that is not there under the pinned search path, one that the role may not call, a type without hashes, or something that would write. */
function cannotBeAsked(error: unknown): error is PostgresError {
  return error instanceof PostgresError && /^(?:42|0A|25006|55000)/.test(error.code)
}
