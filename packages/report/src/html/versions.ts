import { h } from 'preact'
import type { ComponentChildren, JSX } from 'preact'
import { formatDuration } from '../format.ts'
import type { Report } from '../report.ts'
import { given, name } from './text.ts'
import { moment } from './verdict.ts'

/** With what, from what and into what: enough to tell later which crossing this was. */
export function versions(report: Report): JSX.Element[] {
  const { source, target } = report
  const facts: [label: string, value: ComponentChildren | null][] = [
    ['tool', given(report.tool)],
    ['ran on', report.runtime && given(report.runtime)],
    ['typed', report.line && name(report.line)],
    ['began', moment(report.startedAt)],
    ['took', formatDuration(report.ms)],
    ['outcome', `${report.outcome}, exit code ${report.exitCode}`],
    ['source', [name(source.label), ' (', given(source.kind), ')']],
    ['its fingerprint', source.fingerprint && name(source.fingerprint)],
    ['target', target && [name(target.label), target.version === null ? null : [' ', given(target.version)]]],
    ["its schema's fingerprint", target?.fingerprint && name(target.fingerprint)],
    ['long values compressed with', target?.compression && given(target.compression)],
    ['transaction', report.xid && name(report.xid)],
    ['rows set aside are in', report.quarantine && name(report.quarantine)],
    ['report', `version ${report.version}`],
  ]
  return [
    h(
      'dl',
      { class: 'versions' },
      ...facts.flatMap(([label, value]) =>
        value === null || value === '' || value === undefined ? [] : [h('dt', null, label), h('dd', null, value)],
      ),
    ),
  ]
}

/** Lines to sign on, for the printed page alone. */
export function signature(): JSX.Element {
  return h(
    'div',
    { class: 'signature', 'aria-hidden': 'true' },
    ...['Name', 'Date', 'Signature'].map((label) => h('p', null, label)),
  )
}
