import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { cp, mkdir, mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import pg from 'pg'
import type { TestProject } from 'vitest/node'
import { fetchedBinaries, installedBinaries, postgresVersions } from './binaries.ts'
import { probes, type Feature } from './features.ts'

export type PostgresForTests = ServerForTests | { readonly missing: string }

interface ServerForTests {
  readonly url: string
  /** As the server says it: `13.23`. */
  readonly version: string
  readonly lacks: readonly Feature[]
}

declare module 'vitest' {
  export interface ProvidedContext {
    postgres: PostgresForTests
  }
}

const exec = promisify(execFile)

interface Server {
  readonly url: string
  readonly stop: () => Promise<void>
}

const startTimeoutMs = 60_000

// PostgreSQL refuses to run as root, so root hands it to "nobody"
const nobody = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : undefined

// Reads until the test run closes the pipe, which the kernel does even for a killed one
const keeper = '"$@" & cat >/dev/null; kill -INT $!; wait; rm -rf "$0"'

const settings = [
  'fsync=off',
  'full_page_writes=off',
  'listen_addresses=127.0.0.1',
  'max_connections=200',
  'synchronous_commit=off',
  'TimeZone=UTC',
  'unix_socket_directories=',
]

export default async function setup(project: TestProject): Promise<(() => Promise<void>) | undefined> {
  const given = process.env['TEST_POSTGRES_URL']
  if (given) {
    project.provide('postgres', await describeServer(given))
    return undefined
  }
  const newest = postgresVersions.at(-1)!
  const version = process.env['TEST_POSTGRES_VERSION'] || newest
  const binaries = version === newest ? installedBinaries() : await fetchedBinaries(version)
  if (binaries === undefined) {
    const missing = `no PostgreSQL for ${process.platform} ${process.arch} here: set TEST_POSTGRES_URL`
    if (process.env['ROWFERRY_REQUIRE_SERVICES'] === '1') throw new Error(missing)
    project.provide('postgres', { missing })
    return undefined
  }
  const server = await start(binaries, Number(version))
  try {
    project.provide('postgres', await describeServer(server.url))
  } catch (error) {
    await server.stop()
    throw error
  }
  return server.stop
}

async function describeServer(url: string): Promise<ServerForTests> {
  const client = new pg.Client(url)
  await client.connect()
  try {
    const { rows } = await client.query<{ version: string }>(
      "select split_part(current_setting('server_version'), ' ', 1) as version",
    )
    const lacks: Feature[] = []
    for (const [feature, probe] of Object.entries(probes)) {
      await client.query('begin')
      await client.query(probe).catch(() => lacks.push(feature as Feature))
      await client.query('rollback')
    }
    return { url, version: rows[0]!.version, lacks }
  } finally {
    await client.end()
  }
}

async function start(binaries: string, version: number): Promise<Server> {
  const folder = await mkdtemp(join(tmpdir(), 'rowferry-postgres-'))
  try {
    const data = join(folder, 'data')
    await mkdir(data, { mode: 0o700 })
    let native = binaries
    if (nobody) {
      // The checkout may lie where "nobody" cannot look, for example below /root
      native = join(folder, 'native')
      await cp(binaries, native, { recursive: true, verbatimSymlinks: true })
      await exec('chown', ['-R', `${nobody.uid}:${nobody.gid}`, folder])
    }
    const cluster = ['--username=postgres', '--auth=trust', '--encoding=UTF8', '--no-sync']
    const locale =
      version >= 17
        ? ['--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8']
        : ['--locale=C', `--lc-ctype=${process.platform === 'darwin' ? 'UTF-8' : 'C.UTF-8'}`]
    await exec(join(native, 'bin', 'initdb'), [`--pgdata=${data}`, ...cluster, ...locale], {
      cwd: folder,
      ...nobody,
    })
    return await launch(folder, join(native, 'bin', 'postgres'), data)
  } catch (error) {
    await rm(folder, { recursive: true, force: true })
    throw error
  }
}

async function launch(folder: string, binary: string, data: string): Promise<Server> {
  const port = await freePort()
  const options = [`port=${port}`, ...settings].flatMap((setting) => ['-c', setting])
  const server = spawn('sh', ['-c', keeper, folder, binary, '-D', data, ...options], {
    cwd: folder,
    // Ctrl-C is for the test run; the server ends after it
    detached: true,
    stdio: ['pipe', 'ignore', 'pipe'],
    ...nobody,
  })
  const stop = async (): Promise<void> => {
    if (server.exitCode !== null || server.signalCode !== null) return
    const ended = once(server, 'exit')
    server.stdin.end()
    await ended
  }
  try {
    await new Promise<void>((resolve, reject) => {
      let log = ''
      const fail = (why: string): void => reject(new Error(`PostgreSQL ${why}:\n${log}`))
      const timer = setTimeout(() => fail(`was not ready after ${startTimeoutMs} ms`), startTimeoutMs)
      const settle = (): void => {
        clearTimeout(timer)
        server.stderr.off('data', read).resume()
      }
      const read = (chunk: string): void => {
        log += chunk
        if (log.includes('ready to accept connections')) {
          settle()
          resolve()
        } else if (/\b(?:FATAL|PANIC):/.test(log)) {
          settle()
          fail('did not start')
        }
      }
      server.stderr.setEncoding('utf8').on('data', read)
      server.once('error', reject)
    })
  } catch (error) {
    await stop()
    throw error
  }
  return { url: `postgres://postgres@127.0.0.1:${port}/postgres`, stop }
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const address = probe.address()
  probe.close()
  await once(probe, 'close')
  if (address === null || typeof address === 'string') throw new Error('The probe for a free port has no port')
  return address.port
}
