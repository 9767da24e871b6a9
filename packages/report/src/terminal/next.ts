import { escapeText } from '../escape.ts'
import type { Report } from '../report.ts'
import { counted, formatCount } from '../format.ts'
import { settle } from '../settle.ts'
import { groupFindings, remedy } from './findings.ts'
import type { Page } from './page.ts'
import { prose, toCopy } from './page.ts'

/** Why it ended as it did, when a fault was the reason. */
export function fault(page: Page, { error }: Report): string[] {
  if (error === null) return []
  const lines = prose(page, `${escapeText(error.message)} ${page.paint('dim', `[${error.code}]`)}`, '  ')
  return error.remedy === null ? lines : [...lines, ...remedy(page, error.remedy, '  ')]
}

/** What a person would do now. */
export function next(page: Page, report: Report, line?: string): string[] {
  const { outcome, command } = report
  const ends = [report.source.label, report.target?.label ?? '<target>'].map(shellWord).join(' ')
  const say = (text: string, words?: string): string[] => [
    ...prose(page, text, page.paint('bold', 'Next: ')),
    ...(words === undefined ? [] : [toCopy(page, words, '  ')]),
  ]
  if (command === 'verify') return []
  if (outcome === 'done')
    return say(
      'point the application at PostgreSQL. To compare again at any time, with the same options:',
      `rowferry verify ${ends}`,
    )
  if (outcome === 'planned') return say('carry it over, with the same options:', `rowferry migrate ${ends}`)
  if (outcome === 'rehearsed') return say('run the same command without --rehearse.')
  if (outcome === 'refused') return refused(page, report, line ?? `rowferry ${command} ${ends}`, say)
  if (outcome === 'partial')
    return say('look at what was set aside or left out; it can be mended and carried over with --on-existing skip.')
  return []
}

/** One line that says all that needs no choice, and the points that need one. */
function refused(
  page: Page,
  { findings }: Report,
  line: string,
  say: (text: string, words?: string) => string[],
): string[] {
  const { options, settled, choices } = settle(findings)
  if (options.length === 0)
    return say('settle the points above in the source or with the options shown, then run it again.')
  const open = groupFindings(findings.filter((finding) => finding.severity === 'refuse'))
    .flatMap((group) => group.findings)
    .filter(({ finding }) => choices.includes(finding))
  const [all, some] = [
    'this settles everything above, and loses nothing:',
    `this settles ${counted(settled.length, 'point')} of ${formatCount(settled.length + choices.length)}, and loses nothing:`,
  ]
  return [
    ...say(open.length === 0 ? all : some, `${line} ${escapeText(options.join(' '))}`),
    ...(open.length === 0
      ? []
      : prose(
          page,
          `To choose: ${open.length === 1 ? 'point' : 'points'} ${ranges(open.map(({ number }) => number))}.`,
          '  ',
        )),
  ]
}

/** `1, 3–7, 9`. */
function ranges(numbers: readonly number[]): string {
  const parts: [from: number, to: number][] = []
  for (const number of numbers) {
    const last = parts.at(-1)
    if (last && last[1] === number - 1) last[1] = number
    else parts.push([number, number])
  }
  return parts.map(([from, to]) => (from === to ? String(from) : `${from}–${to}`)).join(', ')
}

function shellWord(text: string): string {
  const safe = escapeText(text)
  return /^[\w@%+=:,./<>-]+$/.test(safe) ? safe : `'${safe.replaceAll("'", String.raw`'\''`)}'`
}
