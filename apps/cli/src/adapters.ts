import { readFile } from 'node:fs/promises'
import { createRequire, findPackageJSON } from 'node:module'
import { dirname, join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { SourceAdapter } from '@rowferry/source'
import { usageError } from './error.ts'
import type { Shell } from './shell.ts'

/** What every adapter is given that is found by a scheme or by name: where the database is, as a URL or as an absolute path. */
export type Place = { readonly url: string } | { readonly path: string }

const own: ReadonlyMap<string, () => Promise<SourceAdapter<{ readonly url: string }>>> = new Map(
  ['mysql', 'mariadb'].map((scheme) => [scheme, async () => (await import('@rowferry/source-mysql')).mysql] as const),
)

/** The adapter for URLs of a scheme: one that comes with rowferry, else the package `rowferry-source-<scheme>` of the project in this folder. */
export async function adapterForScheme(scheme: string, shell: Pick<Shell, 'cwd'>): Promise<SourceAdapter> {
  return (await own.get(scheme)?.()) ?? (await adapterNamed(`rowferry-source-${scheme}`, shell))
}

/** The adapter that a package, or a module by its path, exports: as its default, or as the only one it has. */
export async function adapterNamed(name: string, shell: Pick<Shell, 'cwd'>): Promise<SourceAdapter> {
  const entry = await entryOf(name, shell.cwd)
  const exported = (await import(pathToFileURL(entry).href)) as Record<string, unknown>
  const found = [exported['default'], ...Object.values(exported)].find(isAdapter)
  if (found !== undefined) return found
  throw usageError(
    'ADAPTER_INCOMPATIBLE',
    `${name} exports no source adapter`,
    'An adapter has name, castRules and open; the README of @rowferry/source shows one. Perhaps a newer version of the package has it.',
  )
}

function isAdapter(value: unknown): value is SourceAdapter {
  if (typeof value !== 'object' || value === null) return false
  const { name, castRules, open } = value as Partial<Record<keyof SourceAdapter, unknown>>
  return typeof name === 'string' && Array.isArray(castRules) && typeof open === 'function'
}

async function entryOf(name: string, cwd: string): Promise<string> {
  const project = join(cwd, 'package.json')
  try {
    return createRequire(project).resolve(/^[./]/.test(name) ? resolve(cwd, name) : name)
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : null
    const manifest =
      code === 'ERR_PACKAGE_PATH_NOT_EXPORTED' ? findPackageJSON(name, pathToFileURL(project)) : undefined
    const entry = manifest === undefined ? undefined : importEntry(JSON.parse(await readFile(manifest, 'utf8')))
    if (manifest !== undefined && entry !== undefined) return join(dirname(manifest), entry)
    throw usageError(
      'ADAPTER_MISSING',
      `the source adapter ${name} is not installed in ${cwd}`,
      /^[./]/.test(name)
        ? 'Check the path given to --source.'
        : `Install it there, npm install ${name}, or name another with --source.`,
    )
  }
}

/** What `import` would take, where the package has nothing for `require`. */
function importEntry(manifest: { readonly exports?: unknown }): string | undefined {
  const { exports } = manifest as { exports?: Record<string, unknown> }
  const root = exports?.['.'] ?? exports
  const entry = typeof root === 'object' && root !== null ? (root as Record<string, unknown>)['import'] : root
  return typeof entry === 'string' ? entry : undefined
}
