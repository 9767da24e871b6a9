import { expect, test } from 'vitest'
import { rig } from '../test/rig.ts'
import { migrate } from './migrate-command.ts'

const TYPES =
  "select attname, format_type(atttypid, atttypmod) from pg_attribute where attrelid = 't'::regclass and attnum > 1 order by attnum"

test('--epoch makes instants of numbers also in a created table', async () => {
  await using at = await rig(`create table t (id integer primary key, declared datetime, plain integer, mixed datetime);
    insert into t values (1, 1704164645123, 1704164645, 1704164645123), (2, null, -1, '2024-01-02 03:04:05')`)
  const epoch = [
    { column: 't.declared', unit: 'ms' as const },
    { column: 't.plain', unit: 's' as const },
    { column: 't.mixed', unit: 'ms' as const },
  ]
  const report = await migrate(at.input({ epoch }))
  expect(report.error).toBeNull()
  expect(await at.rows(TYPES)).toEqual([
    ['declared', 'timestamp with time zone'],
    ['plain', 'timestamp with time zone'],
    ['mixed', 'timestamp without time zone'],
  ])
  expect(
    await at.rows("select declared at time zone 'UTC', plain at time zone 'UTC', mixed from t order by id"),
  ).toEqual([
    ['2024-01-02 03:04:05.123', '2024-01-02 03:04:05', '2024-01-02 03:04:05.123'],
    [null, '1969-12-31 23:59:59', '2024-01-02 03:04:05'],
  ])
})

test('a created column gets the type of its values as --map leaves them', async () => {
  await using at = await rig(
    "create table t (id integer primary key, flag boolean); insert into t values (1, 'maybe'), (2, 1), (3, 'unset')",
  )
  const map = [
    { column: 't.flag', from: 'maybe', to: '0' },
    { column: 't.flag', from: 'unset', to: null },
  ]
  expect(await migrate(at.input({ map }))).toMatchObject({ outcome: 'done', error: null })
  expect(await at.rows(TYPES)).toEqual([['flag', 'boolean']])
  expect(await at.rows('select flag from t order by id')).toEqual([['f'], ['t'], [null]])
})
