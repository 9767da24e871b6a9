import { medians } from './medians.ts'
import type { Result } from './run.ts'
import type { BenchFile } from './bench-file.ts'

/** The results as tables, one for each set and scenario; ratios are to what `rowferry` does by default. */
export function renderMarkdown({ machine, server, scale, runs, latencyMs, results, growth }: BenchFile): string {
  const lines = [
    `${machine}; ${server}; ${scale === 1 ? 'full size' : `scale ${scale}`}; medians of ${runs}${latencyMs === 0 ? '' : `, ${latencyMs} ms away`}.`,
    'CPU is client + server; × is the ratio to `rowferry`.',
  ]
  for (const group of groups(results)) {
    const [first] = group
    const base = group.find((each) => each.contender === 'rowferry')
    const compared = base && base.runs.length > 0 ? medians(base.runs) : null
    lines.push('', `### ${first!.set}, ${first!.scenario}`, '')
    lines.push('| | wall s | × | CPU s | × | rows/s | client MB |', '| --- | --: | --: | --: | --: | --: | --: |')
    for (const { contender, rows, runs: made, failure } of group) {
      if (made.length === 0) {
        lines.push(`| ${cell(contender)} | ${cell((failure ?? '').split('\n')[0]!.slice(0, 120))} | | | | | |`)
        continue
      }
      const found = medians(made)
      const cells = [
        cell(contender),
        found.wallSeconds.toFixed(2),
        ratio(found.wallSeconds, compared?.wallSeconds),
        cpuText(found),
        ratio(cpuOf(found), cpuOf(compared)),
        rateText(rows / found.wallSeconds),
        found.peakMegabytes?.toFixed(0) ?? '',
      ]
      lines.push(`| ${cells.join(' | ')} |`)
    }
  }
  if (growth.length > 0) lines.push('', ...renderGrowth(growth))
  return `${lines.join('\n')}\n`
}

/** A table, and the same as two pictures that Markdown readers draw (https://mermaid.js.org/syntax/xyChart.html). */
function renderGrowth(growth: readonly Result[]): string[] {
  const steps = growth.map(({ rows, runs }) => ({ rows, found: medians(runs) }))
  const rate = ({ rows, found }: (typeof steps)[number], phase: string): number =>
    rows / ((found.phases?.[phase] ?? 0) / 1000)
  const lines = ['### growth', '', '| rows | wall s | rows/s | data rows/s | verify rows/s | client MB |']
  lines.push('| --: | --: | --: | --: | --: | --: |')
  for (const step of steps) {
    const { rows, found } = step
    const cells = [
      rows,
      found.wallSeconds.toFixed(2),
      rateText(rows / found.wallSeconds),
      rateText(rate(step, 'data')),
      rateText(rate(step, 'verify')),
      found.peakMegabytes?.toFixed(0) ?? '',
    ]
    lines.push(`| ${cells.join(' | ')} |`)
  }
  const plot = (title: string, unit: string, ...series: readonly number[][]): string[] => [
    '',
    '```mermaid',
    'xychart-beta',
    `  title "${title}"`,
    `  x-axis "million rows" [${steps.map(({ rows }) => rows / 1e6).join(', ')}]`,
    `  y-axis "${unit}" 0 --> ${Math.ceil(Math.max(...series.flat()) * 1.2 * 10) / 10}`,
    ...series.map((points) => `  line [${points.map((point) => point.toFixed(2)).join(', ')}]`),
    '```',
  ]
  const millions = (phase: string): number[] => steps.map((step) => rate(step, phase) / 1e6)
  lines.push(...plot('rows loaded, and rows proven, a second', 'million', millions('data'), millions('verify')))
  lines.push(
    ...plot(
      'peak memory of the client',
      'MB',
      steps.map(({ found }) => found.peakMegabytes ?? 0),
    ),
  )
  return lines
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|')
}

function groups(results: BenchFile['results']): Result[][] {
  const found = new Map<string, Result[]>()
  for (const result of results) {
    const key = `${result.set} ${result.scenario}`
    found.set(key, [...(found.get(key) ?? []), result])
  }
  return [...found.values()]
}

interface Cpu {
  readonly clientCpuSeconds: number | null
  readonly serverCpuSeconds: number | null
}

function cpuText({ clientCpuSeconds, serverCpuSeconds }: Cpu): string {
  if (clientCpuSeconds === null) return serverCpuSeconds?.toFixed(2) ?? ''
  return `${clientCpuSeconds.toFixed(2)} + ${serverCpuSeconds?.toFixed(2) ?? 'unknown'}`
}

function cpuOf(figures: Cpu | null): number | undefined {
  if (figures === null || figures.serverCpuSeconds === null) return undefined
  return (figures.clientCpuSeconds ?? 0) + figures.serverCpuSeconds
}

function ratio(value: number | undefined, base: number | undefined): string {
  return value === undefined || base === undefined || base === 0 ? '' : (value / base).toFixed(2)
}

function rateText(rate: number): string {
  return rate >= 1e6 ? `${(rate / 1e6).toFixed(2)} M` : rate >= 1000 ? `${(rate / 1000).toFixed(0)} k` : rate.toFixed(0)
}
