import { z } from 'zod'

/** Reads version 1 of a file that was kept as JSON. Throws what `fail` makes of its fault: no JSON or another shape, or another version. */
export function parseKept<Schema extends z.ZodType>(
  text: string,
  schema: Schema,
  what: string,
  fail: (fault: 'UNREADABLE' | 'VERSION', message: string) => Error,
): z.output<Schema> {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch {
    throw fail('UNREADABLE', `${what} is no JSON`)
  }
  const version = typeof json === 'object' && json !== null && 'version' in json ? json.version : undefined
  if (version !== undefined && version !== 1)
    throw fail('VERSION', `${what} has version ${JSON.stringify(version)}, this program reads version 1`)
  const parsed = schema.safeParse(json)
  if (!parsed.success) throw fail('UNREADABLE', `${what} has not the shape of one:\n${z.prettifyError(parsed.error)}`)
  return parsed.data
}
