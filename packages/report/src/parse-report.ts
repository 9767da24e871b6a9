import { parseKept } from './parse-kept.ts'
import { reportSchema, type Report } from './report.ts'

/** A report that cannot be used: `REPORT_UNREADABLE` (no JSON, or another shape) or `REPORT_VERSION`. */
export class ReportError extends Error {
  readonly code: 'REPORT_UNREADABLE' | 'REPORT_VERSION'
  readonly remedy = 'give the file that --report crossing.json kept of the crossing'
  constructor(code: ReportError['code'], message: string) {
    super(message)
    this.name = 'ReportError'
    this.code = code
  }
}

/** Reads what `renderJson` wrote. Throws `ReportError`. */
export function parseReport(text: string): Report {
  return parseKept(text, reportSchema, 'the report', (fault, message) => new ReportError(`REPORT_${fault}`, message))
}
