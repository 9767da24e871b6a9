import { createDatabase } from '@rowferry/vitest-preset/database'
import { openProxy, type Fate, type Passing } from '@rowferry/vitest-preset/proxy'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { prepareCrossing, type Crossing } from './crossing.ts'
import { endsWell, EXACT, TOLD } from './ends-well.ts'
import { figures, points } from './figures.ts'

const timeout = 1_800_000
let database: Awaited<ReturnType<typeof createDatabase>>
let crossing: Crossing
let bytes = 0

beforeAll(async () => {
  database = await createDatabase()
  crossing = await prepareCrossing(database.url)
  await using proxy = await openProxy(crossing.url, ({ direction, bytes: piece }) => {
    if (direction === 'up') bytes += piece.length
    return 'pass'
  })
  await crossing.run(crossing.through(proxy.port))
  await crossing.empty()
})
afterAll(async () => {
  await crossing[Symbol.asyncDispose]()
  await database.drop()
})

const after = (at: number, fate: Fate, once: boolean) => {
  let happened = false
  return ({ direction, before, bytes: piece, connection }: Passing): Fate => {
    const reached = direction === 'up' && before + piece.length > at && (!once || connection === 0)
    if (!reached || (once && happened && fate !== 'swallow')) return 'pass'
    happened = true
    return fate
  }
}

const breaks = (['reset', 'end'] as const).flatMap((fate) =>
  [true, false].map((once) => {
    const name = `connection ${fate === 'reset' ? 'reset (RST)' : 'closed (FIN)'} after n bytes, ${once ? 'once' : 'each time'}`
    return { fate, once, name, count: figures(name) }
  }),
)
test.each(breaks)('$name', { timeout }, async ({ fate, once, count }) => {
  const all = points(20, 2)
  for (let point = 0; point < all; point++) {
    const at = 100 + (bytes * (point + Math.random() * 0.5)) / all
    const outcome = await endsWell(crossing, after(at, fate, once))
    expect([EXACT, TOLD]).toContain(outcome)
    count(outcome)
  }
})

const stalls = figures('everything after n bytes taken and handed to nobody')
test('stalled', { timeout }, async () => {
  const all = points(10, 1)
  for (let point = 0; point < all; point++) {
    const outcome = await endsWell(crossing, after(100 + (bytes * (point + 0.4)) / all, 'swallow', true), 500)
    expect([EXACT, TOLD]).toContain(outcome)
    stalls(outcome)
  }
})

const isCommit = ({ direction, bytes: piece }: Passing): boolean =>
  direction === 'up' && /^Q.{4}commit/is.test(piece.toString('latin1'))

const dropped = figures('COMMIT lost on its way')
test('a COMMIT that never arrives', { timeout }, async () => {
  for (let point = 0; point < points(20, 2); point++) {
    const outcome = await endsWell(crossing, (passing) => (isCommit(passing) ? 'reset' : 'pass'))
    expect(outcome).toBe(TOLD)
    dropped(outcome)
  }
})

const lost = figures('answer to COMMIT lost')
test('a COMMIT whose answer never arrives', { timeout }, async () => {
  for (let point = 0; point < points(20, 2); point++) {
    const sent = new Set<number>()
    const outcome = await endsWell(crossing, (passing) => {
      if (isCommit(passing)) sent.add(passing.connection)
      return passing.direction === 'down' && sent.has(passing.connection) ? 'reset' : 'pass'
    })
    expect(outcome).toBe(EXACT)
    lost(outcome)
  }
})

const starts = figures('two starts within 50 ms')
test('two starts: one writes, and the other names it', { timeout }, async () => {
  for (let point = 0; point < points(20, 3); point++) {
    const reports = await Promise.all([crossing.run(), crossing.run()])
    const outcomes = reports.map(({ outcome, error, findings }) => error?.code ?? findings[0]?.code ?? outcome)
    expect(outcomes.filter((outcome) => outcome === 'done')).toHaveLength(1)
    const loser = outcomes.find((outcome) => outcome !== 'done') ?? ''
    expect(['TARGET_LOCKED', 'TARGET_NOT_EMPTY', 'TARGET_CHANGED']).toContain(loser)
    expect(await crossing.state()).toBe(crossing.complete)
    starts(`one wrote, the other ${loser}`)
    await crossing.empty()
  }
})

const roles = figures('roles whose settings are against it')
test('hostile settings of a role are survived', { timeout }, async () => {
  const hostile = {
    default_transaction_read_only: 'on',
    default_transaction_isolation: 'serializable',
    default_transaction_deferrable: 'on',
    session_replication_role: 'replica',
    statement_timeout: '250ms',
    lock_timeout: '1ms',
    idle_in_transaction_session_timeout: '1ms',
    default_tablespace: 'pg_default',
    datestyle: 'German, DMY',
    intervalstyle: 'sql_standard',
    timezone: 'Asia/Kathmandu',
    search_path: 'nowhere',
    bytea_output: 'escape',
    extra_float_digits: '-15',
    standard_conforming_strings: 'off',
    client_encoding: 'LATIN1',
    synchronous_commit: 'off',
    row_security: 'on',
    array_nulls: 'off',
    quote_all_identifiers: 'on',
  }
  const role = `hostile_${database.name}`
  for (const [name, value] of Object.entries(hostile)) {
    await crossing.query(`create role ${role} superuser login; alter role ${role} set ${name} = '${value}'`)
    const report = await crossing.run({ ...crossing.through(Number(new URL(crossing.url).port)), user: role } as never)
    await crossing.quiet()
    await crossing.query(`drop role ${role}`)
    expect({ name, outcome: report.outcome, error: report.error }).toEqual({ name, outcome: 'done', error: null })
    expect(await crossing.state()).toBe(crossing.complete)
    roles('exact')
    await crossing.empty()
  }
})
