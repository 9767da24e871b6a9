/** Why a source could not be opened or read. Codes stay, wording may improve. */
export type SourceErrorCode =
  | 'SOURCE_MISSING'
  | 'SOURCE_EMPTY'
  | 'SOURCE_NOT_A_FILE'
  | 'SOURCE_NOT_A_DATABASE'
  | 'SOURCE_ENCRYPTED'
  | 'SOURCE_DAMAGED'
  | 'SOURCE_BUSY'
  | 'SOURCE_UNREADABLE'
  | 'SOURCE_NAME_NOT_TEXT'
  | 'SOURCE_CHANGED'
  | 'SOURCE_CLOSED'
  | 'SOURCE_VALUE_TOO_LARGE'
  | 'SOURCE_ABORTED'
  | 'SOURCE_URL_INVALID'
  | 'SOURCE_UNREACHABLE'
  | 'SOURCE_REFUSED'
  | 'SOURCE_TLS'
  | 'SOURCE_LOST'

export class SourceError extends Error {
  readonly code: SourceErrorCode
  /** What would let the user go on; null when nothing can be suggested. */
  readonly remedy: string | null
  constructor(code: SourceErrorCode, message: string, options: { remedy?: string; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = 'SourceError'
    this.code = code
    this.remedy = options.remedy ?? null
  }
}
