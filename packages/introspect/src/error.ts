/** Why a catalog could not be read at all; what is merely odd becomes a note of the catalog. Codes stay, wording may improve. */
export type IntrospectErrorCode = 'SQLITE_TOO_OLD' | 'POSTGRES_TOO_OLD' | 'MYSQL_TOO_OLD' | 'MYSQL_NO_DATABASE'

export class IntrospectError extends Error {
  readonly code: IntrospectErrorCode
  /** What would let the user go on. */
  readonly remedy: string
  constructor(code: IntrospectErrorCode, message: string, remedy: string) {
    super(message)
    this.name = 'IntrospectError'
    this.code = code
    this.remedy = remedy
  }
}
