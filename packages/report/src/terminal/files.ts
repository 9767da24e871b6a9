import { escapeText } from '../escape.ts'
import type { Report } from '../report.ts'
import { keptFiles } from '../words/kept-files.ts'
import type { Page } from './page.ts'
import { prose } from './page.ts'

/** What was written beside the report. */
export function files(page: Page, report: Report): string[] {
  return keptFiles(report).flatMap(({ what, file, more }) =>
    prose(page, `${what} ${escapeText(file)}, ${escapeText(more)}`),
  )
}
