import { existsSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { parseEnv } from 'node:util'
import { z } from 'zod'
import type { Config } from './config-schema.ts'
import { configNames, configSchema } from './config-schema.ts'
import { failure, usageError } from './error.ts'
import { nearest } from './nearest.ts'
import type { Shell } from './shell.ts'

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
  if (parsed.success) return parsed.data
  throw usageError(
    'CONFIG_INVALID',
    `${name} is not a configuration:\n${z.prettifyError(parsed.error)}`,
    meant(parsed.error) ?? 'docs/cli.md lists what it may hold.',
  )
}

/** For settings that nobody knows, those that were probably meant. */
function meant(error: z.ZodError): string | null {
  const words = error.issues.flatMap((issue) => {
    if (issue.code !== 'unrecognized_keys') return []
    return issue.keys.flatMap((key) => {
      const near = nearest(key, issue.path[0] === 'columns' ? configNames.column : configNames.top)
      return near === null ? [] : [`Did you mean ${near} instead of ${key}?`]
    })
  })
  return words.length === 0 ? null : words.join(' ')
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
      `${name} cannot be read: ${why.replace(`${path}: `, '')}`,
      name.endsWith('.json')
        ? 'Mend the JSON at that place; docs/cli.md lists what it may hold.'
        : 'Export the settings as the default export: export default { … }',
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
