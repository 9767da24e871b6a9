import type { PgType, SourceValue } from '@rowferry/introspect'
import { escapeExample } from './example.ts'
import type { MisfitCode } from './misfit.ts'
import { formatType } from './type-name.ts'

/** What a refusal is about, told on the cold path only. */
export interface Subject {
  readonly value: SourceValue
  /** Domains resolved. */
  readonly type: PgType
}

/**
 * Why a cell does not fit, as a constant: returning one costs nothing, and words are only made by `explain`.
 * With verdict `lossy` the changed value has been written all the same, so that the caller may let it pass.
 */
export interface Refusal {
  readonly code: MisfitCode
  readonly verdict: 'lossy' | 'impossible'
  reason(subject: Subject): string
  remedy(subject: Subject): string | null
}

type Words<Result> = Result | ((subject: Subject) => Result)

/** `clause` goes on after the value: `is no integer`. */
export function impossible(code: MisfitCode, clause: Words<string>, remedy: Words<string | null> = null): Refusal {
  return refusal(code, 'impossible', clause, remedy)
}

export function lossy(code: MisfitCode, clause: Words<string>): Refusal {
  return refusal(code, 'lossy', clause, "--allow-lossy '{column}'")
}

function refusal(
  code: MisfitCode,
  verdict: Refusal['verdict'],
  clause: Words<string>,
  remedy: Words<string | null>,
): Refusal {
  return {
    code,
    verdict,
    reason: (subject) => `${escapeExample(subject.value)} ${typeof clause === 'function' ? clause(subject) : clause}`,
    remedy: (subject) => (typeof remedy === 'function' ? remedy(subject) : remedy),
  }
}

/** `--map '{column}:from=to'`, quoted for a shell; null for a value that cannot be written like that. */
export function mapRemedy(value: SourceValue, to: string): string | null {
  if (typeof value === 'object') return null
  const from = String(value)
  // The first = ends the stored value, and nobody types a page or a line feed
  if (from.length > 80 || /[=\p{C}]/u.test(from)) return null
  return `--map '${`{column}:${from}=${to}`.replaceAll("'", `'\\''`)}'`
}

export const nullNotAllowed: Refusal = {
  code: 'NULL_NOT_ALLOWED',
  verdict: 'impossible',
  reason: () => 'NULL, and the column takes none',
  remedy: () => null,
}
export const typeUnsupported = impossible(
  'TYPE_UNSUPPORTED',
  ({ type }) => `cannot be sent: the type ${formatType(type)} is not supported`,
  ({ type }) =>
    `make {column} text in the target, and after the crossing ALTER TABLE … ALTER COLUMN … TYPE ${formatType(type)} USING …::${formatType(type)}`,
)
