import type { PgType, SourceRow } from '@rowferry/introspect'
import { InvalidText } from '@rowferry/introspect'
import type { TablePlan } from '@rowferry/plan'
import { expect, test } from 'vitest'
import { memorySource } from '../test/memory-source.ts'
import { tablePlan as planned } from '../test/table-plan.ts'
import { checkTable } from './check.ts'

const role: PgType = {
  oid: 99_999,
  schema: 'public',
  name: 'role',
  kind: 'enum',
  typmod: -1,
  labels: ['STUDENT', 'TEACHER'],
}

const tablePlan = (columns: Readonly<Record<string, string | PgType>>, given: Partial<TablePlan> = {}) =>
  planned('users', columns, given)
const check = (table: TablePlan, rows: readonly SourceRow[], signal?: AbortSignal) =>
  checkTable({
    table,
    source: memorySource(
      table.casts.map(({ column }) => column),
      rows,
      { batchRows: 3 },
    ),
    ...(signal ? { signal } : {}),
  })

test('all misfits of all rows, grouped by column and code, with exact counts and the first keys', async () => {
  const rows = Array.from({ length: 100 }, (_, index): SourceRow => [index, index % 2 ? index : `no ${index % 24}`])
  const { rows: read, misfitRows, findings } = await check(tablePlan({ id: 'int8', age: 'int4' }), rows)
  expect({ read, misfitRows }).toEqual({ read: 100, misfitRows: 50 })
  expect(findings).toEqual([
    {
      code: 'NOT_AN_INTEGER',
      severity: 'refuse',
      table: 'users',
      column: 'age',
      targetType: 'integer',
      count: 50,
      keys: ['id=0', 'id=2', 'id=4', 'id=6', 'id=8'],
      storageClasses: ['text'],
      examples: ['"no 0"', '"no 2"', '"no 4"', '"no 6"', '"no 8"', '"no 10"', '"no 12"', '"no 14"'],
      verdict: 'impossible',
      message: 'users.age: 50 values cannot become integer, first: "no 0" is no integer',
      remedy: 'mend the values in the source, or --on-bad-row quarantine',
    },
  ])
})

test('two things wrong with a row are two findings, and one row', async () => {
  const { misfitRows, findings } = await check(tablePlan({ id: 'int8', a: 'int4', b: 'date' }), [[1, 'x', 'y']])
  expect(misfitRows).toBe(1)
  expect(findings.map(({ code, column, message }) => [code, column, message])).toEqual([
    ['NOT_AN_INTEGER', 'a', 'users.a: 1 value cannot become integer: "x" is no integer'],
    ['NOT_A_DATE', 'b', 'users.b: 1 value cannot become date: "y" is no date of the form YYYY-MM-DD'],
  ])
})

test('unknown labels: every distinct value with its count, and the maps that settle all of them', async () => {
  const rows: SourceRow[] = [
    [1, 'student'],
    [2, 'INDIVIDUAL'],
    [3, 'student'],
    [4, 'STUDENT'],
    [5, "it's"],
  ]
  const { findings } = await check(tablePlan({ id: 'int8', "ro'le": role }), rows)
  expect(findings).toMatchObject([
    {
      code: 'UNKNOWN_LABEL',
      count: 4,
      examples: ['"student" (2×)', '"INDIVIDUAL" (1×)', '"it\'s" (1×)'],
      message:
        `users."ro'le": 4 values cannot become public.role: "student" (2×), "INDIVIDUAL" (1×), "it's" (1×)`.replace(
          '"ro\'le"',
          "ro'le",
        ),
      remedy: `--map 'users.ro'\\''le:student=STUDENT' --map 'users.ro'\\''le:INDIVIDUAL=<label>' --map 'users.ro'\\''le:it'\\''s=<label>'`,
    },
  ])
})

test('more distinct values than can be shown', async () => {
  const rows = Array.from({ length: 30 }, (_, index): SourceRow => [index, `label ${index}`])
  const [finding] = (await check(tablePlan({ id: 'int8', r: role }), rows)).findings
  expect(finding).toMatchObject({
    count: 30,
    message:
      'users.r: 30 values cannot become public.role, 30 different ones, first: "label 0" is no label of public.role (STUDENT, TEACHER)',
  })
  expect(finding!.examples).toHaveLength(30)
  expect(finding!.remedy?.match(/--map/g)).toHaveLength(30)
  const many = await check(
    tablePlan({ id: 'int8', r: role }),
    Array.from({ length: 1500 }, (_, index): SourceRow => [index, `label ${index}`]),
  )
  expect(many.findings[0]).toMatchObject({ count: 1500, message: expect.stringContaining('at least 1000 different') })
  expect(many.findings[0]!.examples).toHaveLength(101)
  expect(many.findings[0]!.examples.at(-1)).toBe('… and at least 900 more')
})

