import type { PgType, SourceValue } from '@rowferry/introspect'
import { expect, test } from 'vitest'
import { castTo } from '../test/judge.ts'
import { builtinType, compileRow, createCopyBuffer } from './index.ts'
import type { Misfit, ValueRules } from './index.ts'

const role: PgType = {
  oid: 1,
  schema: 'public',
  name: 'role',
  kind: 'enum',
  typmod: -1,
  labels: ['STUDENT', 'TEACHER'],
}

function explain(type: PgType | string, value: SourceValue, rules: ValueRules = {}): Misfit | undefined {
  return compileRow([castTo(typeof type === 'string' ? builtinType(type) : type, rules)]).explain([value])[0]
}

test('a tuple is the count of columns, then length and bytes of each', () => {
  const encoder = compileRow([castTo(builtinType('int4')), castTo(builtinType('text')), castTo(builtinType('bool'))])
  const out = createCopyBuffer(0)
  expect(encoder.encode([258, 'é', null, 'ignored'], out)).toBe(-1)
  expect(out.bytes.subarray(0, out.position).toString('hex')).toBe(
    '0003'.concat('0000000400000102', '00000002c3a9', 'ffffffff'),
  )
})

test('a row that does not fit leaves the buffer as it was, and nothing counted', () => {
  const encoder = compileRow([castTo(builtinType('text'), { map: [['a', 'b']] }), castTo(builtinType('int4'))])
  const out = createCopyBuffer(8)
  expect(encoder.encode(['a', 1], out)).toBe(-1)
  const before = out.bytes.subarray(0, out.position).toString('hex')
  expect(encoder.encode(['a'.repeat(1000), 'x'], out)).toBe(1)
  expect(encoder.encode(['a', 'x'], out)).toBe(1)
  expect(out.bytes.subarray(0, out.position).toString('hex')).toBe(before)
  expect(encoder.explain(['a', 'x']).map(({ column, code }) => [column, code])).toEqual([[1, 'NOT_AN_INTEGER']])
  expect(encoder.counts()[0]?.mapped).toEqual(new Map([['a', 1]]))
})

test('rules are counted: maps by stored text, epochs, and what was lost by permission', () => {
  const encoder = compileRow([
    castTo(role, {
      map: [
        ['INDIVIDUAL', 'STUDENT'],
        ['', null],
      ],
    }),
    castTo(builtinType('timestamptz'), { epoch: 's' }),
    castTo(builtinType('numeric(5,1)'), { allowLossy: true, map: [['2', '2.55']] }),
  ])
  const out = createCopyBuffer()
  const rows: SourceValue[][] = [
    ['INDIVIDUAL', 1, 1.25],
    ['INDIVIDUAL', '2024-01-01T00:00:00Z', 2],
    ['', '5', 2n],
    ['TEACHER', null, 1.5],
  ]
  for (const row of rows) expect(encoder.encode(row, out)).toBe(-1)
  expect(encoder.counts()).toEqual([
    {
      mapped: new Map([
        ['INDIVIDUAL', 2],
        ['', 1],
      ]),
      epoch: 0,
      lossy: 0,
    },
    { mapped: new Map(), epoch: 2, lossy: 0 },
    { mapped: new Map([['2', 2]]), epoch: 0, lossy: 3 },
  ])
})

test('a map may not lead to NULL where none is taken, and its result is judged like text', () => {
  const encoder = compileRow([
    castTo(
      builtinType('int4'),
      {
        map: [
          ['', null],
          ['none', '01'],
          ['__proto__', '7'],
        ],
      },
      true,
    ),
  ])
  const out = createCopyBuffer()
  expect(encoder.encode(['__proto__'], out)).toBe(-1)
  expect(encoder.explain([''])[0]?.code).toBe('NULL_NOT_ALLOWED')
  expect(encoder.explain([null])[0]?.code).toBe('NULL_NOT_ALLOWED')
  expect(encoder.explain(['none'])[0]).toMatchObject({
    code: 'NOT_AN_INTEGER',
    example: '"none" as "01"',
    reason: 'in "none": "01" is no integer',
  })
})

