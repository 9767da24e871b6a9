import { verify } from '@rowferry/migrate'
import { usageError } from '../error.ts'
import { checkpointFile } from '../checkpoint-file.ts'
import { keep } from '../conclude.ts'
import { needTarget } from '../databases.ts'
import { prepareFile } from '../result-file.ts'
import { readPlan, readReport } from '../setup.ts'
import type { Shell } from '../shell.ts'
import type { CrossingFlags } from './crossing.ts'
import { conduct, prepareCrossing } from './crossing.ts'
import { proofFile, runAgainst } from './proof.ts'

export type VerifyFlags = CrossingFlags & {
  readonly plan?: string
  readonly crossing?: string
  readonly checkpoint?: string
  readonly asOfPlan?: true
  readonly proof?: string
  readonly against?: string
  readonly differences?: string
}

/** Compares both sides again; reads only. */
export async function runVerify(
  source: string | undefined,
  target: string | undefined,
  flags: VerifyFlags,
  outside: Shell,
): Promise<number> {
  if (flags.against !== undefined) return runAgainst(flags.against, { source, target }, flags, outside)
  if (flags.asOfPlan && flags.plan === undefined)
    throw usageError('OPTION_CONFLICT', '--as-of-plan needs the plan', 'Give it: --plan plan.json')
  if (flags.crossing !== undefined && flags.plan === undefined)
    throw usageError('OPTION_CONFLICT', '--crossing needs the plan that was carried out', 'Give it: --plan plan.json')
  const prepared = await prepareCrossing({ source, target }, flags, outside)
  const to = needTarget(prepared.input.target)
  const plan = flags.plan === undefined ? null : readPlan(flags.plan, flags, outside)
  const crossing = flags.crossing === undefined ? null : readReport(flags.crossing, outside)
  const proof = proofFile(flags, prepared)
  const checkpoint = checkpointFile(flags, prepared)
  const file = prepareFile('--differences', flags.differences, prepared.shell)
  const lines: string[] = []
  return conduct(prepared, flags, async (input) => {
    const report = await verify({
      ...input,
      target: to,
      ...(plan && { plan, ...(flags.asOfPlan && { asOfPlan: true }) }),
      ...(crossing && { crossing }),
      ...(checkpoint && { checkpoint }),
      ...(proof && { onProof: proof.keep }),
      ...(file && { onDifference: (difference) => lines.push(`${JSON.stringify(difference)}\n`) }),
    })
    if (report.outcome !== 'interrupted' && report.outcome !== 'failed') checkpoint?.remove()
    const listed = file !== null && keep(file, lines.join(''), prepared.shell)
    return {
      ...report,
      proof: proof?.kept() ?? null,
      differences: listed ? { file: file.name, rows: lines.length } : null,
    }
  })
}
