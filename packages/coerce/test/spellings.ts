import fc from 'fast-check'

/** What a type's texts may look like; every test text is one of these, bent a little or not at all. */
const spellings: Readonly<Record<string, readonly string[]>> = {
  boolean: ['0', '1', 't', 'f', 'true', 'false', 'yes', 'no', 'on', 'off', 'of', 'y', 'n', 'tru', 'maybe', '2'],
  integer: ['0', '-0', '7', '-32768', '32767', '32768', '2147483647', '-2147483648', '4294967295', '+5', '1.0', '1e3'],
  bigint: ['9223372036854775807', '-9223372036854775808', '9223372036854775808', '0x1F', '0b11', '1_000', '12'],
  float: ['0', '-0', '1.5', '1e308', '1e309', '5e-324', '1e-400', '3.4028235e38', '1.17549435e-38', '0.1', '.5', '5.'],
  words: ['NaN', 'Infinity', '-Infinity', 'inf', '-inf', 'nan', '+Infinity', 'null', ''],
  numeric: [
    '12345678901234567890.123456789',
    '-0.00',
    '1.10',
    '150',
    '1e10',
    '1.5e-7',
    '99999999.99',
    '0.005',
    '1e131071',
  ],
  text: ['', 'abc', 'abcde', 'abcdef', 'ab   ', '   ', 'é日本', '👢', '\\N', '{a,b}', "it's", 'a\tb\n', '\ufeffx'],
  uuid: [
    '550e8400-e29b-41d4-a716-446655440000',
    '550E8400E29B41D4A716446655440000',
    '{550e8400-e29b-41d4-a716-446655440000}',
    '550e-8400-e29b-41d4-a716-4466-5544-0000',
  ],
  date: [
    '2024-02-29',
    '2023-02-29',
    '1900-02-29',
    '0001-01-01',
    '0000-01-01',
    '9999-12-31',
    '10000-01-01',
    '5874897-12-31',
    '5874898-01-01',
    '4713-01-01 BC',
    '0044-03-15 BC',
    '20240102',
    '170416',
    '2024.002',
    '01/02/2024',
    '13/02/2024',
    '2024-1-2',
    '2024-W01-1',
    '2024-002',
    'Jan 2 2024',
    '2 January 2024',
    'now',
    'today',
    'epoch',
    'infinity',
    '-infinity',
    'J2460311',
  ],
  time: [
    '00:00:00',
    '23:59:59.999999',
    '24:00:00',
    '24:00:01',
    '23:59:60',
    '12:30',
    '1:2:3',
    '12:30:00.1234567',
    '12:30 PM',
    '03:04:05Z',
    '03:04:05+02',
    '03:04:05.000001',
    '030405',
    '0304',
    'T03:04:05',
    'allballs',
    'now',
    '12:60:00',
    '25:00',
  ],
  timestamp: [
    '2024-01-02 03:04:05',
    '2024-01-02T03:04:05.123456',
    '2024-01-02T03:04',
    '2024-01-02 24:00:00',
    '2024-12-31 23:59:60',
    '2024-01-02 03:04:05.1234567',
    '2024-01-02',
    '294276-12-31 23:59:59.999999',
    '294277-01-01',
    '4714-11-24 00:00:00 BC',
    '2024-01-02 3:4:5',
    '20240102T030405',
    '2024-01-02  03:04:05',
    '2024-01-02 03:04:05 BC',
    '2024-01-02_03:04:05',
  ],
  zoned: [
    '2024-01-02 03:04:05Z',
    '2024-01-02T03:04:05+05:30',
    '2024-01-02 03:04:05-08',
    '2024-01-02 03:04:05+0545',
    '2024-01-02 03:04:05 +02:00',
    '2024-01-02 03:04:05+15:59:59',
    '2024-01-02 03:04:05+16',
    '2024-01-02 03:04:05 UTC',
    '2024-01-02 03:04:05 EST',
    '2024-01-02 03:04:05 IST',
    '2024-01-02 03:04:05 Europe/Paris',
    '2024-01-02Z',
    '2024-01-02 03:04+02',
    '2024-01-02 03:04:05.5 z',
    '2024-01-02 03:04:05-00:00',
  ],
  interval: [
    '1 day',
    '01:02:03',
    '1 year 2 mons',
    'P1Y2M3DT4H5M6.5S',
    'PT1H',
    '-1 day +02:03:04',
    '1 day ago',
    '@ 1 hour',
    '1-2',
    '1 2:03:04',
    'P1W',
    '-P1Y2M3DT4H5M6.5S',
    'P+1D',
    '1.5 days',
    'P0.5Y',
    '12:30',
    '100000000 years',
    '1 mon -1 days',
    '-00:00:01.000001',
    'P-1Y',
    'infinity',
    '5',
  ],
  json: [
    '{}',
    '[]',
    'null',
    'true',
    '"a"',
    '1',
    '-0',
    '1e400',
    '{"a":1,"b":[2,{"c":null}]}',
    '{"a":1,"a":2}',
    '"\\u0000"',
    '"\\ud800"',
    '"\\ud83d\\ude00"',
    ' [1 , 2] ',
    "{'a':1}",
    '[1,]',
    '{"a":01}',
    '1.0',
    '1E5',
    '"\\x"',
    '"a\tb"',
    'NaN',
    '12345678901234567890.10',
  ],
  array: [
    '{}',
    '{1,2,3}',
    '{1,NULL}',
    '[1,2]',
    '{"1","2"}',
    '{{1,2},{3,4}}',
    '[0:1]={5,6}',
    '{1,{2}}',
    '{ 1 , 2 }',
    '{1,}',
    '{a,"b c"}',
    '[]',
    '["a","b"]',
    '[null]',
    '{null}',
    '{"null"}',
    '{2024-01-02}',
    '[[1],[2]]',
    '{1.5,-0.10}',
    '{""}',
    '{"a\\"b"}',
    '[1.50]',
    '[1e2]',
  ],
}

