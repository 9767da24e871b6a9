import { describeFailure } from '@rowferry/migrate'
import type { TargetAddress } from '@rowferry/migrate'
import { loadConfig, loadEnvironment } from '../config.ts'
import type { OutputFlags } from '../crossing-options.ts'
import { findTarget, needTarget } from '../databases.ts'
import { CliError } from '../error.ts'
import { interruptible } from '../interrupt.ts'
import type { Shell } from '../shell.ts'
import { printLine } from '../shell.ts'

const FAILED = 1
const UNKNOWN = 3
const INTERRUPTED = 130

/** Runs a command that has a target and no report, and gives what it answers. Failures become errors with their exit codes. */
export async function askTarget<Answer>(
  named: string | undefined,
  flags: OutputFlags,
  outside: Shell,
  ask: (input: { readonly target: TargetAddress; readonly signal: AbortSignal }) => Promise<Answer>,
): Promise<{ readonly answer: Answer; readonly shell: Shell }> {
  const config = await loadConfig(flags.config, outside)
  const shell = { ...outside, env: loadEnvironment(flags.envFile, outside) }
  const target = needTarget(findTarget(named, config.target, shell))
  return interruptible(
    (line) => printLine(shell, 'stderr', line),
    async (signal) => {
      try {
        return { answer: await ask({ target, signal }), shell }
      } catch (error) {
        const failure = describeFailure(error)
        if (!failure) throw error
        const isUnknown = failure.code === 'COMMIT_UNKNOWN'
        if (signal.aborted && !isUnknown)
          throw new CliError('INTERRUPTED', 'stopped; nothing was changed', { exitCode: INTERRUPTED, cause: error })
        const { code, message, remedy } = failure
        throw new CliError(code, message, { remedy, exitCode: isUnknown ? UNKNOWN : FAILED, cause: error })
      }
    },
  )
}
