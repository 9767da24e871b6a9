import type { PgType, SourceValue } from '@rowferry/introspect'
import type { Cast, ValueRules } from '../src/index.ts'
import { builtinType, compileRow, createCopyBuffer } from '../src/index.ts'

export function castTo(type: PgType, rules: ValueRules = {}, notNull = false): Cast {
  return { column: 'v', target: 'v', type, notNull, rules, because: 'the test says so' }
}

/** What one cell comes to: its bytes without the row's header, or its misfit's code and verdict. */
export function encodeCell(
  type: PgType,
  value: SourceValue,
  rules: ValueRules = {},
  integers: 'auto' | 'bigint' = 'auto',
): Buffer | string {
  const encoder = compileRow([castTo(type, rules)], { integers })
  const out = createCopyBuffer(2)
  if (encoder.encode([value], out) === -1) return out.bytes.subarray(2, out.position)
  const [misfit] = encoder.explain([value])
  if (misfit === undefined || out.position !== 0) throw new Error('encode and explain disagree')
  return `${misfit.code} ${misfit.verdict}`
}

/** A misfit's code and verdict, or `fits`. */
export function judge(
  type: PgType | string,
  value: SourceValue,
  rules?: ValueRules,
  integers?: 'auto' | 'bigint',
): string {
  const cell = encodeCell(typeof type === 'string' ? builtinType(type) : type, value, rules, integers)
  return typeof cell === 'string' ? cell : 'fits'
}

/** Each line says how all of its values are to be judged. Returns those that were judged otherwise, and how. */
export function misjudged(
  type: PgType | string,
  lines: readonly (readonly [judgement: string, ...values: SourceValue[]])[],
  rules?: ValueRules,
): unknown[] {
  return lines.flatMap(([judgement, ...values]) =>
    values.map((value) => [value, judge(type, value, rules)] as const).filter(([, found]) => found !== judgement),
  )
}
