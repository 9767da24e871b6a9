/** `ROWS_LOST`: the server took fewer rows than it was sent. `INTERRUPTED`: the signal was raised. The others concern the quarantine's folder. */
export type WriteErrorCode = 'ROWS_LOST' | 'INTERRUPTED' | 'QUARANTINE_UNWRITABLE' | 'QUARANTINE_EXISTS' | 'QUARANTINE_UNREADABLE'

export class WriteError extends Error {
  readonly code: WriteErrorCode
  readonly table: string | null
  readonly remedy: string | null
  constructor(code: WriteErrorCode, message: string, options: { table?: string; remedy?: string; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = 'WriteError'
    this.code = code
    this.table = options.table ?? null
    this.remedy = options.remedy ?? null
  }
}
