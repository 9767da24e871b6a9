import { z } from 'zod'

/** How the server is set up; from the environment in `bin`, from code in tests and embeddings. */
export const apiConfigSchema = z.object({
  host: z.string().default('127.0.0.1'),
  port: z.number().int().min(0).max(65_535).default(8080),
  /** Sources are files under this folder and nowhere else; symbolic links are followed before that is checked. */
  sourceRoot: z.string().min(1),
  /** Folder for rows that are set aside, one folder a migration. Default: no quarantine. */
  quarantineRoot: z.string().nullable().default(null),
  /** Bearer token of every request under /v1. May be left out only while the host is a loopback address. */
  token: z.string().min(16, 'a token has at least 16 characters').nullable().default(null),
  /** Targets by name, as URLs. Requests name them, so that no secret travels. */
  targets: z.record(z.string(), z.string()).default({}),
  /** May a request give a target's URL itself? Default: only without a token, that is on loopback. */
  allowTargetUrls: z.boolean().nullable().default(null),
  /** Largest request body in bytes. */
  bodyLimit: z
    .number()
    .int()
    .min(1)
    .default(1024 * 1024),
  /** Finished migrations kept in memory; the oldest go first. */
  keepFinished: z.number().int().min(1).default(1000),
})

export type ApiConfig = z.output<typeof apiConfigSchema>
export type ApiConfigInput = z.input<typeof apiConfigSchema>

const LOOPBACK = /^(127(\.\d{1,3}){3}|::1|localhost)$/

/** Parses and refuses what would be open to strangers: `TOKEN_NEEDED`. */
export function parseConfig(input: ApiConfigInput): ApiConfig {
  const config = apiConfigSchema.parse(input)
  if (config.token === null && !LOOPBACK.test(config.host)) {
    throw Object.assign(new Error(`bound to ${config.host}, everybody could move databases: a token is needed`), {
      code: 'TOKEN_NEEDED',
    })
  }
  return config
}

export function configFromEnvironment(env: Readonly<Record<string, string | undefined>>): ApiConfig {
  const targets = readTargets(env['ROWFERRY_TARGETS'])
  return parseConfig({
    sourceRoot: env['ROWFERRY_SOURCE_ROOT'] ?? '',
    ...(env['HOST'] ? { host: env['HOST'] } : {}),
    ...(env['PORT'] ? { port: Number(env['PORT']) } : {}),
    ...(env['ROWFERRY_TOKEN'] ? { token: env['ROWFERRY_TOKEN'] } : {}),
    ...(env['ROWFERRY_QUARANTINE_ROOT'] ? { quarantineRoot: env['ROWFERRY_QUARANTINE_ROOT'] } : {}),
    ...(targets ? { targets } : {}),
  })
}

function readTargets(text: string | undefined): Record<string, string> | undefined {
  if (!text) return undefined
  try {
    return z.record(z.string(), z.string()).parse(JSON.parse(text))
  } catch {
    // Without the cause: it quotes the text, and that holds passwords
    throw new Error('ROWFERRY_TARGETS is no JSON object of names and URLs')
  }
}
