import type { EpochUnit } from '@rowferry/coerce'
import { epochUnits } from '@rowferry/coerce'
import type { SourceValue } from '@rowferry/introspect'

/** All that the numbers of one column say about what they count. */
export interface EpochEvidence {
  see(value: SourceValue): void
  /** `evidence` goes on after a colon. `unit`: the only one that can be meant, or null; then `candidates` are those to choose from, none where numbers of our time are of several. */
  conclude(): { readonly evidence: string; readonly unit: EpochUnit | null; readonly candidates: readonly EpochUnit[] }
}

/** Milliseconds of 1970 = number × `factor` + `origin`. */
const readings: Readonly<Record<EpochUnit, { readonly factor: number; readonly origin: number; readonly by: string }>> =
  {
    s: { factor: 1000, origin: 0, by: 'seconds since 1970' },
    ms: { factor: 1, origin: 0, by: 'milliseconds since 1970, as JavaScript and Prisma write' },
    us: { factor: 1e-3, origin: 0, by: 'microseconds since 1970' },
    ns: { factor: 1e-6, origin: 0, by: 'nanoseconds since 1970' },
    julian: { factor: 86_400_000, origin: -210_866_760_000_000, by: "Julian days, as SQLite's julianday() writes" },
    apple: { factor: 1000, origin: Date.UTC(2001, 0), by: 'seconds since 2001, as Core Data writes' },
    'apple-ns': { factor: 1e-6, origin: Date.UTC(2001, 0), by: 'nanoseconds since 2001, as Messages writes' },
    webkit: { factor: 1e-3, origin: Date.UTC(1601, 0), by: 'microseconds since 1601, as Chrome writes' },
    ticks: { factor: 1e-4, origin: -62_135_596_800_000, by: '.NET ticks, as sqlite-net and EF Core write' },
  }

/** When most of what an application writes down has happened, and when any of it may have. Core Data is of 2005, so that early seconds of 2001 are other numbers. */
const likely = { from: Date.UTC(2000, 0), to: Date.UTC(2040, 0) }
const likelyApple = { from: Date.UTC(2007, 0), to: Date.UTC(2030, 0) }
const possible = { from: Date.UTC(1900, 0), to: Date.UTC(2200, 0) }

const read = (value: number, unit: EpochUnit): number => value * readings[unit].factor + readings[unit].origin
const within = (moment: number, { from, to }: { from: number; to: number }): boolean => moment >= from && moment < to
const isLikely = (value: number, unit: EpochUnit): boolean =>
  within(read(value, unit), unit.startsWith('apple') ? likelyApple : likely)

/**
 * Counts, over every number, in which units it would be of our time. Only a unit is suggested in which all numbers are possible (nought, which
 * often stands for none, aside), most are likely, and beside which none is likely in another unit alone.
 */
export function gatherEpochs(): EpochEvidence {
  let count = 0
  let noughts = 0
  let least = Infinity
  let most = -Infinity
  const possibleIn = epochUnits.map(() => 0)
  const likelyIn = new Map<number, number>()
  const texts = { least: '', most: '' }

  return {
    see(value) {
      const number = Number(value)
      if (value === null || typeof value === 'object' || Number.isNaN(number)) return
      count++
      if (number === 0) {
        noughts++
        return
      }
      if (number < least) [least, texts.least] = [number, String(value)]
      if (number > most) [most, texts.most] = [number, String(value)]
      let units = 0
      for (const [i, unit] of epochUnits.entries()) {
        if (within(read(number, unit), possible)) possibleIn[i]! += 1
        if (isLikely(number, unit)) units |= 1 << i
      }
      likelyIn.set(units, (likelyIn.get(units) ?? 0) + 1)
    },
    conclude() {
      const others = count - noughts
      const likelyAs = epochUnits.map((_, i) =>
        [...likelyIn].reduce((sum, [units, values]) => sum + (units & (1 << i) ? values : 0), 0),
      )
      const fitting = epochUnits.filter(
        (_, i) =>
          others > 0 &&
          possibleIn[i] === others &&
          likelyAs[i]! * 2 >= others &&
          [...likelyIn.keys()].every((units) => units === 0 || (units & (1 << i)) !== 0),
      )
      const range =
        others === 0
          ? 'all are 0'
          : others === 1
            ? texts.least
            : `all ${others} are between ${texts.least} and ${texts.most}`
      const [unit] = fitting
      if (unit !== undefined && fitting.length === 1)
        return {
          evidence: `${range}, ${told(least, most, unit)}${beside(noughts, unit)}${contrast(most, unit)}`,
          unit,
          candidates: [unit],
        }
      const candidates = fitting.length > 0 ? fitting : epochUnits.filter((_, i) => likelyAs[i]! > 0)
      const each = candidates.map(
        (name) => `as ${name} ${likelyAs[epochUnits.indexOf(name)]} of them are of 2000 to 2040 (${readings[name].by})`,
      )
      const why =
        fitting.length > 1
          ? 'more than one unit fits'
          : candidates.length > 1
            ? 'they are mixed'
            : 'no unit fits all of them'
      return {
        evidence: `${range}, and ${why}${each.length > 0 ? `: ${each.join('; ')}` : ''}. Name one with --epoch, or mend the data`,
        unit: null,
        candidates: fitting.length > 0 || candidates.length === 1 ? candidates : [],
      }
    },
  }
}

function told(least: number, most: number, unit: EpochUnit): string {
  const from = shown(read(least, unit))
  const to = shown(read(most, unit))
  return `which as ${unit} (${readings[unit].by}) ${from === to ? `is ${from}` : `are ${from} to ${to}`}`
}

function beside(noughts: number, unit: EpochUnit): string {
  return noughts === 0
    ? ''
    : `; ${noughts} ${noughts === 1 ? 'is' : 'are'} 0, which would be ${shown(readings[unit].origin)}`
}

/** What the commonest other reading would make of it. */
function contrast(most: number, unit: EpochUnit): string {
  const other = unit === 's' ? 'ms' : 's'
  return `; as ${other} up to ${shown(read(most, other))}`
}

function shown(moment: number): string {
  const date = new Date(moment)
  if (!Number.isNaN(date.getTime()) && Math.abs(date.getUTCFullYear()) < 10_000) return date.toISOString().slice(0, 10)
  return `the year ${Math.round(1970 + moment / 31_556_952_000)}`
}
