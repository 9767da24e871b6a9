import { createServer, type Server } from 'node:net'
import type { AddressInfo } from 'node:net'
import { inspect } from 'node:util'
import type { PostgresAddress } from '@rowferry/connect'
import { useDatabase } from '@rowferry/vitest-preset/database'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { serverAddress } from '../../test/addresses.ts'
import { openSession } from '../open-session.ts'
import { PostgresError } from '../session.ts'

const database = useDatabase()

async function refusal(changes: Partial<PostgresAddress>): Promise<PostgresError> {
  const error: unknown = await openSession(serverAddress(database.url, changes)).then(
    (session) => session.close(),
    (caught: unknown) => caught,
  )
  expect(error).toBeInstanceOf(PostgresError)
  expect((error as PostgresError).remedy).toMatch(/\w/)
  return error as PostgresError
}

test('a port where nobody listens', async () => {
  expect(await refusal({ port: 1 })).toMatchObject({ code: 'TARGET_REFUSED', message: expect.stringContaining(':1') })
})

test('a host without an address', async () => {
  expect(await refusal({ host: 'nowhere.invalid' })).toMatchObject({
    code: 'TARGET_UNKNOWN_HOST',
    message: expect.stringContaining('nowhere.invalid'),
  })
})

test('a socket that is not there', async () => {
  expect(await refusal({ host: '/nowhere' })).toMatchObject({
    code: 'TARGET_REFUSED',
    message: expect.stringContaining('/nowhere'),
  })
})

test('a database that does not exist', async () => {
  expect(await refusal({ database: 'nobody knows' })).toMatchObject({
    code: '3D000',
    message: expect.stringContaining('nobody knows'),
  })
})

test('a user who does not exist', async () => {
  expect(await refusal({ user: 'nobody' })).toMatchObject({
    code: '28000',
    message: expect.stringContaining('nobody'),
    remedy: expect.stringContaining('CREATE ROLE "nobody"'),
  })
})

test.each(['require', 'verify-ca', 'verify-full'] as const)('sslmode=%s where the server has no TLS', async (mode) => {
  expect(await refusal({ ssl: { mode, rootCertificate: null } })).toMatchObject({ code: 'TARGET_TLS' })
})

test('a root certificate that cannot be read', async () => {
  expect(await refusal({ ssl: { mode: 'verify-full', rootCertificate: '/nowhere.pem' } })).toMatchObject({
    code: 'TARGET_TLS',
    message: expect.stringContaining('/nowhere.pem'),
  })
})

test('a server that never answers, and one that hangs up', async () => {
  await using silent = await listening(createServer((socket) => socket.resume()))
  expect(await refusal({ ...silent.at, connectTimeoutMs: 100 })).toMatchObject({ code: 'TARGET_TIMEOUT' })
  await using curt = await listening(createServer((socket) => socket.resume().end()))
  expect(await refusal(curt.at)).toMatchObject({ code: 'TARGET_LOST' })
})

test('prefer falls back to a connection without TLS', async () => {
  const session = await openSession(serverAddress(database.url, { ssl: { mode: 'prefer', rootCertificate: null } }))
  expect(session.server).toMatchObject({
    database: database.name,
    superuser: true,
    versionText: expect.stringMatching(/^\d+/),
  })
  await session.close()
})

test('the password is in no error, however it looks', { timeout: 20_000 }, async () => {
  const ways: Partial<PostgresAddress>[] = [
    { port: 1 },
    { database: 'nobody_knows' },
    { user: 'nobody' },
    { host: '/nowhere' },
    { ssl: { mode: 'require', rootCertificate: null } },
  ]
  const nasty = fc.oneof(
    fc.string({ minLength: 3, unit: 'binary' }),
    fc.stringMatching(/^[@#/%:?&=' "\\]{3,9}$/),
    fc.constantFrom('pä$$wörd', '%s%d\n', 'abc://def@ghi'),
  )
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...ways), nasty, async (way, hint) => {
      const password = `${hint}s3cret${hint}`
      const error = await refusal({ ...way, password })
      expect(inspect(error, { depth: 9, showHidden: true })).not.toContain('s3cret')
      expect(error.cause).toBeUndefined()
    }),
    { numRuns: 40 },
  )
})

test('a password that the server itself repeats is cut out', async () => {
  const session = await openSession(serverAddress(database.url, { password: 'correct horse' }))
  const error: unknown = await session.query(`select 'correct horse'::int`).catch((caught: unknown) => caught)
  expect(error).toMatchObject({ code: '22P02', message: 'invalid input syntax for type integer: "***"' })
  await session.close()
})

async function listening(server: Server): Promise<AsyncDisposable & { readonly at: { host: string; port: number } }> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    at: { host: '127.0.0.1', port },
    [Symbol.asyncDispose]: () => new Promise<void>((resolve) => void server.close(() => resolve())),
  }
}
