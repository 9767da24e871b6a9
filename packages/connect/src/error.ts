/**
 * `URL_INVALID`: no database can be meant by this. `URL_AMBIGUOUS`: more than one could be, since a reserved character stands unencoded.
 * `URL_UNSUPPORTED`: understood, but not something rowferry connects to. `SCHEME_UNKNOWN`: no such kind of database is known.
 */
export type ConnectErrorCode = 'URL_INVALID' | 'URL_AMBIGUOUS' | 'URL_UNSUPPORTED' | 'SCHEME_UNKNOWN'

/** Why a text names no database. Neither `message` nor `remedy` ever holds a piece of that text where a secret could be. */
export class ConnectError extends Error {
  readonly code: ConnectErrorCode
  /** What would let the user go on. */
  readonly remedy: string
  constructor(code: ConnectErrorCode, message: string, remedy: string) {
    super(message)
    this.name = 'ConnectError'
    this.code = code
    this.remedy = remedy
  }
}
