import { InvalidText, type SourceValue } from '@rowferry/introspect'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { formOf } from './column.ts'
import type { ExpectedType } from './expectation.ts'
import { sameCanonical } from './form.ts'

const far = 2n ** 63n
const integers = [0n, 1n, -1n, far - 1n, -far, far, 2n * far - 1n, 2n * far, 2n * far + 1n, -far - 1n, 2n ** 53n + 1n]
const wholes = [0, -0, 1, -1, 2 ** 31, -(2 ** 31), 2 ** 32 - 1, 2 ** 53 - 1, 2 ** 53, 2 ** 63, -(2 ** 63)]
const reals = [0.5, 0.1, Infinity, -Infinity, Number.NaN, 5e-324, 16_777_217, Math.fround(0.1), 3.4e38, 1e39]
const texts = [
  '0',
  '1',
  '-0',
  'NaN',
  'infinity',
  '1e400',
  '',
  '2024-02-29',
  '2023-02-29',
  '0000-01-01',
  '10000-01-01',
  '0044-03-15 BC',
  '2024-01-01 24:00:00',
  '2024-01-01T00:00:00Z',
  '2024-01-01 00:00:60Z',
  '1999-12-31T23:59:59.999999+00:00',
  '00000000-0000-0000-0000-000000000000',
  '0000000g-0000-0000-0000-000000000000',
  '0000000٣-0000-0000-0000-0000000000/0',
  '\u0130'.repeat(36),
]
const blobs = [new Uint8Array(), new Uint8Array(16), new InvalidText(Uint8Array.of(0xff))]
const edges: readonly SourceValue[] = [...integers, ...wholes, ...reals, ...texts, ...blobs]
const value = fc.oneof(
  fc.constantFrom(...edges),
  fc.bigInt({ min: -far, max: far }),
  fc.double(),
  fc.integer(),
  fc.uuid(),
  fc.string({ unit: 'binary', maxLength: 40 }),
)

const fixed: readonly (readonly [ExpectedType, number])[] = [
  [{ kind: 'bool' }, 1],
  [{ kind: 'int2' }, 2],
  [{ kind: 'int4' }, 4],
  [{ kind: 'oid' }, 4],
  [{ kind: 'int8' }, 8],
  [{ kind: 'float4' }, 4],
  [{ kind: 'float8' }, 8],
  [{ kind: 'float8', digits: 12 }, 8],
  [{ kind: 'uuid' }, 16],
  [{ kind: 'date' }, 4],
  [{ kind: 'timestamp' }, 8],
  [{ kind: 'timestamptz' }, 8],
]

/** The bytes that a careless comparison could take for the value. */
function aliases(given: SourceValue, width: number): Buffer[] {
  const bytes = Buffer.alloc(16)
  const all = [Buffer.alloc(width), Buffer.alloc(width, 0xff), Buffer.alloc(width, 1)]
  if (typeof given === 'bigint') bytes.writeBigInt64BE(BigInt.asIntN(64, given))
  else if (typeof given === 'number') bytes.writeDoubleBE(given)
  else if (typeof given === 'string') bytes.write(given.replaceAll('-', '').slice(0, 32), 'hex')
  all.push(bytes.subarray(0, width), bytes.subarray(Math.max(0, 8 - width), Math.max(8, width)))
  if (typeof given === 'number') {
    const [single, whole] = [Buffer.alloc(16), Buffer.alloc(16)]
    single.writeFloatBE(given)
    whole.writeBigInt64BE(BigInt.asIntN(64, BigInt(Number.isFinite(given) ? Math.trunc(given) : 0)))
    all.push(single.subarray(0, width), whole.subarray(Math.max(0, 8 - width), Math.max(8, width)))
  }
  return all
}

test.for(fixed)('the quick answer to %o is never rash', ([type, width]) => {
  fc.assert(
    fc.property(value, fc.uint8Array({ minLength: width, maxLength: width }), (given, any) => {
      const form = formOf({ source: 'v', target: 'v', type }, { numbersAreReals: false })
      const bool = type.kind === 'bool'
      for (const cell of [Buffer.from(any), ...aliases(given, width)]) {
        if (bool && cell[0]! > 1) continue
        const bytes = Buffer.concat([Buffer.alloc(3, 0x30), cell, Buffer.alloc(3, 0x30)])
        const same = sameCanonical(form.ofSource(given), form.ofTarget(bytes, 3, width))
        expect({ cell, rash: form.obvious(bytes, 3, width, given) && !same }).toEqual({ cell, rash: false })
      }
    }),
    { numRuns: 400 },
  )
})

test('what is common is answered at once', () => {
  const quick = (type: ExpectedType, bytes: Buffer, given: SourceValue): boolean =>
    formOf({ source: 'v', target: 'v', type }, { numbersAreReals: false }).obvious(bytes, 0, bytes.length, given)
  fc.assert(
    fc.property(
      fc.bigInt({ min: -far, max: far - 1n }),
      fc.double({ noNaN: true }),
      fc.uuid(),
      (long, double, uuid) => {
        const bytes = Buffer.alloc(8)
        bytes.writeBigInt64BE(long)
        const answers = [quick({ kind: 'int8' }, bytes, long)]
        bytes.writeDoubleBE(double)
        answers.push(quick({ kind: 'float8' }, bytes, double))
        const id = Buffer.from(uuid.replaceAll('-', ''), 'hex')
        answers.push(quick({ kind: 'uuid' }, id, uuid), quick({ kind: 'uuid' }, id, uuid.toUpperCase()))
        expect(answers).toEqual([true, true, true, true])
      },
    ),
  )
})
