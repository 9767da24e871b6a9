import type { Report } from './report.ts'

const CODES: Readonly<Record<Report['outcome'], number>> = {
  done: 0,
  rehearsed: 0,
  planned: 0,
  refused: 1,
  failed: 1,
  partial: 2,
  unknown: 3,
  stopped: 3,
  different: 4,
  interrupted: 130,
}

/** The process exit code of an outcome: 0 done, 1 nothing written, 2 partly, 3 stopped after writing or unknown, 4 a difference, 130 interrupted. */
export function exitCodeOf(outcome: Report['outcome']): number {
  return CODES[outcome]
}
