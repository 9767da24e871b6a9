import { CommanderError } from '@commander-js/extra-typings'
import manifest from '../package.json' with { type: 'json' }
import { printJson } from './announce.ts'
import { printError } from './conclude.ts'
import { describeError, usageError } from './error.ts'
import { buildProgram } from './program.ts'
import { createShell, printLine } from './shell.ts'
import type { Shell, Surroundings } from './shell.ts'

const ISSUES = manifest.bugs

/** Runs one command line and gives its exit code; the outermost catch of the program. */
export async function main(argv: readonly string[], surroundings: Surroundings = process): Promise<number> {
  const shell = createShell(argv, surroundings)
  ignoreClosedPipes(shell)
  try {
    const program = buildProgram(shell, manifest.version)
    await program.command.parseAsync([...argv], { from: 'user' })
    return program.exitCode()
  } catch (error) {
    return explain(error, argv.includes('--json'), shell)
  }
}

function explain(error: unknown, json: boolean, shell: Shell): number {
  if (error instanceof CommanderError && error.exitCode === 0) return 0
  // Without a command, the help has been printed
  if (error instanceof CommanderError && error.code === 'commander.help') return 64
  const known = describeError(error instanceof CommanderError ? fromCommander(error) : error)
  const described = known ?? {
    code: 'UNEXPECTED',
    message: `something went wrong that should not: ${error instanceof Error ? error.message : String(error)}`,
    remedy: `Please report it: ${ISSUES}`,
    exitCode: 1,
  }
  if (json)
    printJson(shell, {
      type: 'error',
      error: { code: described.code, message: described.message, remedy: described.remedy },
    })
  printError(described, shell)
  if (!known && shell.env['ROWFERRY_DEBUG'] && error instanceof Error)
    printLine(shell, 'stderr', shell.secrets.redact(error.stack ?? ''))
  return described.exitCode
}

function fromCommander(error: CommanderError): Error {
  const [, message = '', hint] =
    /^(?:error: )?(.*?)\s*(\(Did you mean .*\))?$/s.exec(error.message.replaceAll('\n', ' ')) ?? []
  const remedy =
    error.code === 'commander.unknownCommand'
      ? 'The command comes first: rowferry migrate app.db postgres://…'
      : 'rowferry --help shows what can be written.'
  return usageError('USAGE', hint === undefined ? message : `${message} ${hint.replace('(Did', '(did')}`, remedy)
}

// What reads our output may leave early; the crossing goes on
function ignoreClosedPipes(shell: Shell): void {
  for (const stream of [shell.stdout, shell.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error
    })
  }
}
