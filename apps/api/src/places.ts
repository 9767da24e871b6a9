import { realpath } from 'node:fs/promises'
import { isAbsolute, resolve, sep } from 'node:path'
import { parseDatabase } from '@rowferry/connect'
import type { SourceRef, TargetAddress } from '@rowferry/migrate'
import { sqlite, type SqliteOptions } from '@rowferry/source-sqlite'
import type { ApiConfig } from './config.ts'
import { ApiProblem } from './problem.ts'

/** A request's source: a path relative to the allowed folder. Links that lead out of it are refused like `..` is. */
export async function sourceOf(config: ApiConfig, name: string): Promise<SourceRef<SqliteOptions>> {
  const refuse = () =>
    new ApiProblem(
      400,
      'SOURCE_NOT_ALLOWED',
      'the source must be a file in the allowed folder',
      'name it relative to the folder that the server was given',
    )
  if (isAbsolute(name) || name.includes('\0')) throw refuse()
  const root = await realpath(config.sourceRoot)
  const wanted = resolve(root, name)
  if (!wanted.startsWith(root + sep)) throw refuse()
  const path = await realpath(wanted).catch(() => {
    throw new ApiProblem(404, 'SOURCE_MISSING', 'the allowed folder holds no such file')
  })
  if (!path.startsWith(root + sep)) throw refuse()
  return { adapter: sqlite, options: { path, integrityCheck: 'beside' }, label: name }
}

/** A request's target: a configured name, or a URL where that is allowed. */
export function targetOf(config: ApiConfig, name: string): TargetAddress {
  const configured = Object.hasOwn(config.targets, name) ? config.targets[name] : undefined
  const urls = config.allowTargetUrls ?? config.token === null
  if (configured === undefined && !urls)
    throw new ApiProblem(400, 'TARGET_UNKNOWN', 'no target of that name is configured')
  const address = parse(configured ?? name)
  if (address.kind !== 'postgres' && address.kind !== 'pglite')
    throw new ApiProblem(400, 'TARGET_NOT_POSTGRES', 'the target must be a PostgreSQL database')
  return address
}

function parse(text: string) {
  try {
    // The server's own PG* variables are not the caller's.
    return parseDatabase(text, { env: {} })
  } catch (error) {
    if (error instanceof Error && 'code' in error && typeof error.code === 'string')
      throw new ApiProblem(400, error.code, error.message)
    throw error
  }
}
