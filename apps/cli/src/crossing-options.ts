import { Command, Option } from '@commander-js/extra-typings'
import type { CommandUnknownOpts, OptionValues } from '@commander-js/extra-typings'
import type { MendFlags } from './mend-options.ts'
import { addMends } from './mend-options.ts'
import {
  each,
  parseCast,
  parseColumn,
  parseCount,
  parseEpoch,
  parseFill,
  parseMap,
  parseRename,
} from './parse-option.ts'

/** The decisions of a crossing. `plan`, `migrate` and `verify` take the same ones, since all three must mean the same thing. */
export function withDecisions<Opts extends OptionValues>(command: Command<[], Opts>) {
  const decisions = command
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
    .option(
      '--epoch <rule>',
      "numbers are times: 'users.created_at=s', or ms, us, ns (since 1970), julian, apple, apple-ns (since 2001), webkit (since 1601), ticks (.NET); of an interval how long it is, by s, ms, us, ns or ticks. Repeatable",
      each(parseEpoch),
    )
    .option('--timezone <zone>', 'what times without a zone mean where the target keeps instants: Europe/Paris')
    .option(
      '--allow-lossy <column>',
      "accept rounding or cutting in this column, counted: 'orders.total'. Repeatable",
      each(parseColumn),
    )
    .option(
      '--cast <rule>',
      "the type of a created column: 'orders.total=numeric(12,2)', or of all declared so: 'declared:MONEY*=numeric(12,2)'. Repeatable",
      each(parseCast),
    )
    .addOption(
      new Option(
        '--nocase <how>',
        'created text columns under NOCASE: fold keeps them text with folding indexes, citext and icu compare without case by themselves (fold)',
      ).choices(['fold', 'citext', 'icu']),
    )
    .option(
      '--drop-column <column>',
      "leave this column of the source behind, with its values, counted: 'users.legacy'. Repeatable",
      each(parseColumn),
    )
    .option(
      '--fill <rule>',
      String.raw`give every row a value in a column that only the target has: 'users.active=true'. \N is NULL. Repeatable`,
      each(parseFill),
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
    .addOption(
      new Option(
        '--backup <how>',
        'keep the rows that truncate is about to destroy: pg_dump in a file, schema as copies in the target (none)',
      ).choices(['none', 'pg_dump', 'schema']),
    )
    .option('--backup-dir <folder>', 'where --backup pg_dump puts its file (.)')
    .addOption(
      new Option(
        '--snapshot <how>',
        'copy reads a copy of the source, so that the application can go on writing to it (file)',
      ).choices(['file', 'copy']),
    )
    .option('--batch-size <n>', 'rows per read, never a commit (by size)', parseCount)
    .optionsGroup('For loads that are too long for one transaction:')
    .option('--resumable', 'commit in parts, so that the same command goes on where it stopped; see status and undo')
    .option('--commit-every <n>', 'rows in one commit, at most (100000; 4 MiB in any case)', parseCount)
    .option('--jobs <n>', 'connections that load at once (1)', parseCount)
    .option('--keep-ledger', 'leave the account of the run in the target, so that undo can still take it back')
  addMends(decisions)
  return decisions
}

/** Where settings come from and what is said, for every command. Statements, not a chain: TypeScript gives up on chains of more than thirty. */
export function addOutput(command: CommandUnknownOpts): void {
  command
    .optionsGroup('Settings and output:')
    .option('--source <package>', 'the adapter that reads the source, a package or a module (by its URL or file)')
    .option('--config <file>', 'settings (rowferry.config.ts, .js, .mjs or .json, if there is one)')
    .option('--env-file <file>', 'environment variables; those that are set already win (.env, if there is one)')
    .option('--json', 'events and the result as NDJSON on stdout')
    .option('--quiet', 'say nothing unless something is wrong')
    .option('--no-color', 'no colours')
}

export interface OutputFlags {
  readonly source?: string
  readonly config?: string
  readonly envFile?: string
  readonly json?: true
  readonly quiet?: true
  readonly color: boolean
}

const decided = () => withDecisions(new Command()).opts()

export type DecisionFlags = ReturnType<typeof decided> & MendFlags

/** By attribute, the options that decide something about the crossing, as they are written. */
export function decisionNames(): Record<string, string> {
  return Object.fromEntries(
    withDecisions(new Command()).options.map((option) => [option.attributeName(), option.long ?? option.flags]),
  )
}
