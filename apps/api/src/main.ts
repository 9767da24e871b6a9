import { serve } from '@hono/node-server'
import { z } from 'zod'
import { createApi } from './api.ts'
import { configFromEnvironment } from './config.ts'

type Environment = Readonly<Record<string, string | undefined>>

/** Serves until SIGINT or SIGTERM, then lets the crossings under way end; the outermost catch of the program. */
export function main(env: Environment): void {
  try {
    listen(env)
  } catch (error) {
    fail(
      error,
      'Set ROWFERRY_SOURCE_ROOT to the folder with the databases; ROWFERRY_TOKEN, ROWFERRY_TARGETS, HOST and PORT as needed.',
    )
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
