import type { epochUnits, mendNames, ValueRules } from '@rowferry/coerce'
import type { CrossingOptionsInput } from '@rowferry/migrate'

/** A rule with values that it changes: the examiner must come to the same with it, and to something else without it. */
export interface RuleCase {
  readonly declared: string
  /** As SQLite's SQL. */
  readonly stored: readonly string[]
  readonly rule: (column: string) => CrossingOptionsInput
}

type Mend = (typeof mendNames)[number]
type Unit = (typeof epochUnits)[number]
/** The kinds of rules that coerce knows; one more is an error of types here. */
export type Rule = Mend | `epoch ${Unit}` | Exclude<keyof ValueRules, 'mends' | 'epoch'> | 'allowLossy of a scale'

const epoch = (unit: Unit, stored: string): RuleCase => ({
  declared: 'timestamptz',
  stored: [stored],
  rule: (column) => ({ epoch: [{ column, unit }] }),
})

export const ruleCases: Readonly<Record<Rule, RuleCase>> = {
  'replace-invalid': {
    declared: 'text',
    stored: ["cast(x'61ff62' as text)", "cast(x'e282' as text)"],
    rule: (column) => ({ replaceInvalid: [column] }),
  },
  'decode-jsonb': {
    declared: 'jsonb',
    stored: [`jsonb('{"a":[1,2.5,null]}')`],
    rule: (column) => ({ decodeJsonb: [column] }),
  },
  'decode-text': {
    declared: 'bigint',
    stored: ["cast('9007199254740993' as blob)"],
    rule: (column) => ({ decodeText: [column] }),
  },
  'strip-nul': {
    declared: 'text',
    stored: ["'a' || char(0) || 'b'", 'char(0)'],
    rule: (column) => ({ stripNul: [column] }),
  },
  trim: { declared: 'text', stored: ["'  a '", "char(9) || 'b'"], rule: (column) => ({ trim: [column] }) },
  'empty-as-null': { declared: 'text', stored: ["''"], rule: (column) => ({ emptyAsNull: [column] }) },
  'zero-date-as-null': {
    declared: 'date',
    stored: ["'0000-00-00'", "'0000-00-00 00:00:00'"],
    rule: (column) => ({ zeroDateAsNull: [column] }),
  },
  'json-unwrap': {
    declared: 'jsonb',
    stored: [`'"{\\"a\\": 1}"'`],
    rule: (column) => ({ jsonUnwrap: [column] }),
  },
  'epoch s': epoch('s', '1700000001'),
  'epoch ms': epoch('ms', '1700000001002'),
  'epoch us': epoch('us', '1700000001000002'),
  'epoch ns': epoch('ns', '1700000001000002000'),
  'epoch julian': epoch('julian', '2460000.75'),
  'epoch apple': epoch('apple', '700000001'),
  'epoch apple-ns': epoch('apple-ns', '700000001000002000'),
  'epoch webkit': epoch('webkit', '13345678901000002'),
  'epoch ticks': epoch('ticks', '638400000000000010'),
  map: {
    declared: 'text',
    stored: ["'OLD'", "'other'"],
    rule: (column) => ({ map: [{ column, from: 'OLD', to: 'new' }] }),
  },
  timezone: { declared: 'timestamptz', stored: ["'2024-07-01 12:00:00'"], rule: () => ({ timezone: 'Europe/Paris' }) },
  allowLossy: { declared: 'varchar(3)', stored: ["'abcdef'"], rule: (column) => ({ allowLossy: [column] }) },
  'allowLossy of a scale': {
    declared: 'numeric(6,1)',
    stored: ["'1.25'", '2.75'],
    rule: (column) => ({ allowLossy: [column] }),
  },
}
