import type { Report } from './report.ts'
export function renderTerminal(report: Report, options: { readonly color: boolean; readonly width: number }): string {
  return JSON.stringify(report, null, 1)
}
