import type { CrossingOptions, OpenInput } from '@rowferry/migrate'
import type { Report } from '@rowferry/report'
import { chooseProgress } from '../announce.ts'
import { conclude } from '../conclude.ts'
import { loadConfig, loadEnvironment } from '../config.ts'
import type { DecisionFlags, OutputFlags } from '../crossing-options.ts'
import { findSource, findTarget } from '../databases.ts'
import { interruptible } from '../interrupt.ts'
import type { ResultFile } from '../result-file.ts'
import { prepareFile } from '../result-file.ts'
import { settle } from '../setup.ts'
import type { Shell } from '../shell.ts'
import { printLine } from '../shell.ts'

export type CrossingFlags = DecisionFlags & OutputFlags & { readonly report?: string }

export interface Prepared {
  readonly shell: Shell
  readonly input: Omit<OpenInput, 'options'> & { readonly options: CrossingOptions }
  readonly report: ResultFile | null
}

/** Everything that can be wrong before a database is opened is found here. */
export async function prepareCrossing(names: { readonly source: string | undefined; readonly target: string | undefined }, flags: CrossingFlags, outside: Shell): Promise<Prepared> {
  const config = await loadConfig(flags.config, outside)
  const shell = { ...outside, env: loadEnvironment(flags.envFile, outside) }
  const options = settle(flags, config)
  const source = findSource(names.source, config.source, shell)
  const target = findTarget(names.target, config.target, shell)
  return { shell, input: { source, target, options }, report: prepareFile('--report', flags.report ?? config.report, shell) }
}

/** What comes before the report, and where the report goes then. */
export type Preface = () => 'stdout' | 'stderr'

/** Runs one crossing command with its progress, its signals and its report; gives the exit code. */
export async function conduct({ shell, input, report: file }: Prepared, flags: CrossingFlags, run: (input: Prepared['input']) => Promise<Report>, preface: Preface = () => 'stdout'): Promise<number> {
  const progress = await chooseProgress(flags, shell)
  let report: Report
  try {
    report = await interruptible(
      (line) => printLine(shell, 'stderr', line),
      (signal) => run({ ...input, signal, onEvent: progress.onEvent }),
    )
  } finally {
    progress.stop()
  }
  return conclude(report, flags, file, shell, preface())
}
