import type { RunStatus } from '@rowferry/migrate'
import { counted, escapeText, formatCount, openPage, prose, renderTable } from '@rowferry/report'
import type { Page } from '@rowferry/report'

const STATES: Readonly<Record<NonNullable<RunStatus['run']>['state'], string>> = {
  loading: 'rows are loaded',
  building: 'indexes and constraints are built',
  verifying: 'everything is there, and not compared yet',
  different: 'the comparison found a difference',
  done: 'done and proven; its ledger was kept',
}

/** How far a load in parts is, for a person. */
export function renderStatus(status: RunStatus, options: { readonly color: boolean; readonly width: number }): string {
  const page = openPage(options)
  const { run } = status
  const name = page.paint('bold', escapeText(status.target))
  if (run === null)
    return [...prose(page, `${name}: no load in parts is on record.`), ...holding(page, status)].join('\n')
  const attempts = counted(run.attempts, 'attempt')
  const sections = [
    [
      ...prose(page, `${name}: ${STATES[run.state]}.`),
      ...prose(
        page,
        escapeText(`from ${run.source}, begun ${run.began}, ${attempts}; last written ${run.written}`),
        '  ',
      ),
      ...holding(page, status),
    ],
    renderTable(
      page,
      [{ name: 'table' }, { name: 'rows', align: 'right' }, { name: 'of', align: 'right' }, { name: '' }],
      run.tables.map((table) => [
        escapeText(table.target),
        formatCount(table.rows),
        table.total === null ? '?' : formatCount(table.total),
        table.done ? 'loaded' : '',
      ]),
    ),
    [
      ...prose(page, `${formatCount(run.steps.done)} of ${counted(run.steps.total, 'step')} after the data are done.`),
      ...(run.difference === null ? [] : prose(page, escapeText(run.difference), 'Differs: ')),
      ...prose(page, escapeText(run.next), page.paint('bold', 'Next: ')),
    ],
  ]
  return sections.map((section) => section.join('\n')).join('\n\n')
}

function holding(page: Page, { holder, run }: RunStatus): string[] {
  if (holder === null)
    return run === null || run.state === 'done' ? [] : prose(page, 'nobody is at work: the same command goes on', '  ')
  const { pid, role, application, since } = holder
  const who = [role, application].filter((part) => part !== null).join(', ')
  return prose(
    page,
    escapeText(`at work: process ${pid}${who === '' ? '' : ` (${who})`}${since === null ? '' : `, since ${since}`}`),
    '  ',
  )
}
