import { readFileSync } from 'node:fs'
import { posix, win32 } from 'node:path'
import { ConnectError } from './error.ts'
import { isParameter, type Parameter } from './parameters.ts'

type Environment = Readonly<Record<string, string | undefined>>

/**
 * What a connection service file says of one service: the user's (PGSERVICEFILE, else ~/.pg_service.conf), else the system's, in PGSYSCONFDIR.
 * https://www.postgresql.org/docs/current/libpq-pgservice.html
 */
export function readService(name: string, env: Environment, file: string | null): ReadonlyMap<Parameter, string> {
  const places = file === null ? [userFile(env), systemFile(env)] : [file]
  for (const place of places) {
    const found = place === null ? null : sectionOf(readFile(place), name)
    if (found) return found
  }
  throw new ConnectError(
    'URL_INVALID',
    'The connection service that is named is in no service file',
    `Add it to ${file ?? userFile(env) ?? '~/.pg_service.conf'}: its name in brackets, then lines such as host=…`,
  )
}

function sectionOf(text: string, name: string): Map<Parameter, string> | null {
  let values: Map<Parameter, string> | null = null
  for (const line of text.split(/\r?\n/).map((each) => each.trim())) {
    if (line === '' || line.startsWith('#')) continue
    const section = /^\[(.*)\]$/.exec(line)
    // The first section of that name counts
    if (section && values) return values
    if (section) values = section[1] === name ? new Map() : null
    else if (values) setValue(values, line)
  }
  return values
}

function setValue(values: Map<Parameter, string>, line: string): void {
  const equals = line.indexOf('=')
  const key = line.slice(0, Math.max(equals, 0)).trim()
  if (isParameter(key) && key !== 'service' && key !== 'servicefile') values.set(key, line.slice(equals + 1).trim())
  else {
    throw new ConnectError(
      'URL_UNSUPPORTED',
      'The connection service file says something of this service that rowferry does not know',
      'Leave only host, port, user, password, dbname, sslmode and their like in the section',
    )
  }
}

function readFile(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}

function userFile(env: Environment): string | null {
  if (env['PGSERVICEFILE']) return env['PGSERVICEFILE']
  if (env['APPDATA']) return win32.join(env['APPDATA'], 'postgresql', '.pg_service.conf')
  return env['HOME'] ? posix.join(env['HOME'], '.pg_service.conf') : null
}

function systemFile(env: Environment): string | null {
  return env['PGSYSCONFDIR'] ? posix.join(env['PGSYSCONFDIR'], 'pg_service.conf') : null
}