test('the remedy maps what is stored: not what an earlier map made of it, and no part of it', () => {
  const mapped = compileRow([castTo(role, { map: [['PUPIL', 'STUDNT']] })])
  expect(mapped.explain(['PUPIL'])[0]).toMatchObject({
    example: '"PUPIL" as "STUDNT"',
    remedy: `--map '{column}:PUPIL=<label>'`,
  })
  const roles = { ...builtinType('text[]'), element: role }
  expect(compileRow([castTo(roles)]).explain(['["STUDNT"]'])[0]).toMatchObject({ code: 'UNKNOWN_LABEL', remedy: null })
})

test('a type that cannot be sent yet is named, with a way round', () => {
  const odd = { ...builtinType('text'), oid: 2279, name: 'trigger', kind: 'pseudo' as const }
  expect(explain(odd, '10.0.0.1')).toMatchObject({
    reason: '"10.0.0.1" cannot be sent: the type trigger is not supported',
    remedy:
      'make {column} text in the target, and after the crossing ALTER TABLE … ALTER COLUMN … TYPE trigger USING …::trigger',
  })
  expect(explain(odd, null)).toBeUndefined()
})

test('a misfit says what, why and what to write', () => {
  expect(explain('int4', 'lots-of-it')).toEqual({
    column: 0,
    code: 'NOT_AN_INTEGER',
    verdict: 'impossible',
    storageClass: 'text',
    reason: '"lots-of-it" is no integer',
    example: '"lots-of-it"',
    remedy: null,
  })
  expect(explain('bool', "it's")?.remedy).toBe(`--map '{column}:it'\\''s=<true or false>'`)
  expect(explain('bool', 2)?.remedy).toBe(`--map '{column}:2=<true or false>'`)
  expect(explain(role, 'STUDNET')?.remedy).toBe(`--map '{column}:STUDNET=STUDENT'`)
  expect(explain(role, 'student ')?.remedy).toBe(`--map '{column}:student =STUDENT'`)
  expect(explain(role, 'INDIVIDUAL')).toMatchObject({
    reason: '"INDIVIDUAL" is no label of public.role (STUDENT, TEACHER)',
    remedy: `--map '{column}:INDIVIDUAL=<label>'`,
  })
  expect(explain('numeric(4,1)', 1.25)).toMatchObject({ verdict: 'lossy', remedy: "--allow-lossy '{column}'" })
  expect(explain('timestamptz', '2024-01-01')?.remedy).toBe('--timezone UTC')
  expect(explain('int4[]', '[1, "x"]')?.reason).toBe('in "[1, \\"x\\"]": "x" is no integer')
  expect(explain('varchar(2)', '日本語')?.reason).toContain('has 3 characters, and character varying(2) would cut it')
})

test('the suggested unit follows the magnitude, and a Julian day gets none', () => {
  const unit = (value: SourceValue) => explain('timestamptz', value)?.remedy
  expect(unit(1704164645)).toBe("--epoch '{column}=s'")
  expect(unit(1704164645123)).toBe("--epoch '{column}=ms'")
  expect(unit(1704164645123456n)).toBe("--epoch '{column}=us'")
  expect(unit('1704164645')).toBe("--epoch '{column}=s'")
  expect([2460311.5, 2460311, 20240102, '20240102', 170416].map(unit)).toEqual([null, null, null, null, null])
})

test('every misfit of a row is listed, in the order of the columns', () => {
  const encoder = compileRow([
    castTo(builtinType('int4')),
    castTo(builtinType('uuid')),
    castTo(builtinType('text')),
    castTo(builtinType('date'), { allowLossy: true }),
  ])
  expect(encoder.explain(['x', 'y', 'fine', '2024-01-01 10:00']).map(({ column, code }) => [column, code])).toEqual([
    [0, 'NOT_AN_INTEGER'],
    [1, 'NOT_A_UUID'],
  ])
})
