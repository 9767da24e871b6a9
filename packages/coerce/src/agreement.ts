import type { PgType, SourceValue } from '@rowferry/introspect'
import type { Cast, ValueRules } from './cast.ts'
import { resolveDomain } from './compile-cell.ts'
import type { IntegerMode } from './example.ts'
import { storedText } from './example.ts'
import type { MendName } from './mends/mend.ts'
import { compileMends } from './mends/mend.ts'

/** Told of what the rules do to a value. */
export interface AgreementNotes {
  mended(name: MendName): void
  mapped(stored: string): void
}

const silent: AgreementNotes = { mended: () => {}, mapped: () => {} }

/** Mends, then the map: what a stored value is to be taken for. Null where the rules name neither. */
export function agreement(
  rules: Pick<ValueRules, 'mends' | 'map'>,
  type: PgType,
  integers: IntegerMode,
  notes: AgreementNotes = silent,
): ((value: SourceValue) => SourceValue) | null {
  const mends = compileMends(rules.mends ?? [], type)
  const map = new Map(rules.map ?? [])
  if (mends.length === 0 && map.size === 0) return null
  return (stored) => {
    let value = stored
    for (let i = 0; i < mends.length && value !== null; i++) {
      const [name, mend] = mends[i] as (typeof mends)[number]
      const before = value
      value = mend(before)
      if (value !== before) notes.mended(name)
    }
    const text = map.size === 0 ? null : wordFor(map, value, integers)
    const replacement = text === null ? undefined : map.get(text)
    if (replacement === undefined) return value
    notes.mapped(text as string)
    return replacement
  }
}

/** The text under which the map has a value: its own, or of a whole real that of the integer which it equals. */
function wordFor(map: ReadonlyMap<string, unknown>, value: SourceValue, integers: IntegerMode): string | null {
  const text = storedText(value, integers)
  const whole = typeof value === 'number' && text !== null && text.endsWith('.0') && !map.has(text)
  return whole ? text.slice(0, -2) : text
}

/** A cast's mends and map as a function of stored values. `integers` as in `EncoderOptions`. */
export function agreedValue(
  cast: Pick<Cast, 'type' | 'rules'>,
  integers: IntegerMode = 'auto',
): (value: SourceValue) => SourceValue {
  return agreement(cast.rules, resolveDomain(cast.type).type, integers) ?? ((value) => value)
}
