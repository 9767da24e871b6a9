import type { PgType, SourceValue } from '@rowferry/introspect'
import { agreement } from '../agreement.ts'
import { createCopyBuffer } from '../buffer.ts'
import type { Cast } from '../cast.ts'
import type { CopyBuffer } from '../encoder.ts'
import type { IntegerMode } from '../example.ts'
import type { Refusal } from '../refusal.ts'
import type { MendName } from './mend.ts'

/** What is tried, the mildest first. */
const offers: readonly (readonly MendName[])[] = [
  ['trim'],
  ['empty-as-null'],
  ['trim', 'empty-as-null'],
  ['zero-date-as-null'],
  ['decode-jsonb'],
  ['decode-text'],
  ['strip-nul'],
  ['replace-invalid'],
  ['replace-invalid', 'strip-nul'],
]

/** The first mends, beside those that the column has, with which a stored value fits losslessly: as options, with `{column}` for its name. */
export function offersOf(
  { rules }: Cast,
  type: PgType,
  integers: IntegerMode,
  encode: (value: SourceValue, out: CopyBuffer) => Refusal | null,
): (value: SourceValue) => string | null {
  const compiled = new Map<readonly MendName[], ReturnType<typeof agreement>>()
  return (value) => {
    // Numbers are never mended
    if (value === null || typeof value === 'number' || typeof value === 'bigint') return null
    const found = offers.find((offer) => {
      const mends = [...(rules.mends ?? []), ...offer]
      if (new Set(mends).size < mends.length) return false
      if (!compiled.has(offer)) compiled.set(offer, agreement({ ...rules, mends }, type, integers))
      const mended = compiled.get(offer)?.(value) ?? null
      return mended !== value && encode(mended, createCopyBuffer(256)) === null
    })
    return found?.map((name) => `--${name} '{column}'`).join(' ') ?? null
  }
}
