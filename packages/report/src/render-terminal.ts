import type { Report } from './report.ts'
import * as account from './terminal/account.ts'
import { files } from './terminal/files.ts'
import { findings } from './terminal/findings.ts'
import { headline } from './terminal/headline.ts'
import { fault, next } from './terminal/next.ts'
import { openPage } from './terminal/page.ts'
import { tables } from './terminal/tables.ts'

export interface TerminalOptions {
  /** With ANSI colours. Without, the text holds no escape sequence at all. */
  readonly color: boolean
  /** Columns to lay out for. Lines that are there to be copied are never broken, whatever the width. */
  readonly width: number
  /** Findings shown of each severity. Default 50; the rest is counted. */
  readonly findings?: number
  /** Another text has told the tables and what is not carried. Default false. */
  readonly short?: boolean
}

/** The report for a person at a terminal: the outcome first, then what stands in the way or what was carried, then what to do next. */
export function renderTerminal(report: Report, options: TerminalOptions): string {
  const page = openPage(options)
  const limit = options.findings ?? 50
  const found = (severity: Report['findings'][number]['severity'], title: string): string[] =>
    findings(page, report.findings, severity, title, limit)
  const sections = [
    [...headline(page, report), ...fault(page, report)],
    found('refuse', 'To settle first'),
    account.differences(page, report),
    options.short ? [] : tables(page, report),
    account.renamed(page, report),
    account.changed(page, report),
    found('lossy', 'Loses something, as allowed'),
    account.skipped(page, report),
    account.views(page, report),
    options.short ? [] : account.notCarried(page, report),
    found('warning', 'Warnings'),
    found('note', 'Worth knowing'),
    account.sequences(page, report),
    files(page, report),
    account.phases(page, report),
    next(page, report),
  ]
  return sections
    .filter((section) => section.length > 0)
    .map((section) => section.join('\n'))
    .join('\n\n')
}
