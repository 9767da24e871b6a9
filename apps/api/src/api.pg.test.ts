import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Report } from '@rowferry/report'
import { useDatabase } from '@rowferry/vitest-preset/database'
import Database from 'better-sqlite3'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Api } from './api.ts'
import { createApi } from './api.ts'

const database = useDatabase()
const root = mkdtempSync(join(tmpdir(), 'rowferry-api-'))
const token = 'a-token-long-enough'
let api: Api

beforeAll(() => {
  mkdirSync(join(root, 'sources'))
  writeFileSync(join(root, 'secret.db'), 'no database')
  symlinkSync(join(root, 'secret.db'), join(root, 'sources', 'link.db'))
  const file = new Database(join(root, 'sources', 'app.db'))
  file.exec("create table users (id integer primary key, name text); insert into users values (1, 'Ana'), (2, 'Bo')")
  file.close()
  api = createApi({
    sourceRoot: join(root, 'sources'),
    token,
    host: '0.0.0.0',
    targets: { main: database.url, gone: 'postgres://u:s3cretword@127.0.0.1:1/none' },
    bodyLimit: 10_000,
  })
})
afterAll(() => rmSync(root, { recursive: true, force: true }))

const send = (path: string, body?: unknown, headers: Record<string, string> = { authorization: `Bearer ${token}` }) =>
  api.app.request(
    path,
    body === undefined
      ? { headers }
      : {
          method: 'POST',
          headers: { ...headers, 'content-type': 'application/json' },
          body: typeof body === 'string' ? body : JSON.stringify(body),
        },
  )

async function finished(id: string): Promise<{ state: string; report: Report }> {
  await api.jobs.idle()
  return (await (await send(`/v1/migrations/${id}`)).json()) as { state: string; report: Report }
}

test('a plan, a crossing, its events and its report', async () => {
  const planned = await send('/v1/plans', { source: 'app.db', target: 'main' })
  expect(planned.status).toBe(200)
  expect(await planned.json()).toMatchObject({ report: { outcome: 'planned' }, plan: { tables: [{ mode: 'create' }] } })

  const started = await send('/v1/migrations', { source: 'app.db', target: 'main' })
  expect(started.status).toBe(202)
  const { id } = (await started.json()) as { id: string }
  expect(started.headers.get('location')).toBe(`/v1/migrations/${id}`)
  const events = await (await send(`/v1/migrations/${id}/events`)).text()
  expect(events).toContain('event: phase')
  expect(events.trimEnd().split('\n\n').at(-1)).toMatch(/^event: report\ndata: \{/)
  expect(await finished(id)).toMatchObject({
    state: 'finished',
    report: { outcome: 'done', totals: { read: 2, written: 2 } },
  })
})

test('a crossing that has ended has a page, one that runs has none yet', async () => {
  const asked = { source: 'app.db', target: 'main', rehearse: true }
  const { id } = (await (await send('/v1/migrations', asked)).json()) as { id: string }
  expect(await (await send(`/v1/migrations/${id}/report.html`)).json()).toMatchObject({ code: 'MIGRATION_RUNNING' })
  await finished(id)
  const page = await send(`/v1/migrations/${id}/report.html`)
  expect([page.status, page.headers.get('content-type')]).toEqual([200, 'text/html; charset=UTF-8'])
  const html = await page.text()
  expect(html).toMatch(/^<!doctype html>/)
  expect(html).toContain('app.db')
  expect((await send(`/v1/migrations/${id}/report.html`, undefined, {})).status).toBe(401)
})

test('a failure is a report too, and holds no password', async () => {
  const { id } = (await (await send('/v1/migrations', { source: 'app.db', target: 'gone' })).json()) as { id: string }
  const answer = await finished(id)
  expect(answer).toMatchObject({ report: { outcome: 'failed', exitCode: 1 } })
  expect(JSON.stringify(answer)).not.toContain('s3cretword')
})

describe('what is not asked for rightly', () => {
  test.each([
    ['no token', '/v1/plans', { source: 'app.db' }, 401, 'TOKEN_WRONG', {}],
    ['a wrong token', '/v1/plans', { source: 'app.db' }, 401, 'TOKEN_WRONG', { authorization: 'Bearer nonsense' }],
    ['a way out', '/v1/plans', { source: '../secret.db' }, 400, 'SOURCE_NOT_ALLOWED'],
    ['an absolute path', '/v1/plans', { source: '/etc/passwd' }, 400, 'SOURCE_NOT_ALLOWED'],
    ['a link that leads out', '/v1/plans', { source: 'link.db' }, 400, 'SOURCE_NOT_ALLOWED'],
    ['a missing file', '/v1/plans', { source: 'none.db' }, 404, 'SOURCE_MISSING'],
    [
      'a URL where only names are allowed',
      '/v1/plans',
      { source: 'app.db', target: 'postgres://x@127.0.0.1/y' },
      400,
      'TARGET_UNKNOWN',
    ],
    [
      'an unknown option value',
      '/v1/plans',
      { source: 'app.db', options: { onExisting: 'destroy' } },
      400,
      'REQUEST_INVALID',
    ],
    ['a misspelt field', '/v1/migrations', { source: 'app.db', target: 'app', rehears: true }, 400, 'REQUEST_INVALID'],
    ['a misspelt option', '/v1/plans', { source: 'app.db', options: { onExistng: 'skip' } }, 400, 'REQUEST_INVALID'],
    ['no JSON', '/v1/plans', '{', 400, 'REQUEST_INVALID'],
    ['a body over the limit', '/v1/plans', { source: 'x'.repeat(20_000) }, 413, 'BODY_TOO_LARGE'],
    ['an unknown crossing', '/v1/migrations/00000000-0000-4000-8000-000000000000', undefined, 404, 'MIGRATION_UNKNOWN'],
    ['no place at all', '/v2', undefined, 404, 'NOT_FOUND'],
  ])('%s', async (_, path, body, status, code, headers?: Record<string, string>) => {
    const answer = await send(path, body, headers)
    expect(answer.status).toBe(status)
    expect(answer.headers.get('content-type')).toBe('application/problem+json')
    expect(await answer.json()).toMatchObject({ status, code })
  })

  test('open to strangers without a token', () => {
    expect(() => createApi({ sourceRoot: root, host: '0.0.0.0' })).toThrow(
      expect.objectContaining({ code: 'TOKEN_NEEDED' }),
    )
    expect(() => createApi({ sourceRoot: root })).not.toThrow()
  })
})

test('health needs no token, and the API describes itself', async () => {
  expect(await (await send('/healthz', undefined, {})).json()).toEqual({ status: 'ok' })
  const described = (await (await send('/openapi.json', undefined, {})).json()) as {
    openapi: string
    paths: Record<string, unknown>
  }
  expect(described.openapi).toBe('3.1.0')
  expect(Object.keys(described.paths).toSorted()).toEqual([
    '/healthz',
    '/v1/migrations',
    '/v1/migrations/{id}',
    '/v1/migrations/{id}/events',
    '/v1/migrations/{id}/report.html',
    '/v1/plans',
  ])
})
