import { escapeText } from '../escape.ts'
import type { Report } from '../report.ts'
import { nextSteps } from '../words/next-steps.ts'
import { remedy } from './findings.ts'
import type { Page } from './page.ts'
import { prose, toCopy } from './page.ts'

/** Why it ended as it did, when a fault was the reason. */
export function fault(page: Page, { error }: Report): string[] {
  if (error === null) return []
  const lines = prose(page, `${escapeText(error.message)} ${page.paint('dim', `[${error.code}]`)}`, '  ')
  return error.remedy === null ? lines : [...lines, ...remedy(page, error.remedy, '  ')]
}

/** What a person would do now. */
export function next(page: Page, report: Report): string[] {
  const steps = nextSteps(report)
  if (steps === null) return []
  return [
    ...prose(page, steps.text, page.paint('bold', 'Next: ')),
    ...(steps.line === null ? [] : [toCopy(page, steps.line, '  ')]),
    ...(steps.after === null ? [] : prose(page, steps.after, '  ')),
  ]
}
