import type { Report } from '@rowferry/report'

/** A failure that a user can do something about; everything else is a bug and keeps its stack. */
export class CrossingError extends Error {
  readonly code: string
  readonly table: string | null
  readonly remedy: string | null
  constructor(
    code: string,
    message: string,
    options: { table?: string | null; remedy?: string | null; cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = 'CrossingError'
    this.code = code
    this.table = options.table ?? null
    this.remedy = options.remedy ?? null
  }
}

/** The report's view of any coded error of the packages; null for a bug. Match is by `code`, since two copies of a package may be installed. */
export function describeFailure(error: unknown): NonNullable<Report['error']> | null {
  if (
    !(error instanceof Error) ||
    !('code' in error) ||
    typeof error.code !== 'string' ||
    error.code.startsWith('ERR_')
  )
    return null
  const text = (name: string) =>
    name in error && typeof error[name as keyof typeof error] === 'string'
      ? (error[name as keyof typeof error] as string)
      : null
  const detail = text('detail')
  const message = [error.message, detail, text('where')].filter((part) => part !== null && part !== '').join('; ')
  return { code: error.code, message, table: text('table'), remedy: text('remedy') ?? text('hint') }
}
