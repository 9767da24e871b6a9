import type { SourceValue } from '@rowferry/introspect'
import type { TablePlan } from '@rowferry/plan'
import { PostgresError } from '@rowferry/postgres'
import { writtenCasts } from './reading.ts'

/**
 * Does the error concern a row? Data exceptions and integrity violations do (SQLSTATE classes 22 and 23), and 54000: a row or key too
 * wide to be stored; and what a trigger raises while COPY is at a row. Connection, disk, memory, rights, deadlocks and time never do,
 * nor does 22P04: then the file as a whole is not what COPY expects.
 * https://www.postgresql.org/docs/current/errcodes-appendix.html
 */
export function isRowRefusal(error: unknown): error is PostgresError {
  if (!(error instanceof PostgresError)) return false
  if (error.code === 'P0001') return /^COPY /m.test(error.where ?? '')
  return (/^2[23]...$/.test(error.code) && error.code !== '22P04') || error.code === '54000'
}

/** The line in `COPY t, line 3, column c`, also of a server that speaks another language; COPY's binary form counts its tuples as lines. */
export function lineOf(error: PostgresError, table: string): number | null {
  const match = placeInCopy(error, table)
  return match ? Number(match[1]) : null
}

/** The one of these columns that is named there, after the line; null where none is. */
export function columnOf(error: PostgresError, table: string, columns: readonly string[]): string | null {
  const rest = placeInCopy(error, table)?.[2] ?? ''
  const named = columns.filter((column) => rest.startsWith(', ') && rest.endsWith(` ${column}`))
  return named.toSorted((a, b) => b.length - a.length)[0] ?? null
}

function placeInCopy(error: PostgresError, table: string): RegExpExecArray | null {
  const head = `COPY ${table}, `
  const line = (error.where ?? '').split('\n').findLast((each) => each.startsWith(head))
  return /^[^0-9]*([0-9]+)([^]*)$/.exec(line?.slice(head.length) ?? '')
}

export interface Refusal {
  readonly code: string
  /** Source column (of one that is filled, the target's), where the server names one of this table. */
  readonly column: string | null
  /** What tells refusals of one kind from others: the constraint, else the SQLSTATE. */
  readonly kind: string
  /** The server's words. */
  readonly reason: string
  /** The value to blame, escaped; absent where it is not known. */
  readonly example?: string | null
  /** Of a constraint that only lists what a column may hold. */
  readonly meant?: { readonly value: SourceValue; readonly labels: readonly string[] }
}

/** The server's refusal, in our words and its own. */
export function refusalOf(error: PostgresError, table: TablePlan): Refusal {
  const here = error.table === table.target.name && error.schema === table.target.schema
  const casts = writtenCasts(table)
  const column = here
    ? error.column
    : columnOf(
        error,
        table.target.name,
        casts.map(({ target }) => target),
      )
  const code = codeOf(error)
  const domains = casts.filter(({ type }) => type.kind === 'domain')
  const cast =
    casts.find(({ target }) => target === column) ??
    (code === 'DOMAIN_VIOLATION' && domains.length === 1 ? domains[0] : undefined)
  return {
    code,
    column: cast?.column ?? null,
    kind: error.constraint ?? error.code,
    reason: [error.message, error.detail].filter((part) => part !== null && part !== '').join('; '),
  }
}

const codes: Readonly<Record<string, string>> = {
  '23502': 'NOT_NULL_VIOLATION',
  '23503': 'FOREIGN_KEY_VIOLATION',
  '23505': 'UNIQUE_VIOLATION',
  '23514': 'CHECK_VIOLATION',
  '23P01': 'EXCLUSION_VIOLATION',
}

/** A domain is named by schema and type, without a table; a row that no partition takes by its table alone, without a constraint. */
function codeOf({ code, schema, table, constraint }: PostgresError): string {
  if ((code === '23514' || code === '23502') && table === null && schema !== null) return 'DOMAIN_VIOLATION'
  if (code === '23514' && table !== null && constraint === null) return 'NO_PARTITION'
  return codes[code] ?? 'SERVER_REFUSED'
}
