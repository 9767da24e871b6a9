import { verify } from '@rowferry/migrate'
import { needTarget } from '../databases.ts'
import { readPlan } from '../setup.ts'
import type { Shell } from '../shell.ts'
import type { CrossingFlags } from './crossing.ts'
import { conduct, prepareCrossing } from './crossing.ts'

export type VerifyFlags = CrossingFlags & { readonly plan?: string }

/** Compares both sides again; reads only. */
export async function runVerify(
  source: string | undefined,
  target: string | undefined,
  flags: VerifyFlags,
  outside: Shell,
): Promise<number> {
  const prepared = await prepareCrossing({ source, target }, flags, outside)
  const to = needTarget(prepared.input.target)
  const plan = flags.plan === undefined ? null : readPlan(flags.plan, flags, outside)
  return conduct(prepared, flags, (input) => verify({ ...input, target: to, ...(plan && { plan }) }))
}
