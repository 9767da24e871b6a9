import { parseArgs } from 'node:util'
import { serve } from '@hono/node-server'
import { z } from 'zod'
import manifest from '../package.json' with { type: 'json' }
import { createApi } from './api.ts'
import { configFromEnvironment } from './config.ts'

type Environment = Readonly<Record<string, string | undefined>>

const HELP = `Usage: rowferry-api [--help] [--version]

Serves crossings over HTTP; everything is set by the environment.

  ROWFERRY_SOURCE_ROOT      folder with the databases to read (needed)
  ROWFERRY_TOKEN            bearer token of every request; needed unless HOST is a loopback address
  ROWFERRY_TARGETS          JSON object of target names and URLs
  ROWFERRY_QUARANTINE_ROOT  folder for rows that are set aside
  HOST, PORT                127.0.0.1 and 8080
`

/** Serves until SIGINT or SIGTERM, then lets the crossings under way end; the outermost catch of the program. */
export function main(argv: readonly string[], env: Environment): void {
  try {
    const { values } = parseArgs({
      args: [...argv],
      options: { help: { type: 'boolean', short: 'h' }, version: { type: 'boolean' } },
    })
    if (values.help) process.stdout.write(HELP)
    else if (values.version) process.stdout.write(`${manifest.version}\n`)
    else listen(env)
  } catch (error) {
    fail(error, 'rowferry-api --help shows what can be set.')
  }
}

function listen(env: Environment): void {
  const config = configFromEnvironment(env)
  const { app, jobs } = createApi(config)
  const server = serve({ fetch: app.fetch, hostname: config.host, port: config.port }, (address) => {
    process.stdout.write(`rowferry API on http://${config.host}:${address.port} (OpenAPI at /openapi.json)\n`)
  })
  server.once('error', (error) => fail(error, 'Set HOST and PORT to where nothing else listens.'))
  const stop = (): void => {
    server.close()
    void jobs.idle().then(() => process.exit(0))
  }
  process.once('SIGINT', stop)
  process.once('SIGTERM', stop)
}

function fail(error: unknown, remedy: string): void {
  const message =
    error instanceof z.ZodError ? z.prettifyError(error) : error instanceof Error ? error.message : String(error)
  process.stderr.write(`error: ${message}\n${remedy}\n`)
  process.exitCode = 1
}
