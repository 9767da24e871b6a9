import { execFile } from 'node:child_process'
import { appendFile, cp, mkdir, mkdtemp, readFile, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { installedBinaries } from '@rowferry/vitest-preset/binaries'

const run = promisify(execFile)

export type Blow = 'fast' | 'immediate' | 'backend' | 'postmaster'

/** A server of its own that may be struck. It keeps what was committed: `fsync` is on. */
export interface Cluster extends AsyncDisposable {
  readonly url: string
  /** `backend`: SIGKILL to the process that serves rowferry, after which the server recovers by itself. The others: stopped or killed, and started again. */
  strike(how: Blow, backend: number | null): Promise<void>
}

/** Null where there is no PostgreSQL to start. */
export async function startCluster(): Promise<Cluster | null> {
  const binaries = installedBinaries()
  if (binaries === undefined) return null
  // PostgreSQL does not run as root, so root hands it to "nobody"
  const nobody = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {}
  const folder = await mkdtemp(join(tmpdir(), 'rowferry-cluster-'))
  const native = join(folder, 'native')
  const data = join(folder, 'data')
  await cp(binaries, native, { recursive: true, verbatimSymlinks: true })
  await mkdir(data, { mode: 0o700 })
  if ('uid' in nobody) await run('chown', ['-R', '65534:65534', folder])
  const call = (program: string, ...argv: string[]) =>
    run(join(native, 'bin', program), argv, { cwd: folder, ...nobody })
  const port = await freePort()
  await call(
    'initdb',
    `--pgdata=${data}`,
    '--username=postgres',
    '--auth=trust',
    '--encoding=UTF8',
    '--locale=C',
    '--no-sync',
  )
  await appendFile(
    join(data, 'postgresql.conf'),
    `\nport = ${port}\nlisten_addresses = '127.0.0.1'\nunix_socket_directories = ''\nmax_connections = 30\n`,
  )
  const log = join(folder, 'log')
  const start = () => call('pg_ctl', '-D', data, '-w', '-s', '-l', log, 'start')
  const stop = (mode: string) => call('pg_ctl', '-D', data, '-w', '-s', '-m', mode, 'stop')
  await start()
  return {
    url: `postgres://postgres@127.0.0.1:${port}/postgres`,
    async strike(how, backend) {
      if (how === 'backend') {
        if (backend !== null) process.kill(backend, 'SIGKILL')
      } else if (how === 'postmaster') {
        process.kill(Number((await readFile(join(data, 'postmaster.pid'), 'utf8')).split('\n')[0]), 'SIGKILL')
        // Its children notice that it is gone before another may start
        for (let tries = 0; tries < 50; tries++) {
          const started = await start().then(
            () => true,
            () => false,
          )
          if (started) return
        }
        throw new Error(`The server does not start again: ${await readFile(log, 'utf8')}`)
      } else {
        await stop(how)
        await start()
      }
    },
    async [Symbol.asyncDispose]() {
      await stop('immediate').catch(() => {})
      await rm(folder, { recursive: true, force: true })
    },
  }
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => probe.once('listening', resolve))
  const { port } = probe.address() as AddressInfo
  await new Promise((resolve) => probe.close(resolve))
  return port
}
