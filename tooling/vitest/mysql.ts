import { execFile, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { once } from 'node:events'
import { delimiter, join } from 'node:path'
import { tmpdir } from 'node:os'
import { setTimeout } from 'node:timers/promises'
import { promisify } from 'node:util'
import mysql from 'mysql2/promise'
import type { TestProject } from 'vitest/node'

/** A MySQL or MariaDB server whose user may make databases; or why there is none, and whether that is a failure. */
export type MysqlForTests =
  | { readonly url: string; readonly version: string }
  | { readonly missing: string; readonly required: boolean }

declare module 'vitest' {
  export interface ProvidedContext {
    mysql: MysqlForTests
  }
}

const usual = 'mysql://root@127.0.0.1:3306'

export default async function setup(project: TestProject): Promise<(() => Promise<void>) | undefined> {
  const given = process.env['TEST_MYSQL_URL']
  if (given) {
    project.provide('mysql', { url: given, version: await versionOf(given) })
    return undefined
  }
  const version = await versionOf(usual).catch(() => null)
  if (version !== null) {
    project.provide('mysql', { url: usual, version })
    return undefined
  }
  const binary = find('mariadbd')
  const install = find('mariadb-install-db')
  if (binary === undefined || install === undefined) {
    const missing = 'no MySQL or MariaDB here: set TEST_MYSQL_URL, or install the package mariadb-server'
    project.provide('mysql', { missing, required: process.env['ROWFERRY_REQUIRE_SERVICES'] === '1' })
    return undefined
  }
  const server = await start(binary, install)
  project.provide('mysql', { url: server.url, version: await versionOf(server.url) })
  return server.stop
}

async function versionOf(url: string): Promise<string> {
  const connection = await mysql.createConnection({ uri: url, connectTimeout: 3000 })
  try {
    const [rows] = await connection.query<mysql.RowDataPacket[]>('select version() as version')
    return String(rows[0]!['version'])
  } finally {
    await connection.end()
  }
}

function find(name: string): string | undefined {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/usr/bin']
  return folders.map((folder) => join(folder, name)).find((path) => existsSync(path))
}

async function start(binary: string, install: string): Promise<{ url: string; stop: () => Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'rowferry-mariadb-'))
  const data = `--datadir=${folder}`
  const user = process.getuid?.() === 0 ? ['--user=root'] : []
  const login = ['--auth-root-authentication-method=normal', '--skip-test-db']
  await promisify(execFile)(install, ['--no-defaults', data, ...login, ...user])
  const port = await freePort()
  const url = `mysql://root@127.0.0.1:${port}`
  const place = [`--port=${port}`, '--bind-address=127.0.0.1', `--socket=${folder}/s`, `--pid-file=${folder}/pid`]
  const server = spawn(binary, ['--no-defaults', data, ...place, '--innodb-flush-log-at-trx-commit=0', ...user], {
    stdio: 'ignore',
  })
  const stop = async (): Promise<void> => {
    if (server.exitCode === null) {
      const ended = once(server, 'exit')
      server.kill()
      await ended
    }
    await rm(folder, { recursive: true, force: true })
  }
  for (let patience = 300; patience > 0; patience -= 1) {
    if ((await versionOf(url).catch(() => null)) !== null) return { url, stop }
    await setTimeout(100)
  }
  await stop()
  throw new Error('MariaDB was not ready after 30 s')
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
