import { escapeText } from '../escape.ts'
import { counted, formatCount } from '../format.ts'
import type { Report } from '../report.ts'
import { groupFindings } from './group-findings.ts'
import { settle } from './settle.ts'

/** What a person would do now. */
export interface NextSteps {
  readonly text: string
  /** A line to be copied, safe to show; null when there is none. */
  readonly line: string | null
  readonly after: string | null
}

/** Null when there is nothing to be done. */
export function nextSteps(report: Report): NextSteps | null {
  const { outcome, command } = report
  const ends = [report.source.label, report.target?.label ?? '<target>'].map(shellWord).join(' ')
  const say = (text: string, line: string | null = null, after: string | null = null): NextSteps => ({
    text,
    line: line && escapeText(line),
    after,
  })
  if (command === 'verify') return null
  if (outcome === 'done')
    return say(
      'point the application at PostgreSQL. To compare again at any time, with the same options:',
      sameLine('verify', report) ?? `rowferry verify ${ends}`,
    )
  if (outcome === 'planned')
    return say('carry it over, with the same options:', sameLine('migrate', report) ?? `rowferry migrate ${ends}`)
  if (outcome === 'stopped')
    return say('the same command goes on where it stopped:', report.line ?? `rowferry migrate ${ends} --resumable`)
  if (outcome === 'rehearsed') return say('run the same command without --rehearse.')
  if (outcome === 'refused') return refused(report, report.line ?? `rowferry ${command} ${ends}`, say)
  if (outcome === 'partial')
    return report.quarantine !== null && report.totals.rejected > 0
      ? say(
          `mend the rows in ${escapeText(report.quarantine)} or add rules that make them fit, and load them beside the others, with the same options:`,
          `rowferry migrate ${ends} --replay ${shellWord(report.quarantine)}`,
        )
      : say('look at what was set aside or left out; it can be mended and carried over with --on-existing skip.')
  return null
}

const WORD = String.raw`(?:'[^']*'|\\'|[^\s'])+`
/** What the next command does not know, or would write over. */
const OWN = new RegExp(String.raw` --(?:out|format|report|replay|proof)(?: |=)${WORD}`, 'g')

const REPORTS = new RegExp(String.raw` --report(?: |=)(${WORD})`, 'g')

/** How rows were loaded means nothing where they are compared. */
const LOADING = new RegExp(String.raw` --(?:resumable|keep-ledger)(?= |$)| --(?:jobs|commit-every)(?: |=)${WORD}`, 'g')

/** What was typed, as the next command of the same options; null where that is not known, or lacks the target. */
function sameLine(to: 'migrate' | 'verify', { command, target, line }: Report): string | null {
  const head = `rowferry ${command} `
  if (target === null || !line?.startsWith(head)) return null
  const same = line.slice(head.length).replaceAll(OWN, '')
  return `rowferry ${to} ${to === 'verify' ? `${same.replaceAll(LOADING, '')}${crossingOf(line)}` : same}`
}

/** Where the crossing kept its report as JSON, it tells beside the plan what was left off. */
function crossingOf(line: string): string {
  if (!line.includes(' --plan')) return ''
  const [kept] = [...line.matchAll(REPORTS)].flatMap(([, file]) => (/\.json'?$/i.test(file ?? '') ? [file] : []))
  return kept === undefined ? '' : ` --crossing ${kept}`
}

/** One line that says all that needs no choice, and the points that need one. */
function refused(
  { findings }: Report,
  line: string,
  say: (text: string, line?: string | null, after?: string | null) => NextSteps,
): NextSteps {
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
  return say(
    open.length === 0 ? all : some,
    `${line} ${escapeText(options.join(' '))}`,
    open.length === 0
      ? null
      : `To choose: ${open.length === 1 ? 'point' : 'points'} ${ranges(open.map(({ number }) => number))}.`,
  )
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
