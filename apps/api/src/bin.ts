#!/usr/bin/env node
import { serve } from '@hono/node-server'
import { createApi } from './api.ts'
import { configFromEnvironment } from './config.ts'

try {
  const config = configFromEnvironment(process.env)
  const { app, jobs } = createApi(config)
  const server = serve({ fetch: app.fetch, hostname: config.host, port: config.port }, (address) => {
    process.stdout.write(`rowferry API on http://${config.host}:${address.port} (OpenAPI at /openapi.json)\n`)
  })
  const stop = () => {
    server.close()
    void jobs.idle().then(() => process.exit(0))
  }
  process.once('SIGINT', stop)
  process.once('SIGTERM', stop)
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
  process.stderr.write(
    'Set ROWFERRY_SOURCE_ROOT to the folder with the databases; ROWFERRY_TOKEN, ROWFERRY_TARGETS, HOST and PORT as needed.\n',
  )
  process.exitCode = 1
}
