import { migrate, plan } from '@rowferry/migrate'
import { usageError } from '../error.ts'
import type { LaterFlags } from '../crossing-options.ts'
import { needTarget } from '../databases.ts'
import { readPlan } from '../setup.ts'
import type { Shell } from '../shell.ts'
import type { CrossingFlags } from './crossing.ts'
import { conduct, prepareCrossing } from './crossing.ts'

export type MigrateFlags = CrossingFlags &
  LaterFlags & { readonly plan?: string; readonly dryRun?: true; readonly rehearse?: true }

const LATER = { resumable: '--resumable', commitEvery: '--commit-every', jobs: '--jobs' } as const

/** The crossing; with `--dry-run` only the check of every cell, with `--rehearse` all of it and a ROLLBACK. */
export async function runMigrate(
  source: string | undefined,
  target: string | undefined,
  flags: MigrateFlags,
  outside: Shell,
): Promise<number> {
  for (const [name, flag] of Object.entries(LATER)) {
    if (flags[name as keyof typeof LATER] !== undefined) {
      throw usageError(
        'NOT_YET',
        `${flag} comes with a later version`,
        'This version carries everything in one transaction over one connection.',
      )
    }
  }
  if (flags.dryRun && flags.rehearse)
    throw usageError('OPTION_CONFLICT', '--dry-run writes nothing and --rehearse writes and rolls back: choose one')
  const prepared = await prepareCrossing({ source, target }, flags, outside)
  const to = needTarget(prepared.input.target)
  const given = flags.plan === undefined ? null : readPlan(flags.plan, flags, outside)
  if (flags.dryRun && given)
    throw usageError('OPTION_CONFLICT', '--dry-run makes a plan and --plan carries one out: use --plan with --rehearse')
  return conduct(prepared, flags, async (input) =>
    flags.dryRun
      ? (await plan(input)).report
      : migrate({ ...input, target: to, ...(given && { plan: given }), ...(flags.rehearse && { rehearse: true }) }),
  )
}