const touches = [
  ...Array.from(' +-.:,;/\\"\'eETZtz_0129{}[]()x\t\u00a0é'),
  '  ',
  ' BC',
  'Z',
  '00',
  '.0',
  '+02',
  'e3',
  'NaN',
]

/** One of the families' texts after up to three small changes, half of them unchanged. */
export function bentText(families: readonly string[]): fc.Arbitrary<string> {
  const change = fc.record({
    at: fc.nat(40),
    kind: fc.constantFrom('insert', 'replace', 'remove', 'double', 'case'),
    touch: fc.constantFrom(...touches),
  })
  return fc
    .tuple(
      fc.constantFrom(...families.flatMap((family) => spellings[family] ?? [])),
      fc.oneof(fc.constant([]), fc.array(change, { maxLength: 3 })),
    )
    .map(([seed, changes]) => {
      let text = seed
      for (const { at, kind, touch } of changes) {
        const i = text.length === 0 ? 0 : at % (text.length + 1)
        if (kind === 'insert') text = text.slice(0, i) + touch + text.slice(i)
        else if (kind === 'replace') text = text.slice(0, i) + touch + text.slice(i + 1)
        else if (kind === 'remove') text = text.slice(0, i) + text.slice(i + 1)
        else if (kind === 'double') text = text.slice(0, i) + text.slice(Math.max(0, i - 1))
        else text = at % 2 === 0 ? text.toUpperCase() : text.toLowerCase()
      }
      return text.toWellFormed()
    })
}

/** PostgreSQL's own literal of an array of up to three such texts, all but the plain ones between quotes. */
export function bentArray(families: readonly string[]): fc.Arbitrary<string> {
  const item = fc.option(bentText(families), { freq: 6 })
  const write = (text: string | null): string =>
    text === null
      ? 'NULL'
      : /^\w+$/.test(text) && text.toLowerCase() !== 'null'
        ? text
        : `"${text.replaceAll(/["\\]/g, '\\$&')}"`
  const literal = (items: readonly (string | null)[]): string => `{${items.map(write).join()}}`
  return fc.oneof(
    fc.array(item, { maxLength: 3 }).map(literal),
    fc
      .tuple(fc.array(item, { minLength: 2, maxLength: 2 }), fc.array(item, { minLength: 2, maxLength: 2 }))
      .map((rows) => `{${rows.map(literal).join()}}`),
  )
}
