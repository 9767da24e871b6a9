import type { Report } from '../report.ts'
import { summed } from './settle.ts'

type Finding = Report['findings'][number]

/** Findings of one code, with the numbers that they are called by: those of a code together, in the order in which the codes came. */
export interface FindingGroup {
  readonly code: string
  readonly findings: readonly { readonly number: number; readonly finding: Finding }[]
}

export function groupFindings(chosen: readonly Finding[]): FindingGroup[] {
  const byCode = new Map<string, Finding[]>()
  for (const finding of chosen) byCode.set(finding.code, [...(byCode.get(finding.code) ?? []), finding])
  let number = 0
  const inOne = summed(chosen)
  // What says them all in one line comes before them
  const ordered = [...byCode].toSorted(([a], [b]) => Number(inOne.has(a)) - Number(inOne.has(b)))
  return ordered.map(([code, same]) => ({
    code,
    findings: same.map((finding) => ({ number: ++number, finding })),
  }))
}
