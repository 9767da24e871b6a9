import { Command } from '@commander-js/extra-typings'
import { runMigrate } from './commands/migrate.ts'
import type { LaterFlags, OutputFlags } from './crossing-options.ts'
import { addLater, addOutput, withDecisions } from './crossing-options.ts'
import type { Shell } from './shell.ts'

export interface Program {
  readonly command: Command
  /** What the command that ran ended with. */
  exitCode(): number
}

const exitCodes = `
Exit codes:
  0    done, everything proven (or planned, or rehearsed, as asked)
  1    refused or failed: nothing was written
  2    done, but rows were set aside or tables with rows were left out
  3    stopped after writing, or the answer to COMMIT was lost
  4    verification found a difference (rolled back when it could be)
  64   the command line or the configuration cannot be meant
  130  interrupted, nothing was written
`

const databases = `
A database is a path or a URL: app.db, sqlite:///./app.db, file:app.db,
postgres://user@host:5432/name, postgresql+psycopg2://…, pglite://./folder.
Write databases before options that take lists.
`

/** The whole command line. Parsing runs the command; its exit code is then there to be asked for. */
export function buildProgram(shell: Shell, version: string): Program {
  let exitCode = 0
  const program = new Command('rowferry')
    .description("Moves an application's SQLite database into PostgreSQL in one transaction,\nand proves that nothing was lost.")
    .version(version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'show help')
    .exitOverride()
    .configureOutput({ writeOut: (text) => shell.stdout.write(text), writeErr: (text) => shell.stderr.write(shell.secrets.redact(text)), outputError: () => {} })
    .showHelpAfterError(false)
    .addHelpText('after', `${databases}${exitCodes}`)

  const migrate = withDecisions(
    program
      .command('migrate')
      .description('carry everything over, all or nothing, and prove it')
      .optionsGroup('What to do:')
      .option('--plan <file>', 'carry out exactly this plan; refused when either side has changed since')
      .option('--dry-run', 'check every value, write nothing, lock nothing')
      .option('--rehearse', 'the whole crossing, with a ROLLBACK at the end')
      .option('--report <file>', 'keep the report as JSON'),
  )
    .argument('[source]', 'the SQLite file')
    .argument('[target]', 'the PostgreSQL database (DATABASE_URL)')
  addOutput(migrate)
  addLater(migrate)
  migrate.action(async (source, target, flags) => {
    exitCode = await runMigrate(source, target, flags as typeof flags & OutputFlags & LaterFlags, optionNames(migrate), shell)
  })
  return { command: program as unknown as Command, exitCode: () => exitCode }
}

function optionNames(command: { readonly options: readonly { attributeName(): string; readonly long?: string | undefined }[] }): Record<string, string> {
  return Object.fromEntries(command.options.map((option) => [option.attributeName(), option.long ?? option.attributeName()]))
}
