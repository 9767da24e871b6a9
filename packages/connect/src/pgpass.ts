import type { Stats } from 'node:fs'
import { readFileSync, statSync } from 'node:fs'
import { posix, win32 } from 'node:path'

export interface PasswordQuestion {
  readonly host: string
  readonly port: number
  readonly database: string
  readonly user: string
}

export interface PasswordAnswer {
  readonly password: string | null
  /** Why the file was not used, for a person. */
  readonly note: string | null
}

/**
 * Looks a password up in the password file: `file` if given, else `PGPASSFILE`, else `~/.pgpass`. As libpq does, a file that group or others may read
 * is passed over. https://www.postgresql.org/docs/current/libpq-pgpass.html
 */
export function readPasswordFile(
  question: PasswordQuestion,
  env: Readonly<Record<string, string | undefined>>,
  file: string | null,
): PasswordAnswer {
  const path = file ?? defaultFile(env)
  const stats = path === null ? undefined : look(path)
  if (path === null || !stats?.isFile()) return { password: null, note: null }
  if (process.platform !== 'win32' && (stats.mode & 0o077) !== 0) {
    return { password: null, note: `The password file ${path} is not used, since others may read it: chmod 600 it` }
  }
  try {
    return { password: findPassword(readFileSync(path, 'utf8'), question), note: null }
  } catch {
    return { password: null, note: `The password file ${path} is not used, since it cannot be read` }
  }
}

/** A folder that may not be entered is no trouble, as for libpq: another user's HOME, say. */
function look(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false })
  } catch {
    return undefined
  }
}

/** The first line that matches, or null. Lines are `host:port:database:user:password`; `*` matches all, `\` escapes `:` and itself. */
export function findPassword(text: string, question: PasswordQuestion): string | null {
  // libpq asks for "localhost" when the socket is in its own default directory, which we cannot know
  const hosts = question.host.startsWith('/') ? [question.host, 'localhost'] : [question.host]
  const rest = [String(question.port), question.database, question.user]
  for (const line of text.split(/\r?\n/)) {
    if (line.startsWith('#')) continue
    const fields = splitFields(line)
    const [host, ...others] = fields
    const password = fields[4]
    if (host === undefined || password === undefined) continue
    if (!hosts.some((wanted) => matches(host, wanted))) continue
    if (rest.every((wanted, index) => matches(others[index] ?? '', wanted))) return unescape(password)
  }
  return null
}

function splitFields(line: string): string[] {
  const fields = ['']
  for (const [piece] of line.matchAll(/\\.|[^]/g)) {
    if (piece === ':') fields.push('')
    else fields.push((fields.pop() ?? '') + piece)
  }
  return fields
}

function matches(field: string, wanted: string): boolean {
  return field === '*' || unescape(field) === wanted
}

function unescape(field: string): string {
  return field.replaceAll(/\\(.)/g, '$1')
}

function defaultFile(env: Readonly<Record<string, string | undefined>>): string | null {
  if (env['PGPASSFILE']) return env['PGPASSFILE']
  if (process.platform === 'win32')
    return env['APPDATA'] ? win32.join(env['APPDATA'], 'postgresql', 'pgpass.conf') : null
  return env['HOME'] ? posix.join(env['HOME'], '.pgpass') : null
}
