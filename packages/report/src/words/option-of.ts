import type { TableReport } from '../report.ts'

/** The option that a rule was given by. */
export function optionOf(rule: TableReport['changed'][number]['rule']): string {
  return rule === 'lossy' ? '--allow-lossy' : `--${rule}`
}
