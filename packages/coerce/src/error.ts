export type CoerceErrorCode = 'TYPE_UNKNOWN' | 'TIMEZONE_UNKNOWN'

/** What was asked for does not exist: a type name or a time zone. Values never cause it; they become misfits. */
export class CoerceError extends Error {
  readonly code: CoerceErrorCode
  /** What would let the user go on; null when nothing can be suggested. */
  readonly remedy: string | null
  constructor(code: CoerceErrorCode, message: string, options: { remedy?: string; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = 'CoerceError'
    this.code = code
    this.remedy = options.remedy ?? null
  }
}
