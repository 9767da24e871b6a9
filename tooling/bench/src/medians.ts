import type { Outcome } from './contender.ts'

/** Figure by figure the median of the runs that have it; null where none has. */
export function medians(runs: readonly Outcome[]): Outcome {
  const of = (pick: (run: Outcome) => number | null | undefined): number | null =>
    median(runs.flatMap((run) => pick(run) ?? []))
  const names = new Set(runs.flatMap((run) => Object.keys(run.phases ?? {})))
  return {
    wallSeconds: of((run) => run.wallSeconds) ?? Number.NaN,
    clientCpuSeconds: of((run) => run.clientCpuSeconds),
    serverCpuSeconds: of((run) => run.serverCpuSeconds),
    peakMegabytes: of((run) => run.peakMegabytes),
    ...(names.size === 0
      ? {}
      : { phases: Object.fromEntries([...names].map((name) => [name, of((run) => run.phases?.[name]) ?? 0])) }),
  }
}

function median(values: readonly number[]): number | null {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  if (sorted.length === 0) return null
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}
