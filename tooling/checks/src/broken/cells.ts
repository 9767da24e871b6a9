type Stored = number | bigint | string | Uint8Array | null

/** Values of one type, and what encoders that are wrong in one way each would make of them. */
export interface BrokenType {
  /** `pg_type.typname`, or what kind of type it is. */
  readonly type: string
  readonly declared: string
  readonly options?: {
    readonly epoch?: 'ms' | 's'
    readonly map?: readonly [string, string]
    readonly timezone?: string
  }
  readonly mutants: readonly (readonly [fault: string, stored: Stored, sent: Stored])[]
}

const bytes = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex, 'hex'))

export const brokenTypes: readonly BrokenType[] = [
  {
    type: 'bool',
    declared: 'boolean',
    mutants: [
      ['inverted', 1, 0],
      ['a word inverted', 'true', 'false'],
      ['false as NULL', 0, null],
    ],
  },
  {
    type: 'int2',
    declared: 'smallint',
    mutants: [
      ['off by one', 7, 8],
      ['sign lost', -7, 7],
      ['one byte kept', 256, 0],
    ],
  },
  {
    type: 'int4',
    declared: 'integer',
    mutants: [
      ['two bytes kept', 65_536, 0],
      ['text cut', '1234', '123'],
      ['NULL as 0', null, 0],
    ],
  },
  {
    type: 'int8',
    declared: 'bigint',
    mutants: [
      ['rounded past 2^53', 9_007_199_254_740_993n, 9_007_199_254_740_992n],
      ['four bytes kept', 4_294_967_297n, 1],
      ['greatest off by one', 9_223_372_036_854_775_807n, 9_223_372_036_854_775_806n],
    ],
  },
  { type: 'oid', declared: 'oid', mutants: [['as if with a sign', 4_294_967_295, 2_147_483_647]] },
  {
    type: 'float4',
    declared: 'real',
    mutants: [
      ['the neighbour', 0.1, 0.100_000_01],
      ['sign lost', -1.5, 1.5],
    ],
  },
  {
    type: 'float8',
    declared: 'double precision',
    mutants: [
      ['rounded to float32', 0.1, Math.fround(0.1)],
      ['-0.0 lost', -0, 0],
      ['last bit', 0.1 + 0.2, 0.3],
      ['subnormal as 0', 5e-324, 0],
    ],
  },
  {
    type: 'numeric',
    declared: 'numeric',
    mutants: [
      ['a digit lost', '12345678901234567890.123', '12345678901234567890.12'],
      ['through a double', '12345678901234567890.123', '12345678901234567168'],
      ['scale lost', '1.10', '1.1'],
      ['sign lost', '-0.001', '0.001'],
    ],
  },
  {
    type: 'numeric',
    declared: 'numeric(12,2)',
    mutants: [
      ['a cent', '10.25', '10.24'],
      ['a tenth', 10.5, 10.05],
    ],
  },
  {
    type: 'text',
    declared: 'text',
    mutants: [
      ['trailing blank trimmed', 'a ', 'a'],
      ['U+FFFD for a character', 'é', '\ufffd'],
      ['another normal form', '\u00e9', 'e\u0301'],
      ['empty as NULL', '', null],
      ['NULL as empty', null, ''],
      ['half of a pair', '👢x', 'x'],
      ['line ends', 'a\r\nb', 'a\nb'],
      ['mark dropped', '\ufeffa', 'a'],
      ['as a number', '0012', '12'],
      ['cut', 'x'.repeat(300), 'x'.repeat(299)],
      ['case folded', 'Bob', 'bob'],
    ],
  },
  {
    type: 'varchar',
    declared: 'varchar(20)',
    mutants: [
      ['cut', 'twenty characters..', 'twenty characters.'],
      ['trailing blank trimmed', 'a ', 'a'],
    ],
  },
  {
    type: 'bpchar',
    declared: 'char(8)',
    mutants: [
      ['leading blank trimmed', ' a', 'a'],
      ['inner blank', 'a b', 'a  b'],
    ],
  },
  { type: 'name', declared: 'name', mutants: [['a letter', 'abc', 'abd']] },
  {
    type: 'bytea',
    declared: 'bytea',
    mutants: [
      ['as text of its digits', bytes('dead'), Uint8Array.from(Buffer.from('dead'))],
      ['as text', bytes('ff41'), Uint8Array.from(Buffer.from('\ufffdA'))],
      ['last byte lost', bytes('010200'), bytes('0102')],
      ['order of bytes', bytes('0102'), bytes('0201')],
      ['empty as NULL', bytes(''), null],
    ],
  },
  {
    type: 'uuid',
    declared: 'uuid',
    mutants: [
      ['byte order', '00112233-4455-6677-8899-aabbccddeeff', '33221100-5544-7766-8899-aabbccddeeff'],
      ['a digit', bytes('00112233445566778899aabbccddeeff'), bytes('00112233445566778899aabbccddeefe')],
    ],
  },
  {
    type: 'date',
    declared: 'date',
    mutants: [
      ['a day later', '2024-02-28', '2024-02-29'],
      ['a day earlier', '2024-03-01', '2024-02-29'],
      ['day and month', '2024-03-04', '2024-04-03'],
      ['before Christ', '0001-01-01', '0001-01-02'],
    ],
  },
  {
    type: 'time',
    declared: 'time',
    mutants: [
      ['off by one µs', '12:34:56.000001', '12:34:56'],
      ['twelve hours', '23:59:59', '11:59:59'],
    ],
  },
  {
    type: 'timestamp',
    declared: 'timestamp',
    mutants: [
      ['off by one µs', '2024-01-02 03:04:05.000001', '2024-01-02 03:04:05.000002'],
      ['cut to ms', '2024-01-02 03:04:05.123456', '2024-01-02 03:04:05.123'],
      ['an hour', '2024-07-02 03:04:05', '2024-07-02 04:04:05'],
      ['before the epoch', '1969-12-31 23:59:59.5', '1970-01-01 00:00:00.5'],
    ],
  },
  {
    type: 'timestamptz',
    declared: 'timestamptz',
    mutants: [
      ['offset ignored', '2024-01-02T03:04:05+05:30', '2024-01-02T03:04:05Z'],
      ['sign of the offset', '2024-01-02T03:04:05-08:00', '2024-01-02T03:04:05+08:00'],
      ['minutes of the offset', '2024-01-02T03:04:05+05:30', '2024-01-02T03:04:05+05:00'],
      ['off by one µs', '2024-01-02T03:04:05.999999Z', '2024-01-02T03:04:06Z'],
    ],
  },
  {
    type: 'interval',
    declared: 'interval',
    mutants: [
      ['a month as days', 'P1M', 'P30D'],
      ['a day as hours', 'P1D', 'PT24H'],
      ['a year as days', 'P1Y', 'P365D'],
      ['a µs', 'PT0.000001S', 'PT0S'],
      ['the sign', '-P1D', 'P1D'],
    ],
  },
  {
    type: 'json',
    declared: 'json',
    mutants: [
      ['blanks', '{"a": 1}', '{"a":1}'],
      ['order of keys', '{"b":1,"a":2}', '{"a":2,"b":1}'],
      ['digits', '[1.10]', '[1.1]'],
    ],
  },
  {
    type: 'jsonb',
    declared: 'jsonb',
    mutants: [
      ['a number rounded', '{"n": 12345678901234567890.5}', '{"n": 12345678901234567000}'],
      ['past 2^53', '[9007199254740993]', '[9007199254740992]'],
      ['order of an array', '[1, 2]', '[2, 1]'],
      ['null as NULL', 'null', null],
      ['a number as text', '[1]', '["1"]'],
      ['a key dropped', '{"a": null}', '{}'],
    ],
  },
  {
    type: 'enum',
    declared: 'mood',
    mutants: [
      ['the neighbour', 'calm', 'glad'],
      ['as NULL', 'glad', null],
    ],
  },
  {
    type: 'domain',
    declared: 'small',
    mutants: [['off by one', 3, 4]],
  },
  {
    type: 'array',
    declared: 'integer[]',
    mutants: [
      ['order of elements', '[1, 2]', '[2, 1]'],
      ['NULL dropped', '[1, null]', '[1]'],
      ['empty as NULL', '[]', null],
      ['flattened', '[[1, 2], [3, 4]]', '[1, 2, 3, 4]'],
    ],
  },
  {
    type: 'array',
    declared: 'text[]',
    mutants: [
      ['empty as NULL', '[""]', '[null]'],
      ['a comma as two', '["a,b"]', '["a", "b"]'],
    ],
  },
  {
    type: 'input',
    declared: 'inet',
    mutants: [
      ['the host of a network', '10.0.0.1/24', '10.0.0.0/24'],
      ['the mask', '10.0.0.1/24', '10.0.0.1'],
    ],
  },
  { type: 'input', declared: 'int4range', mutants: [['a bound', '[1,5)', '[1,5]']] },
  { type: 'input', declared: 'varbit', mutants: [['a leading 0', '0101', '101']] },
  { type: 'input', declared: 'timetz', mutants: [['the offset', '12:00:00+02', '12:00:00+00']] },
]
