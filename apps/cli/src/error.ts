/** Exit codes of what goes wrong before there is a report. */
const USAGE = 64
const FAILED = 1

/** Something the person at the command line can mend; printed as one line and the remedy, never with a stack. */
export class CliError extends Error {
  readonly code: string
  readonly remedy: string | null
  readonly exitCode: number
  constructor(code: string, message: string, options: { remedy?: string | null; exitCode: number; cause?: unknown }) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = 'CliError'
    this.code = code
    this.remedy = options.remedy ?? null
    this.exitCode = options.exitCode
  }
}

/** What was asked for cannot be meant, or not by this version: exit 64, nothing was looked at. */
export function usageError(code: string, message: string, remedy: string | null = null): CliError {
  return new CliError(code, message, { remedy, exitCode: USAGE })
}

/** The surroundings do not allow it: exit 1, nothing was written. */
export function failure(code: string, message: string, options: { remedy?: string; cause?: unknown } = {}): CliError {
  return new CliError(code, message, { ...options, exitCode: FAILED })
}

/** The coded view of any error of ours; null for a bug. By `code`, since two copies of a package may be installed. */
export function describeError(
  error: unknown,
): { code: string; message: string; remedy: string | null; exitCode: number } | null {
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string') return null
  const { code, message } = error
  if (error instanceof CliError) return { code, message, remedy: error.remedy, exitCode: error.exitCode }
  const remedy = 'remedy' in error && typeof error.remedy === 'string' ? error.remedy : null
  if (error.name === 'ConnectError') return { code, message, remedy, exitCode: USAGE }
  return remedy === null && !/^(SOURCE|TARGET|PLAN)_/.test(code) ? null : { code, message, remedy, exitCode: FAILED }
}
