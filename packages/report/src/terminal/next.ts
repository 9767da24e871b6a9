import { escapeText } from '../escape.ts'
import type { Report } from '../report.ts'
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
  const { outcome, command } = report
  const ends = [report.source.label, report.target?.label ?? '<target>'].map(shellWord).join(' ')
  const say = (text: string, line?: string): string[] => [
    ...prose(page, text, page.paint('bold', 'Next: ')),
    ...(line === undefined ? [] : [toCopy(page, line, '  ')]),
  ]
  if (command === 'verify') return []
  if (outcome === 'done')
    return say(
      'point the application at PostgreSQL. To compare again at any time, with the same options:',
      `rowferry verify ${ends}`,
    )
  if (outcome === 'planned') return say('carry it over, with the same options:', `rowferry migrate ${ends}`)
  if (outcome === 'rehearsed') return say('run the same command without --rehearse.')
  if (outcome === 'refused')
    return say('settle the points above in the source or with the options shown, then run it again.')
  if (outcome === 'partial')
    return say('look at what was set aside or left out; it can be mended and carried over with --on-existing skip.')
  return []
}

function shellWord(text: string): string {
  const safe = escapeText(text)
  return /^[\w@%+=:,./<>-]+$/.test(safe) ? safe : `'${safe.replaceAll("'", String.raw`'\''`)}'`
}
