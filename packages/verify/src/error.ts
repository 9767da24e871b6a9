/** Why a comparison could not be made at all; differences are no errors but a verdict. */
export type VerifyErrorCode = 'COPY_MALFORMED' | 'EXPECTATION_INVALID' | 'READING_UNSTABLE'

export class VerifyError extends Error {
  readonly code: VerifyErrorCode
  /** What would let the user go on. */
  readonly remedy: string
  constructor(code: VerifyErrorCode, message: string, remedy: string) {
    super(message)
    this.name = 'VerifyError'
    this.code = code
    this.remedy = remedy
  }
}