test('a loss that could be allowed, and one that is', async () => {
  const rows: SourceRow[] = [
    [1, 1.005],
    [2, 1.25],
    [3, 7.777],
  ]
  const strict = await check(tablePlan({ id: 'int8', price: 'numeric(10,2)' }), rows)
  expect(strict.findings).toMatchObject([
    {
      code: 'LOSES_SCALE',
      severity: 'refuse',
      count: 2,
      message: expect.stringContaining('2 values cannot become numeric(10,2) unchanged'),
      remedy: "--allow-lossy 'users.price'",
    },
  ])
  expect(strict.changed).toEqual([])
  const plan = tablePlan({ id: 'int8', price: 'numeric(10,2)' })
  const allowed = await check(
    {
      ...plan,
      casts: plan.casts.map((cast) => (cast.column === 'price' ? { ...cast, rules: { allowLossy: true } } : cast)),
    },
    rows,
  )
  expect(allowed).toMatchObject({ misfitRows: 0, changed: [{ column: 'price', rule: 'lossy', count: 2 }] })
  expect(allowed.findings).toMatchObject([
    { code: 'LOSSY_ALLOWED', severity: 'lossy', column: 'price', count: 2, targetType: 'numeric(10,2)' },
  ])
})

test('the unit of an epoch is found by all values, and mixed ones get none', async () => {
  const found = async (values: readonly number[]) =>
    (
      await check(
        tablePlan({ id: 'int8', at: 'timestamptz' }),
        values.map((value, i) => [i, value]),
      )
    ).findings[0]
  expect(await found([1_700_000_000_000, 1_710_000_000_000])).toMatchObject({
    code: 'EPOCH_UNIT_NEEDED',
    count: 2,
    storageClasses: ['integer'],
    remedy: "--epoch 'users.at=ms'",
  })
  expect(await found([1_700_000_000, 1_700_000_000_000])).toMatchObject({
    count: 2,
    remedy: 'mend the values in the source, or --on-bad-row quarantine',
  })
  expect(await found([1_700_000_000_000, 1_710_000_000_000, -1, 253_402_300_799_000])).toMatchObject({
    count: 4,
    remedy: "--epoch 'users.at=ms', or mend the values in the source, or --on-bad-row quarantine",
  })
})

test('values that mends and maps would settle get both, side by side', async () => {
  const rows: SourceRow[] = [
    [1, 'TEACHER '],
    [2, ''],
    [3, 'PUPIL'],
  ]
  const { findings } = await check(tablePlan({ id: 'int8', r: role }), rows)
  expect(findings[0]?.remedy).toBe("--trim 'users.r' --empty-as-null 'users.r' --map 'users.r:PUPIL=<label>'")
})

test('JSON in JSON strings is told, and how to unwrap it', async () => {
  const rows: SourceRow[] = [
    [1, '"{\\"a\\":1}"'],
    [2, '"text"'],
    [3, '{}'],
    [4, '"[]"'],
  ]
  const { findings } = await check(tablePlan({ id: 'int8', j: 'jsonb' }), rows)
  expect(findings).toMatchObject([
    { code: 'JSON_DOUBLE_ENCODED', severity: 'note', column: 'j', count: 2, remedy: "--json-unwrap 'users.j'" },
  ])
})

test.each([
  [['a', 'b'], null, 'a=1, b=x\\ny'],
  [[], 'rowid', 'rowid=1'],
  [[], null, 'row 1'],
])('a row is named by %j, %s', async (key, rowIdentifier, name) => {
  const { findings } = await check(tablePlan({ a: 'int4', b: 'text', c: 'int4' }, { key, rowIdentifier }), [
    [1, 'x\ny', 'no'],
  ])
  expect(findings).toMatchObject([{ keys: [name] }])
})

test('bytes and broken text name a row, too', async () => {
  const { findings } = await check(tablePlan({ id: 'bytea', n: 'int4' }), [
    [Buffer.from('00ff', 'hex'), 'no'],
    [new InvalidText(Buffer.from('ff', 'hex')), 'no'],
  ])
  expect(findings.find(({ column }) => column === 'n')).toMatchObject({ keys: ['id=\\\\x00ff', 'id=\\\\xff'] })
})

test('a raised signal', async () => {
  await expect(check(tablePlan({ id: 'int8' }), [[1]], AbortSignal.abort())).rejects.toMatchObject({
    name: 'WriteError',
    code: 'INTERRUPTED',
  })
})

test('a source that never waits lets timers and signals have their turn', async () => {
  const controller = new AbortController()
  setTimeout(() => controller.abort(), 1)
  function* forever(): Generator<SourceRow> {
    for (;;) yield [1]
  }
  const source = memorySource(['id'], forever())
  await expect(
    checkTable({ table: tablePlan({ id: 'int8' }), source, signal: controller.signal }),
  ).rejects.toMatchObject({ code: 'INTERRUPTED' })
})
