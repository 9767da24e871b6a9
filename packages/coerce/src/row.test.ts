import type { PgType, SourceValue } from '@rowferry/introspect'
import { InvalidText } from '@rowferry/introspect'
import { expect, test } from 'vitest'
import { castTo } from '../test/judge.ts'
import { agreedValue, builtinType, compileRow, createCopyBuffer } from './index.ts'
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
      mended: new Map(),
      epoch: 0,
      lossy: 0,
      wrapped: 0,
    },
    { mended: new Map(), mapped: new Map(), epoch: 2, lossy: 0, wrapped: 0 },
    { mended: new Map(), mapped: new Map([['2', 2]]), epoch: 0, lossy: 3, wrapped: 0 },
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
    value: 'lots-of-it',
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
  expect(explain('timestamptz', '2024-01-01')?.remedy).toMatch(/^name the zone whose clock/)
  expect(explain('int4[]', '[1, "x"]')?.reason).toBe('in "[1, \\"x\\"]": "x" is no integer')
  expect(explain('varchar(2)', '日本語')?.reason).toContain('has 3 characters, and character varying(2) would cut it')
})

test('mends are offered where they alone make a value fit, the mildest first', () => {
  const remedy = (type: string, value: SourceValue) => explain(type, value)?.remedy
  expect(remedy('int4', ' 5 ')).toBe("--trim '{column}'")
  expect(remedy('uuid', '')).toBe("--empty-as-null '{column}'")
  expect(remedy('bool', ' \t')).toBe("--trim '{column}' --empty-as-null '{column}'")
  expect(remedy('date', '0000-00-00 00:00:00')).toBe("--zero-date-as-null '{column}'")
  expect(remedy('text', 'a\0b')).toBe("--strip-nul '{column}'")
  expect(remedy('jsonb', String.raw`"\u0000"`)).toBe("--strip-nul '{column}'")
  expect(remedy('jsonb', Buffer.from('2b133111', 'hex'))).toBeNull()
  expect(remedy('jsonb', Buffer.from('2b1331', 'hex'))).toBe("--decode-jsonb '{column}'")
  expect(remedy('int8', Buffer.from('12345'))).toBe("--decode-text '{column}'")
  expect(remedy('jsonb', Buffer.from('{"a":1}'))).toBe("--decode-text '{column}'")
  expect(remedy('text', Buffer.from('ff', 'hex'))).toBeNull()
  expect(remedy('text', new InvalidText(Buffer.from('61ff00', 'hex')))).toBe(
    "--replace-invalid '{column}' --strip-nul '{column}'",
  )
  expect(remedy('varchar(2)', 'ab  ')).toBe("--trim '{column}'")
  expect(remedy('int4', 'x')).toBeNull()
  const strict = compileRow([castTo(builtinType('int4'), {}, true)])
  expect(strict.explain([''])[0]?.remedy).toBeNull()
})

test('mends come first and in their own order, then the map, and all are counted', () => {
  const encoder = compileRow([
    castTo(builtinType('text'), {
      mends: ['empty-as-null', 'trim'],
      map: [
        ['none', null],
        ['a', 'b'],
      ],
    }),
  ])
  const out = createCopyBuffer()
  for (const value of [' none', ' ', 'a ', '', 'c']) expect(encoder.encode([value], out)).toBe(-1)
  expect(encoder.counts()[0]).toMatchObject({
    mended: new Map([
      ['trim', 3],
      ['empty-as-null', 2],
    ]),
    mapped: new Map([
      ['none', 1],
      ['a', 1],
    ]),
  })
  expect(agreedValue(castTo(builtinType('text'), { mends: ['trim'], map: [['x', 'y']] }))(' x')).toBe('y')
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
