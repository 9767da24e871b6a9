import fc from 'fast-check'

export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json }

const sign = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...'ab01'.split('')) },
  {
    weight: 2,
    arbitrary: fc.constantFrom(
      ...'"\\/\b\f\n\r\t\x01\x1f\x7f'.split(''),
      'é',
      '日',
      '👢',
      '\ufeff',
      '\uffff',
      '\ud7ff',
    ),
  },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }).filter((one) => one !== '\0') },
)
export const jsonString = fc.string({ unit: sign, maxLength: 8 })
export const { value: jsonValue } = fc.letrec<{ value: Json }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.oneof(jsonString, fc.integer(), fc.constantFrom(0, 1.5, -0.25, 1e20, true, false, null)),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(jsonString, tie('value'), { maxKeys: 6 }),
  ),
}))

/** As any program may write it: `pick(n)` chooses among n ways. */
export function written(json: Json, pick: (ways: number) => number): string {
  const blank = (): string => ['', '', '', ' ', '\n\t', '\r '][pick(6)]!
  const list = (open: string, items: readonly string[], shut: string): string =>
    `${blank()}${open}${blank()}${items.map((item) => `${item}${blank()}`).join(`,${blank()}`)}${shut}${blank()}`
  if (typeof json === 'string') {
    const units = [...json].flatMap((point) => {
      const escapes = Array.from({ length: point.length }, (_, i) => point.charCodeAt(i).toString(16).padStart(4, '0'))
      const ways = [JSON.stringify(point).slice(1, -1), `\\u${escapes.join('\\u')}`, point === '/' ? '\\/' : null]
      return ways[pick(3)] ?? ways[0]!
    })
    return `"${units.join('')}"`
  }
  if (typeof json !== 'object' || json === null) return JSON.stringify(json)
  if (Array.isArray(json))
    return list(
      '[',
      (json as readonly Json[]).map((item) => written(item, pick)),
      ']',
    )
  const members = Object.entries(json).map(
    ([key, item]) => [pick(1000), `${written(key, pick)}${blank()}:${blank()}${written(item, pick)}`] as const,
  )
  return list(
    '{',
    members.toSorted(([a], [b]) => a - b).map(([, member]) => member),
    '}',
  )
}

export const picks = fc.infiniteStream(fc.nat()).map(
  (stream) =>
    (ways: number): number =>
      stream.next().value! % ways,
)
