import { readdirSync } from 'node:fs'
import { isAbsolute, relative } from 'node:path'
import { databaseFromEnvironment, parseDatabase } from '@rowferry/connect'
import type { DatabaseAddress, SqliteAddress } from '@rowferry/connect'
import type { SourceRef, TargetAddress } from '@rowferry/migrate'
import { sqlite } from '@rowferry/source-sqlite'
import type { Place } from './adapters.ts'
import { adapterForScheme, adapterNamed } from './adapters.ts'
import { usageError } from './error.ts'
import type { Shell } from './shell.ts'

/** Reads a database's name and remembers its secrets before anything can be said about it. */
export function readAddress(text: string, shell: Shell, schemes: readonly string[] = []): DatabaseAddress {
  const address = parseDatabase(text, { env: shell.env, cwd: shell.cwd, schemes })
  shell.secrets.add(address)
  return address
}

/** The source that was named, else the configuration's, else a `DATABASE_URL` that still names such a database, else the only database file here. */
export async function findSource(
  given: string | undefined,
  configured: string | undefined,
  shell: Shell,
  adapter?: string,
): Promise<SourceRef> {
  const named = given ?? configured
  if (named !== undefined) return readSource(named, shell, adapter)
  const url = shell.env['DATABASE_URL']?.trim()
  const current = url ? readAddress(url, shell) : null
  if (current?.kind === 'sqlite' || current?.kind === 'other') return asSource(current, shell)
  const files = readdirSync(shell.cwd, { withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.(db|db3|sqlite|sqlite3)$/i.test(entry.name))
    .map((entry) => entry.name)
  if (files.length === 1) return asSource(readAddress(`./${files[0]}`, shell), shell)
  const seen =
    files.length === 0
      ? 'no *.db or *.sqlite file is here'
      : `several files could be meant: ${files.toSorted().join(', ')}`
  throw usageError(
    'SOURCE_NEEDED',
    `the source is not named, and ${seen}`,
    'Name it first, before options that take lists: rowferry migrate app.db postgres://…',
  )
}

/** The scheme of a URL: which are known as sources, the adapters decide. */
export function schemesIn(text: string): readonly string[] {
  const scheme = /^([a-z][a-z0-9.-]*)(?:\+\w+)?:\/\//i.exec(text.trim())?.[1]
  return scheme === undefined ? [] : [scheme.toLowerCase()]
}

/** A source by its name. `adapter`: the package that reads it, whatever the name looks like. */
async function readSource(text: string, shell: Shell, adapter?: string): Promise<SourceRef> {
  const address = readAddress(text, shell, schemesIn(text))
  if (adapter === undefined) return asSource(address, shell)
  const place: Place = address.kind === 'sqlite' ? { path: address.path } : { url: text.trim() }
  return { adapter: await adapterNamed(adapter, shell), options: place, label: address.label }
}

/** A file by its name, or a folder that holds such a file or says that it does. */
function isCsv(path: string): boolean {
  if (/\.(?:csv|tsv)$/i.test(path)) return true
  try {
    return readdirSync(path).some((name) => name === 'datapackage.json' || /\.(?:csv|tsv)$/i.test(name))
  } catch {
    return false
  }
}

async function asSource(address: DatabaseAddress, shell: Shell): Promise<SourceRef> {
  if (address.kind === 'sqlite') {
    const path = shorten(address, shell)
    if (isCsv(address.path)) {
      const { csv } = await import('@rowferry/source-csv')
      return { adapter: csv, options: { path }, label: path }
    }
    return { adapter: sqlite, options: { path, integrityCheck: 'beside' }, label: path }
  }
  if (address.kind === 'other') {
    const { url, label } = address
    return { adapter: await adapterForScheme(address.scheme, shell), options: { url, label }, label }
  }
  throw usageError(
    'SOURCE_NOT_SUPPORTED',
    `the source ${address.label} is a PostgreSQL database`,
    'The source comes first: an SQLite file, or a URL such as mysql://user@host/database.',
  )
}

/** The target that was named, else the configuration's, else what DATABASE_URL or POSTGRES_* name; null when nothing does. */
export function findTarget(
  given: string | undefined,
  configured: string | undefined,
  shell: Shell,
): TargetAddress | null {
  const named = given ?? configured
  const address =
    named === undefined ? databaseFromEnvironment(shell.env, { cwd: shell.cwd }) : readAddress(named, shell)
  if (address === null) return null
  shell.secrets.add(address)
  if (address.kind === 'postgres' || address.kind === 'pglite') return address
  if (address.kind === 'other')
    throw usageError(
      'ADAPTER_MISSING',
      `the target ${address.label} is not PostgreSQL`,
      'rowferry writes to PostgreSQL only.',
    )
  throw usageError(
    'TARGET_NOT_POSTGRES',
    `the target ${address.label} is an SQLite file`,
    'The target is a URL: postgres://user@host/database, or pglite://./folder',
  )
}

export function needTarget(target: TargetAddress | null): TargetAddress {
  if (target) return target
  throw usageError(
    'TARGET_NEEDED',
    'the target is not named',
    'Name it second, postgres://user@host/database, or set DATABASE_URL.',
  )
}

// As a person in this folder would write it
function shorten(address: SqliteAddress, shell: Shell): string {
  const near = relative(shell.cwd, address.path)
  return near === '' || near.startsWith('..') || isAbsolute(near) ? address.path : near
}
