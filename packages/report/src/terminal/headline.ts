import { escapeText } from '../escape.ts'
import { formatDuration } from '../format.ts'
import type { Report } from '../report.ts'
import type { Page } from './page.ts'
import { sentence, serverVersion, toneOf } from '../words/sentence.ts'
import { prose } from './page.ts'

const MARKS = { good: ['✔ ', 'green'], partly: ['! ', 'yellow'], bad: ['✖ ', 'red'] } as const

/** The outcome in words, and between which databases. */
export function headline(page: Page, report: Report): string[] {
  const [mark, color] = MARKS[toneOf(report)]
  const [word, rest] = sentence(report)
  return [
    ...prose(page, `${page.paint(['bold', color], word)}${rest}`, page.paint(color, mark)),
    ...prose(page, page.paint('dim', ends(report)), '  '),
  ]
}

function ends({ source, target, ms }: Report): string {
  const version = target?.version ? ` (${serverVersion(target.version)})` : ''
  const to = target ? ` → ${target.label}${version}` : ''
  return escapeText(`${source.label}${to} · ${formatDuration(ms)}`)
}
