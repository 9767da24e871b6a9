import fc from 'fast-check'

/* Texts as PostgreSQL's types spell them, and some that only look so. */

const two = (value: number, width = 2): string => String(value).padStart(width, '0')
export const day = fc
  .tuple(
    fc.oneof(fc.integer({ min: 1, max: 9999 }), fc.integer({ min: 1900, max: 2100 })),
    fc.integer({ min: 1, max: 12 }),
    fc.integer({ min: 1, max: 31 }),
  )
  .map(([y, m, d]) => `${two(y, 4)}-${two(m)}-${two(d)}`)
export const fraction = fc.constantFrom(
  '',
  '',
  '.5',
  '.120',
  '.123456',
  '.000001',
  '.999999',
  '.1234567',
  '.9999999',
  '.1000000',
)
export const clock = fc
  .tuple(fc.integer({ min: 0, max: 24 }), fc.integer({ min: 0, max: 60 }), fc.integer({ min: 0, max: 60 }), fraction)
  .map(([h, m, s, f]) => `${two(h)}:${two(m)}:${two(s)}${f}`)
export const offset = fc.constantFrom(
  'Z',
  '+00',
  '+00:00',
  '+05:45',
  '-08',
  '-0330',
  '+14:00',
  '+15:59:59',
  '+16',
  ' +02:00',
  ' UTC',
  ' Europe/Paris',
  ' IST',
)
export const moment = fc.tuple(day, fc.constantFrom(' ', 'T'), clock).map((parts) => parts.join(''))
export const zoned = fc.tuple(moment, offset).map((parts) => parts.join(''))
const digits = (min: number, max: number) =>
  fc.string({ unit: fc.constantFrom(...Array.from('0123456789')), minLength: min, maxLength: max })
export const decimal = fc
  .tuple(fc.constantFrom('', '', '-', '+'), digits(1, 14), digits(0, 9), fc.constantFrom('', '', '', 'e2', 'E-3'))
  .map(([sign, whole, rest, e]) => `${sign}${whole.replace(/^0+(?=\d)/, '')}${rest === '' ? '' : `.${rest}`}${e}`)
export const whole = fc
  .tuple(fc.constantFrom('', '', '-', '+', ' '), fc.oneof(digits(1, 5), digits(9, 10), digits(18, 20)))
  .map((parts) => parts.join(''))
export const letters = fc.string({
  unit: fc.constantFrom(...Array.from('ab Zé日👢\t"\\\'{},\u0301\ufeff')),
  maxLength: 9,
})
export const json = fc.oneof(
  fc.jsonValue({ maxDepth: 3 }).map((value) => JSON.stringify(value)),
  fc.jsonValue({ maxDepth: 2 }).map((value) => JSON.stringify(value, null, 1)),
  fc.constantFrom(
    '{"a":1,"a":2}',
    '1e400',
    '-0',
    '1.0',
    '"\\u0000"',
    '"\\ud800"',
    '"\\ud83d\\ude00"',
    '[1.50, 2]',
    '{"b":1, "a":[{}]}',
    'null',
    '"{\\"a\\":1}"',
    'NaN',
    "{'a':1}",
    '12345678901234567890.10',
    '{"":0}',
  ),
)
export const hex = (bytes: number) =>
  fc.string({
    unit: fc.constantFrom(...Array.from('0123456789abcdefABCDEF')),
    minLength: bytes * 2,
    maxLength: bytes * 2,
  })
const words = fc.constantFrom('NaN', 'Infinity', '-Infinity', 'inf', '-inf', '+Infinity', 'nan', '', 'null', 'true')
export const one = (...texts: string[]): fc.Arbitrary<string> => fc.constantFrom(...texts)
export const mostly = (main: fc.Arbitrary<string>, rest: fc.Arbitrary<string>) =>
  fc.oneof({ weight: 4, arbitrary: main }, { weight: 1, arbitrary: rest })
export const list = (item: fc.Arbitrary<string>, quoted: boolean): fc.Arbitrary<string> => {
  const items = fc.array(fc.option(item, { freq: 6 }), { maxLength: 3 })
  const literal = (each: readonly (string | null)[]): string =>
    `{${each.map((part) => (part === null ? 'NULL' : quoted ? `"${part.replaceAll(/["\\]/g, '\\$&')}"` : part)).join()}}`
  return fc.oneof(
    items.map(literal),
    items.map((each) =>
      JSON.stringify(
        quoted ? each : each.map((part) => (part !== null && /^-?\d{1,9}$/.test(part) ? Number(part) : part)),
      ),
    ),
    fc.tuple(items, items).map((rows) => `{${rows.map(literal).join()}}`),
    items.map((each) => `[0:${each.length - 1}]=${literal(each)}`),
  )
}

export const bits = (min: number, max: number) =>
  fc.string({ unit: fc.constantFrom('0', '1'), minLength: min, maxLength: max })
export const range = (bound: fc.Arbitrary<string>) =>
  mostly(
    fc
      .tuple(
        one('[', '('),
        fc.option(bound, { nil: '', freq: 6 }),
        fc.option(bound, { nil: '', freq: 6 }),
        one(']', ')'),
      )
      .map(([open, a, b, close]) => `${open}${a},${b}${close}`),
    one('empty', '[]', '[now,)', '["1","5"]', '(,)', '[ 1 , 5 ]'),
  )
export const number = fc.oneof(whole, decimal, words)

/** Every type of the product's list. `spells`: what this server can do besides. */
