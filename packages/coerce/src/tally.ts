import type { RuleCounts } from './encoder.ts'
import type { MendName } from './mends/mend.ts'
import { mendNames } from './mends/mend.ts'

/** What rules do to a row is noted while it is encoded, and counts once all of the row has fitted. */
export interface Tally {
  noteMended(column: number, name: MendName): void
  noteMapped(column: number, stored: string): void
  noteEpoch(column: number): void
  noteLossy(column: number): void
  noteWrapped(column: number): void
  /** The row has fitted: its notes count. */
  keep(): void
  /** The row is dropped, and its notes with it. */
  forget(): void
  /** One entry per column. */
  counts(): readonly RuleCounts[]
}

export function openTally(width: number): Tally {
  const mapped = Array.from({ length: width }, () => new Map<string, number>())
  const epoch = new Float64Array(width)
  const lossy = new Float64Array(width)
  const wrapped = new Float64Array(width)
  const mended = Object.fromEntries(mendNames.map((name) => [name, new Float64Array(width)])) as Record<
    MendName,
    Float64Array
  >
  // At most one note of each kind per cell; the arrays stay, only the length moves
  const most = width * (4 + mendNames.length)
  const columns = new Int32Array(most)
  const targets: (Float64Array | string)[] = Array.from({ length: most }, () => epoch)
  let length = 0

  const note = (column: number, target: Float64Array | string): void => {
    columns[length] = column
    targets[length++] = target
  }
  const apply = (): void => {
    for (let i = 0; i < length; i++) {
      const column = columns[i] as number
      const target = targets[i] as Float64Array | string
      if (typeof target !== 'string') target[column] = (target[column] as number) + 1
      else {
        const counts = mapped[column] as Map<string, number>
        counts.set(target, (counts.get(target) ?? 0) + 1)
      }
    }
    length = 0
  }
  return {
    noteMended: (column, name) => note(column, mended[name]),
    noteMapped: note,
    noteEpoch: (column) => note(column, epoch),
    noteLossy: (column) => note(column, lossy),
    noteWrapped: (column) => note(column, wrapped),
    keep: () => {
      if (length > 0) apply()
    },
    forget: () => {
      length = 0
    },
    counts: () =>
      mapped.map((counts, column) => ({
        mended: new Map(
          mendNames.flatMap((name) => (mended[name][column] === 0 ? [] : [[name, mended[name][column] as number]])),
        ),
        mapped: new Map(counts),
        lossy: lossy[column] as number,
        wrapped: wrapped[column] as number,
        epoch: epoch[column] as number,
      })),
  }
}
