import type { RuleCounts } from './encoder.ts'

/** What rules do to a row is noted while it is encoded, and counts once all of the row has fitted. */
export interface Tally {
  noteMapped(column: number, stored: string): void
  noteEpoch(column: number): void
  noteLossy(column: number): void
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
  // At most one note of each kind per cell; the arrays stay, only the length moves
  const columns = new Int32Array(width * 3)
  const targets: (Float64Array | string)[] = Array.from({ length: width * 3 }, () => epoch)
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
    noteMapped: note,
    noteEpoch: (column) => note(column, epoch),
    noteLossy: (column) => note(column, lossy),
    keep: () => {
      if (length > 0) apply()
    },
    forget: () => {
      length = 0
    },
    counts: () =>
      mapped.map((counts, column) => ({
        mapped: new Map(counts),
        lossy: lossy[column] as number,
        epoch: epoch[column] as number,
      })),
  }
}
