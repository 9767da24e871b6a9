import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { TLSSocket } from 'node:tls'
import { promisify } from 'node:util'
import type { PostgresAddress } from '@rowferry/connect'
import { useDatabase } from '@rowferry/vitest-preset/database'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { serverAddress } from '../../test/addresses.ts'
import { openSession } from '../open-session.ts'

const database = useDatabase()
const run = promisify(execFile)
const folder = mkdtempSync(join(tmpdir(), 'rowferry-tls-'))
const at = (name: string): string => join(folder, name)
let certificates = false
beforeAll(async () => {
  const made = ['-x509', '-newkey', 'rsa:2048', '-days', '2', '-subj', '/CN=ferryman']
  certificates = await run('openssl', [
    'req',
    ...made,
    '-keyout',
    at('key.pem'),
    '-out',
    at('cert.pem'),
    '-passout',
    'pass:t0psecret',
  ]).then(
    () => true,
    () => false,
  )
  if (certificates) chmodSync(at('key.pem'), 0o600)
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const open = (changes: Partial<PostgresAddress>) => openSession(serverAddress(database.url, changes))

test('the next host, where the first cannot be reached', async () => {
  const { host, port } = serverAddress(database.url)
  const session = await open({ port: 1, others: [{ host, port, password: null }] })
  const other = await session.another()
  expect(await other.query('select 1 as one')).toEqual([{ one: '1' }])
  await other.close()
  await session.close()
  await expect(open({ port: 1, others: [{ host, port: 1, password: null }] })).rejects.toMatchObject({
    code: 'TARGET_REFUSED',
  })
  await expect(open({ user: 'nobody', others: [{ host, port, password: null }] })).rejects.toMatchObject({
    code: '28000',
  })
})

test.each([
  ['primary', 'read-write', '', true],
  ['prefer-standby', 'any', '-c default_transaction_read_only=on', true],
  ['standby', 'read-only', '', false],
  ['read-write', 'standby', '-c default_transaction_read_only=on', false],
] as const)('target_session_attrs=%s, and %s', async (one, another, options, fits) => {
  for (const sessionAttributes of [one, another]) {
    const opened = await open({ sessionAttributes, options }).then(
      (session) => session.close().then(() => 'opened'),
      (error: { readonly code: string }) => error.code,
    )
    expect(opened).toBe(fits ? 'opened' : 'TARGET_UNWANTED')
  }
})

test('channel_binding=require is not satisfied by a server that proves nothing', async () => {
  await expect(open({ channelBinding: 'require' })).rejects.toMatchObject({
    code: 'TARGET_TLS',
    message: expect.stringContaining('channel_binding=require'),
  })
})

test('a client certificate is shown to the server, and its key must be for nobody else', async ({ skip }) => {
  skip(!certificates, 'no openssl here')
  const shown: string[] = []
  const server = createServer((socket) => {
    socket.once('data', () => {
      socket.write('S')
      const files = { key: readFileSync(at('key.pem')), passphrase: 't0psecret', cert: readFileSync(at('cert.pem')) }
      const secure = new TLSSocket(socket, { isServer: true, requestCert: true, rejectUnauthorized: false, ...files })
      secure
        .on('error', () => {})
        .once('data', () => {
          shown.push(String(secure.getPeerCertificate().subject?.CN))
          secure.destroy()
        })
    })
    socket.on('error', () => {})
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const client = { certificate: at('cert.pem'), key: at('key.pem'), keyPassword: 't0psecret' }
  const address = { host: '127.0.0.1', port: (server.address() as AddressInfo).port }
  const way = (mode: 'require' | 'verify-ca', more = client) =>
    open({ ...address, ssl: { mode, rootCertificate: at('cert.pem'), client: more } })
  await expect(way('verify-ca')).rejects.toMatchObject({ code: 'TARGET_LOST' })
  expect(shown).toEqual(['ferryman'])
  const wrong: unknown = await way('verify-ca', { ...client, keyPassword: 'wr0ngsecret' }).catch(
    (error: unknown) => error,
  )
  expect(wrong).toMatchObject({ code: 'TARGET_TLS' })
  expect(String(wrong)).not.toContain('secret')
  chmodSync(at('key.pem'), 0o644)
  await expect(way('require')).rejects.toMatchObject({ code: 'TARGET_TLS', remedy: `chmod 600 ${at('key.pem')}` })
  server.close()
})
