import { resolve } from 'node:path'
import { migrate, plan } from '@rowferry/migrate'
import type { TargetAddress } from '@rowferry/migrate'
import { usageError } from '../error.ts'
import { needTarget } from '../databases.ts'
import { readPlan } from '../setup.ts'
import type { Shell } from '../shell.ts'
import type { CrossingFlags } from './crossing.ts'
import { conduct, prepareCrossing } from './crossing.ts'
import { proofFile } from './proof.ts'

export type MigrateFlags = CrossingFlags & {
  readonly plan?: string
  readonly dryRun?: true
  readonly rehearse?: true
  readonly replay?: string
  readonly proof?: string
}

/** The crossing; with `--dry-run` only the check of every cell, with `--rehearse` all of it and a ROLLBACK. */
export async function runMigrate(
  source: string | undefined,
  target: string | undefined,
  flags: MigrateFlags,
  outside: Shell,
): Promise<number> {
  if (flags.dryRun && flags.rehearse)
    throw usageError('OPTION_CONFLICT', '--dry-run writes nothing and --rehearse writes and rolls back: choose one')
  if (flags.proof !== undefined && (flags.dryRun || flags.rehearse))
    throw usageError('OPTION_CONFLICT', '--proof is of what was committed: leave --dry-run and --rehearse out')
  if (flags.replay !== undefined) refuseBesideReplay(flags)
  const prepared = await prepareCrossing({ source, target }, flags, outside)
  const to = needTarget(prepared.input.target)
  const given = flags.plan === undefined ? null : readPlan(flags.plan, flags, outside)
  if (flags.dryRun && given)
    throw usageError('OPTION_CONFLICT', '--dry-run makes a plan and --plan carries one out: use --plan with --rehearse')
  const { input, ...rest } = prepared
  const resumable = given?.options.resumable ?? input.options.resumable
  refuseInParts(flags, resumable, to.kind)
  const proof = proofFile(flags, prepared)
  return conduct({ ...rest, input: { ...input, options: { ...input.options, resumable } } }, flags, async (asked) => {
    if (flags.dryRun) return (await plan(asked)).report
    const report = await migrate({
      ...asked,
      target: to,
      ...(given && { plan: given }),
      ...(flags.rehearse && { rehearse: true }),
      ...(proof && { onProof: proof.keep }),
      ...(flags.replay !== undefined && { replay: resolve(outside.cwd, flags.replay) }),
    })
    return { ...report, proof: proof?.kept() ?? null }
  })
}

/** What only a load in parts has, and what it has not. */
function refuseInParts(flags: MigrateFlags, resumable: boolean, target: TargetAddress['kind']): void {
  const own = { '--commit-every': flags.commitEvery, '--jobs': flags.jobs, '--keep-ledger': flags.keepLedger }
  const said = Object.entries(own).flatMap(([name, value]) => (value === undefined ? [] : [name]))
  if (!resumable && said.length > 0)
    throw usageError('OPTION_CONFLICT', `${said.join(', ')} need --resumable: without it everything is one transaction`)
  if (resumable && flags.rehearse)
    throw usageError('OPTION_CONFLICT', '--resumable commits as it goes and --rehearse rolls back: choose one')
  if (resumable && target === 'pglite' && (flags.jobs ?? 1) > 1)
    throw usageError('OPTION_CONFLICT', '--jobs needs a server: PGlite takes one connection at a time')
}

/** The folder says which rows, and they go beside those that are there: what else is said about that would be passed over in silence. */
function refuseBesideReplay(flags: MigrateFlags): void {
  const settled = {
    '--plan': flags.plan,
    '--dry-run': flags.dryRun,
    '--tables': flags.tables,
    '--exclude-tables': flags.excludeTables,
    '--on-existing': flags.onExisting,
    '--truncate or --no-truncate': flags.truncate,
    '--on-bad-row': flags.onBadRow,
    '--quarantine-dir': flags.quarantineDir,
    '--missing-tables': flags.missingTables,
    '--proof': flags.proof,
    '--resumable': flags.resumable,
  }
  const said = Object.entries(settled).flatMap(([name, value]) => (value === undefined ? [] : [name]))
  if (said.length === 0) return
  throw usageError(
    'OPTION_CONFLICT',
    `${said.join(', ')} cannot be given beside --replay: it loads the rows of its folder beside those that are there, and what is refused stays in it`,
    flags.dryRun ? 'Use --rehearse: it asks everything and rolls back.' : 'Leave it out.',
  )
}
