import { existsSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { parseEnv } from 'node:util'
import { crossingOptionsSchema } from '@rowferry/migrate'
import { z } from 'zod'
import { failure, usageError } from './error.ts'
import type { Shell } from './shell.ts'

const { map: _map, epoch: _epoch, rename: _rename, ...options } = crossingOptionsSchema.shape

/** What `rowferry.config.*` may hold; what it leaves out keeps the default, what the command line says wins. */
export const configSchema = z
  .strictObject({
    /** A path or a URL. */
    source: z.string().min(1),
    target: z.string().min(1),
    /** Where the report is kept: a file that ends in `.json`. */
    report: z.string().min(1),
    ...options,
    /** By column, what takes the place of a stored value; null for SQL's NULL. */
    map: z.record(z.string(), z.record(z.string(), z.string().nullable())),
    /** By column, what its numbers count since 1970. */
    epoch: z.record(z.string(), z.enum(['s', 'ms', 'us'])),
    /** By `Table` or `Table.Column`, the target's name. */
    rename: z.record(z.string(), z.string().min(1)),
  })
  .partial()

export type Config = z.output<typeof configSchema>
export type RowferryConfig = z.input<typeof configSchema>

const names = ['ts', 'js', 'mjs', 'json'].map((extension) => `rowferry.config.${extension}`)

/** Reads the configuration file; an empty one when none is named and none is there. */
export async function loadConfig(file: string | undefined, shell: Pick<Shell, 'cwd'>): Promise<Config> {
  const name = file ?? names.find((each) => existsSync(resolve(shell.cwd, each)))
  if (name === undefined) return {}
  const path = resolve(shell.cwd, name)
  if (!existsSync(path))
    throw usageError('CONFIG_MISSING', `${name}: there is no such file`, 'Check the path given to --config.')
  const written = await readConfig(path, name, shell.cwd)
  const parsed = configSchema.safeParse(written)
  // Only what was written: defaults come after the command line and the target's URL have spoken
  if (parsed.success)
    return Object.fromEntries(Object.entries(parsed.data).filter(([key]) => Object.hasOwn(written as object, key)))
  throw usageError(
    'CONFIG_INVALID',
    `${name} is not a configuration:\n${z.prettifyError(parsed.error)}`,
    'docs/cli.md lists what it may hold.',
  )
}

async function readConfig(path: string, name: string, cwd: string): Promise<unknown> {
  // Loads a TypeScript compiler: only for those who have a configuration
  const { loadConfig: load } = await import('c12')
  try {
    const loaded = await load({
      name: 'rowferry',
      cwd,
      configFile: path,
      extend: false,
      rcFile: false,
      globalRc: false,
      packageJson: false,
      dotenv: false,
    })
    return loaded.config
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    throw usageError(
      'CONFIG_UNREADABLE',
      `${name} cannot be read: ${why}`,
      'Export the settings as the default export: export default { … }',
    )
  }
}

/** The environment together with the env file's variables; what is set already wins. */
export function loadEnvironment(file: string | undefined, shell: Pick<Shell, 'cwd' | 'env'>): Shell['env'] {
  const name = file ?? '.env'
  let text: string
  try {
    text = readFileSync(resolve(shell.cwd, name), 'utf8')
  } catch (error) {
    if (file === undefined) return shell.env
    throw failure('ENV_FILE_UNREADABLE', `${name} cannot be read`, {
      remedy: 'Check the path given to --env-file.',
      cause: error,
    })
  }
  return { ...parseEnv(text), ...shell.env }
}
