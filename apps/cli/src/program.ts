import { Command, Option } from '@commander-js/extra-typings'
import type { CommandUnknownOpts } from '@commander-js/extra-typings'
import { addCompletion } from './completion.ts'
import type { OutputFlags } from './crossing-options.ts'
import { addOutput, withDecisions } from './crossing-options.ts'
import * as help from './help.ts'
import { each } from './parse-option.ts'
import type { Shell } from './shell.ts'

// Commands are imported when they run: help and usage errors need no database driver, and not every machine has one that loads

export interface Program {
  readonly command: CommandUnknownOpts
  /** What the command that ran ended with. */
  exitCode(): number
}

/** The whole command line. Parsing runs the command; its exit code is then there to be asked for. */
export function buildProgram(shell: Shell, version: string): Program {
  let exitCode = 0
  const program = new Command('rowferry')
    .description(help.description)
    .version(version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'show help')
    .helpCommand('help [command]', 'show help for a command')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => shell.stdout.write(text),
      writeErr: (text) => shell.stderr.write(text),
      // main prints errors, in its own words
      outputError: () => {},
    })
    .addHelpText('after', `${help.databases}${help.exitCodes}`)

  const inspect = program
    .command('inspect')
    .description('say what is in a database: tables, types, keys, rows, trouble ahead')
    .argument('[database]', 'a path or a URL')
    .option('--schema <name>', 'of a PostgreSQL database (public)')
  addOutput(inspect)
  inspect.addHelpText('after', help.inspect).action(async (database, flags) => {
    const { runInspect } = await import('./commands/inspect.ts')
    exitCode = await runInspect(database, flags as typeof flags & OutputFlags, shell)
  })

  const plan = withDecisions(
    program
      .command('plan')
      .description('check the whole crossing without writing: every value, every reference, every right')
      .optionsGroup('What to do:')
      .option('--out <file>', 'keep the plan as JSON, to be read and given to migrate --plan')
      .addOption(
        new Option('--format <how>', 'sql prints the statements that would create the tables (text)').choices([
          'text',
          'sql',
        ]),
      )
      .option(
        '--report <file>',
        'keep the report: as JSON in a .json, as a page to read, sign and print in a .html. Repeatable',
        each(String),
      ),
  )
    .argument('[source]', 'the SQLite file, or the URL of another database')
    .argument('[target]', 'the PostgreSQL database (DATABASE_URL); without one, what would be created')
  addOutput(plan)
  plan.addHelpText('after', help.plan).action(async (source, target, flags) => {
    const { runPlan } = await import('./commands/plan.ts')
    exitCode = await runPlan(source, target, flags as typeof flags & OutputFlags, shell)
  })

  const migrate = withDecisions(
    program
      .command('migrate')
      .description('carry everything over in one transaction, and prove it')
      .optionsGroup('What to do:')
      .option('--plan <file>', 'carry out exactly this plan; refused when either side has changed since')
      .option('--dry-run', 'check every value; write nothing, lock nothing')
      .option('--rehearse', 'the whole crossing, with a ROLLBACK at the end')
      .option('--replay <folder>', 'load the rows that an earlier run set aside there, once they are mended')
      .option(
        '--report <file>',
        'keep the report: as JSON in a .json, as a page to read, sign and print in a .html. Repeatable',
        each(String),
      )
      .option('--proof <file>', 'keep digests of what was proven, as JSON, for verify --against'),
  )
    .argument('[source]', 'the SQLite file, or the URL of another database')
    .argument('[target]', 'the PostgreSQL database (DATABASE_URL)')
  addOutput(migrate)
  migrate.addHelpText('after', help.migrate).action(async (source, target, flags) => {
    const { runMigrate } = await import('./commands/migrate.ts')
    exitCode = await runMigrate(source, target, flags as typeof flags & OutputFlags, shell)
  })

  const verify = withDecisions(
    program
      .command('verify')
      .description('compare every cell of both databases again, at any later time; reads only')
      .optionsGroup('What to do:')
      .option('--plan <file>', 'with the options of this plan; the schema must still be what it made')
      .option(
        '--crossing <file>',
        'the JSON report of the crossing that carried out --plan: what it left off is not missed',
      )
      .option('--as-of-plan', 'of a source that has grown since --plan, compare the rows it had then; say what is new')
      .option(
        '--checkpoint <file>',
        'keep what is found equal in a .ndjson, and go on from there after an interruption',
      )
      .option('--against <file>', 'no source: does the target, named alone, still hold what this proof says?')
      .option(
        '--report <file>',
        'keep the report: as JSON in a .json, as a page to read, sign and print in a .html. Repeatable',
        each(String),
      )
      .option('--proof <file>', 'keep digests of what was proven, as JSON, for --against')
      .option('--differences <file>', 'list every row that differs in a .ndjson, a line each (20 a table are shown)'),
  )
    .argument('[source]', 'the SQLite file, or the URL of another database; left out with --against')
    .argument('[target]', 'the PostgreSQL database (DATABASE_URL)')
  addOutput(verify)
  verify.addHelpText('after', help.verify).action(async (source, target, flags) => {
    const { runVerify } = await import('./commands/verify.ts')
    exitCode = await runVerify(source, target, flags as typeof flags & OutputFlags, shell)
  })

  const status = program
    .command('status')
    .description('say how far a load that is committed in parts has come, and who is at work; reads only')
    .argument('[target]', 'the PostgreSQL database (DATABASE_URL)')
  addOutput(status)
  status.addHelpText('after', help.status).action(async (target, flags) => {
    const { runStatus } = await import('./commands/status.ts')
    exitCode = await runStatus(target, flags as typeof flags & OutputFlags, shell)
  })

  const undo = program
    .command('undo')
    .description('take a load that was committed in parts back; refused where others wrote since')
    .argument('[target]', 'the PostgreSQL database (DATABASE_URL)')
  addOutput(undo)
  undo.addHelpText('after', help.undo).action(async (target, flags) => {
    const { runUndo } = await import('./commands/undo.ts')
    exitCode = await runUndo(target, flags as typeof flags & OutputFlags, shell)
  })

  addCompletion(program as unknown as Parameters<typeof addCompletion>[0])
  return { command: program, exitCode: () => exitCode }
}
