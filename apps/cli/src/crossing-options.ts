import { Command, Option } from '@commander-js/extra-typings'
import type { CommandUnknownOpts, OptionValues } from '@commander-js/extra-typings'
import { each, parseColumn, parseCount, parseEpoch, parseMap, parseRename } from './parse-option.ts'

/** The decisions of a crossing. `plan`, `migrate` and `verify` take the same ones, since all three must mean the same thing. */
export function withDecisions<Opts extends OptionValues>(command: Command<[], Opts>) {
  return command
    .optionsGroup('Which tables:')
    .option('--tables <names...>', 'carry only these tables (all)')
    .option('--exclude-tables <names...>', 'leave these tables out')
    .option('--schema <name>', "the target's schema (public)")
    .option('--order <names...>', 'load these tables in this order; checked against the foreign keys')
    .addOption(
      new Option(
        '--missing-tables <what>',
        'a source table with rows that a target which has others lacks (refuse)',
      ).choices(['refuse', 'skip', 'create']),
    )
    .optionsGroup('What values and names become:')
    .option(
      '--map <rule>',
      String.raw`replace a stored value: 'users.role:INDIVIDUAL=STUDENT'. Nothing after = is the empty string, \N is NULL. Repeatable`,
      each(parseMap),
    )
    .option('--epoch <rule>', "numbers are times: 'users.created_at=s', or ms, or us. Repeatable", each(parseEpoch))
    .option('--timezone <zone>', 'what times without a zone mean where the target keeps instants: Europe/Paris')
    .option(
      '--allow-lossy <column>',
      "accept rounding or cutting in this column, counted: 'orders.total'. Repeatable",
      each(parseColumn),
    )
    .option('--rename <rule>', "'Old=new' for a table, 'Table.Col=col' for a column. Repeatable", each(parseRename))
    .addOption(
      new Option('--case <how>', 'how names without --rename are carried (keep)').choices(['keep', 'snake', 'lower']),
    )
    .optionsGroup('When something stands in the way:')
    .addOption(
      new Option(
        '--on-existing <what>',
        'target tables that hold rows: skip leaves rows whose key is there as they are, merge goes by key (refuse)',
      ).choices(['refuse', 'truncate', 'append', 'skip', 'merge']),
    )
    .option('--truncate', 'the same as --on-existing truncate')
    .option('--no-truncate', 'the same as --on-existing append')
    .option('--allow-cascade <names...>', 'tables outside the selection that truncate may empty as well')
    .addOption(
      new Option('--on-bad-row <what>', 'a row that cannot arrive exactly; quarantine sets it aside (refuse)').choices([
        'refuse',
        'quarantine',
      ]),
    )
    .option('--quarantine-dir <folder>', 'where rows that are set aside are kept, as NDJSON')
    .addOption(
      new Option(
        '--triggers <what>',
        'user triggers on target tables that would change or swallow rows (refuse)',
      ).choices(['refuse', 'disable', 'fire']),
    )
    .optionsGroup('How it runs:')
    .addOption(
      new Option('--verify <how>', 'full compares every cell, counts only counts rows (full)').choices([
        'full',
        'counts',
        'none',
      ]),
    )
    .option('--batch-size <n>', 'rows per read, never a commit (by size)', parseCount)
}

/** Where settings come from and what is said, for every command. Statements, not a chain: TypeScript gives up on chains of more than thirty. */
export function addOutput(command: CommandUnknownOpts): void {
  command
    .optionsGroup('Settings and output:')
    .option('--config <file>', 'settings (rowferry.config.ts, .js, .mjs or .json, if there is one)')
    .option('--env-file <file>', 'environment variables; those that are set already win (.env, if there is one)')
    .option('--json', 'events and the result as NDJSON on stdout')
    .option('--quiet', 'say nothing unless something is wrong')
    .option('--no-color', 'no colours')
}

export interface OutputFlags {
  readonly config?: string
  readonly envFile?: string
  readonly json?: true
  readonly quiet?: true
  readonly color: boolean
}

/** Known, so that they can be answered with more than "unknown option". */
export function addLater(command: CommandUnknownOpts): void {
  command
    .optionsGroup('In a later version:')
    .option('--resumable', 'commit as it goes')
    .option('--commit-every <n>', 'rows per commit')
    .option('--jobs <n>', 'connections')
}

export interface LaterFlags {
  readonly resumable?: true
  readonly commitEvery?: string
  readonly jobs?: string
}

const decided = () => withDecisions(new Command()).opts()

export type DecisionFlags = ReturnType<typeof decided>

/** By attribute, the options that decide something about the crossing, as they are written. */
export function decisionNames(): Record<string, string> {
  return Object.fromEntries(
    withDecisions(new Command()).options.map((option) => [option.attributeName(), option.long ?? option.flags]),
  )
}
