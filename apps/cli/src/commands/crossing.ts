import type { CrossingOptions, OpenInput } from '@rowferry/migrate'
import type { Report } from '@rowferry/report'
import { chooseProgress } from '../announce.ts'
import type { Manner } from '../conclude.ts'
import { conclude } from '../conclude.ts'
import { loadConfig, loadEnvironment } from '../config.ts'
import type { DecisionFlags, OutputFlags } from '../crossing-options.ts'
import { findSource, findTarget } from '../databases.ts'
import { usageError } from '../error.ts'
import { interruptible } from '../interrupt.ts'
import type { ResultFile } from '../result-file.ts'
import { reportFiles } from '../result-file.ts'
import { settle } from '../setup.ts'
import type { Shell } from '../shell.ts'
import { printLine } from '../shell.ts'

export type CrossingFlags = DecisionFlags & OutputFlags & { readonly report?: string[] }

export interface Prepared {
  readonly shell: Shell
  readonly input: Omit<OpenInput, 'options'> & { readonly options: CrossingOptions }
  readonly reports: readonly ResultFile[]
}

/** Everything that can be wrong before a database is opened is found here. */
export async function prepareCrossing(
  names: { readonly source: string | undefined; readonly target: string | undefined },
  flags: CrossingFlags,
  outside: Shell,
): Promise<Prepared> {
  refuseSwallowed(flags)
  const config = await loadConfig(flags.config, outside)
  const shell = { ...outside, env: loadEnvironment(flags.envFile, outside) }
  const source = await findSource(names.source, config.source, shell, flags.source ?? config.adapter)
  const target = findTarget(names.target, config.target, shell)
  const options = settle(flags, config, target)
  return {
    shell,
    input: { source, target, options },
    reports: reportFiles(flags.report, config.report, shell),
  }
}

/** An option that takes a list takes everything up to the next option: also the databases, when they come last. */
function refuseSwallowed(flags: DecisionFlags): void {
  const lists = {
    '--tables': flags.tables,
    '--exclude-tables': flags.excludeTables,
    '--allow-cascade': flags.allowCascade,
    '--order': flags.order,
  }
  for (const [option, names] of Object.entries(lists)) {
    if (names === undefined || !names.some((name) => name.includes('://') || /\.(db3?|sqlite3?)$/i.test(name))) continue
    throw usageError(
      'OPTION_ORDER',
      `${option} takes a list, and took a database for one of its tables`,
      `Write the databases first: rowferry migrate app.db postgres://… ${option} users`,
    )
  }
}

/** What comes before the report, where the report goes then, and whether it need not tell again what was told. */
export type Preface = () => Manner

/** From the first of them on a load in parts may have committed something; an earlier attempt has. */
const PARTS = new Set<string>(['pre-data', 'data', 'post-data', 'verify'])

/** Runs one crossing command with its progress, its signals and its report; gives the exit code. */
export async function conduct(
  { shell, input, reports }: Prepared,
  flags: CrossingFlags,
  run: (input: Prepared['input']) => Promise<Report>,
  preface: Preface = () => ({ stream: 'stdout', short: false }),
): Promise<number> {
  const progress = await chooseProgress(flags, shell)
  const notes = input.target?.kind === 'postgres' ? (input.target.notes ?? []) : []
  for (const message of notes) progress.onEvent({ type: 'notice', message })
  // Where something is drawn or listed, the line belongs into it
  const tell = (line: string): void =>
    flags.json || flags.quiet ? printLine(shell, 'stderr', line) : progress.onEvent({ type: 'notice', message: line })
  return interruptible(tell, async (signal, wrote) => {
    const onEvent: typeof progress.onEvent = (event) => {
      if (event.type === 'phase' && event.phase === 'commit') wrote('commit')
      else if (event.type === 'phase' && input.options.resumable && PARTS.has(event.phase)) wrote('parts')
      progress.onEvent(event)
    }
    // Under the same watch until the report is written: what is done must not end as interrupted
    const report = await run({ ...input, signal, onEvent }).finally(() => progress.stop())
    return conclude(report, flags, reports, shell, preface())
  })
}
