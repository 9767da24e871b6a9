import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { crossingOptionsSchema } from '@rowferry/migrate'
import type { CrossingOptions, TargetAddress } from '@rowferry/migrate'
import { parsePlan } from '@rowferry/plan'
import type { Plan } from '@rowferry/plan'
import { parseReport } from '@rowferry/report'
import type { Report } from '@rowferry/report'
import { z } from 'zod'
import type { Config } from './config-schema.ts'
import type { DecisionFlags } from './crossing-options.ts'
import { decisionNames } from './crossing-options.ts'
import { failure, usageError } from './error.ts'
import { joinOptions } from './join-options.ts'
import type { Shell } from './shell.ts'

/** The command line over the configuration over the schema that the target's URL names over the defaults. */
export function settle(flags: DecisionFlags, config: Config, target?: TargetAddress | null): CrossingOptions {
  const onExisting = onExistingOf(flags)
  const parsed = crossingOptionsSchema.safeParse({
    ...(target?.kind === 'postgres' && target.schema !== undefined && { schema: target.schema }),
    ...joinOptions(config, { ...flags, ...(onExisting === undefined ? {} : { onExisting }) }),
  })
  if (!parsed.success) throw usageError('OPTION_INVALID', z.prettifyError(parsed.error))
  if (parsed.data.onBadRow === 'quarantine' && parsed.data.quarantineDir === null) {
    throw usageError(
      'QUARANTINE_DIR_NEEDED',
      'rows that are set aside need a place',
      'Add --quarantine-dir ./quarantine',
    )
  }
  return parsed.data
}

function onExistingOf({ onExisting, truncate }: DecisionFlags): CrossingOptions['onExisting'] | undefined {
  const alias = truncate === undefined ? undefined : truncate ? 'truncate' : 'append'
  if (alias !== undefined && onExisting !== undefined && alias !== onExisting) {
    throw usageError(
      'OPTION_CONFLICT',
      `--${truncate ? '' : 'no-'}truncate means --on-existing ${alias}, but --on-existing ${onExisting} was said too`,
    )
  }
  return onExisting ?? alias
}

/** Where and how fast things happen may differ from run to run; what happens may not. */
const FREE = new Set([
  'verify',
  'batchSize',
  'quarantineDir',
  'backup',
  'backupDir',
  'snapshot',
  'commitEvery',
  'jobs',
  'keepLedger',
])

/** A plan holds every decision: what else is said beside it would be passed over in silence, so it is refused. */
export function readPlan(file: string, flags: DecisionFlags, shell: Pick<Shell, 'cwd'>): Plan {
  const said = Object.entries(decisionNames()).filter(
    ([name]) => !FREE.has(name) && flags[name as keyof DecisionFlags] !== undefined,
  )
  if (said.length > 0) {
    throw usageError(
      'OPTION_CONFLICT',
      `${said.map(([, written]) => written).join(', ')} cannot be given beside --plan: the plan holds every decision`,
      'Make the plan again with that option.',
    )
  }
  return parsePlan(readGiven('--plan', file, 'PLAN_UNREADABLE', shell))
}

export function readReport(file: string, shell: Pick<Shell, 'cwd'>): Report {
  return parseReport(readGiven('--crossing', file, 'REPORT_UNREADABLE', shell))
}

/** What a file holds that an option names. */
export function readGiven(option: string, file: string, code: string, shell: Pick<Shell, 'cwd'>): string {
  try {
    return readFileSync(resolve(shell.cwd, file), 'utf8')
  } catch (error) {
    throw failure(code, `${file} cannot be read`, { remedy: `Check the path given to ${option}.`, cause: error })
  }
}
