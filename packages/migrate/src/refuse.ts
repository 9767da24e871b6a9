import type { Finding, Plan } from '@rowferry/plan'
import type { Report } from '@rowferry/report'
import { CHECKED_BY_SERVER } from './ask/ask-plan.ts'
import type { CrossingContext } from './crossing/context.ts'
import { cross } from './crossing/crossing.ts'
import { phaseEvent } from './events.ts'
import { examine } from './examine.ts'
import { CrossingError } from './failure.ts'
import type { Opened } from './opened.ts'
import { planReport } from './plan-command.ts'
import { fingerprinted } from './prepare.ts'

/** SQLSTATE classes 22 and 23, 54000 (a row or an index entry is too big), and our own word for a foreign key that an anti-join refuted: some row is the reason. */
export function isRowTrouble(error: unknown): error is Error & { code: string } {
  return (
    error instanceof Error &&
    'code' in error &&
    typeof error.code === 'string' &&
    (/^(?:2[23]|54000$)/.test(error.code) || error.code === 'FOREIGN_KEY_VIOLATION')
  )
}

/**
 * Nothing was written. Lists everything that stands against the crossing: all that the plan would, and where the server can judge something
 * only as it takes rows in, or where that does not explain the refusal, all that it refuses.
 */
export async function refuse(
  opened: Opened,
  plan: Plan,
  context?: CrossingContext,
  reason?: Error & { code: string },
): Promise<Report> {
  const { source, onEvent, signal } = opened
  onEvent(phaseEvent('check', plan.tables))
  const examined = await examine({
    plan,
    source,
    session: opened.session,
    options: context?.options ?? opened.options,
    onEvent,
    signal,
  })
  let findings = [...plan.findings, ...examined.findings]
  const open = findings.some((each) => each.code === CHECKED_BY_SERVER)
  if (context && (open || !findings.some((each) => each.severity === 'refuse'))) {
    onEvent({ type: 'notice', message: 'asking the server for every row it refuses (rolled back afterwards)' })
    const rehearsal = await cross({ ...context, end: 'examine', quarantine: null })
    findings = findings.filter((each) => each.code !== CHECKED_BY_SERVER)
    findings.push(...rehearsal.findings.filter((each) => !alreadyTold(each, findings)))
  }
  const report = planReport(opened.base, { ...(await fingerprinted(plan, source)), findings }, examined)
  if (!findings.some((each) => each.severity === 'refuse')) {
    if (reason) throw reason
    throw new CrossingError(
      'REFUSED_WITHOUT_REASON',
      'a row was refused in the load but not when it was looked at again',
      { remedy: 'the source may have changed meanwhile: try again' },
    )
  }
  return { ...report, command: 'migrate', outcome: 'refused', exitCode: 1 }
}

/** Told without having written; what follows from it (children of rows that do not fit) is no trouble of its own. */
function alreadyTold(found: Finding, told: readonly Finding[]): boolean {
  const same = told.filter((each) => each.severity === 'refuse' && each.table === found.table)
  // Their parents may be the very rows that are refused
  return found.code === 'ORPHANS' || found.code === 'FOREIGN_KEY_VIOLATION'
    ? told.some((each) => each.severity === 'refuse')
    : same.some((each) => each.code === found.code && (each.column === found.column || found.column === null))
}
