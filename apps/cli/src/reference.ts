import type { CommandUnknownOpts, Option } from '@commander-js/extra-typings'
import { exitCodes } from './help.ts'

/** docs/cli.md, from the very definitions that parse the command line. */
export function renderReference(program: CommandUnknownOpts): string {
  const help = program.createHelp()
  const commands = help.visibleCommands(program).filter((command) => command.name() !== 'help')
  return `${[
    '# The command line',
    'Generated from the program by `pnpm --filter rowferry run reference`; a test compares.',
    'A database is a path or a URL: `app.db`, `app.sql` (a dump), a folder of CSV files, `sqlite:///./app.db`, `file:app.db`, `postgres://user@host:5432/name`, `postgresql+psycopg2://…`, `pglite://./folder`, `mysql://user:password@host:3306/name`. Databases come before options that take lists.',
    ...commands.flatMap(renderCommand),
    ...settings,
    '## Exit codes',
    table(
      ['code', 'means'],
      exitCodes
        .trim()
        .split('\n')
        .slice(1)
        .map((line) => cells(/^\s*(\d+)\s+(.*)$/, line)),
    ),
  ].join('\n\n')}\n`
}

function renderCommand(command: CommandUnknownOpts): string[] {
  const help = command.createHelp()
  const groups = new Map<string, Option[]>()
  for (const option of help.visibleOptions(command).filter(({ long }) => long !== '--help')) {
    const heading = option.helpGroupHeading ?? 'Options:'
    groups.set(heading, [...(groups.get(heading) ?? []), option])
  }
  const positionals = command.registeredArguments.map((argument) => [
    `\`${argument.required ? `<${argument.name()}>` : `[${argument.name()}]`}\``,
    argument.description,
  ])
  return [
    `## rowferry ${command.name()}`,
    `${capital(help.commandDescription(command))}.`,
    `\`${help.commandUsage(command)}\``,
    ...(positionals.length === 0 ? [] : [table(['argument', 'means'], positionals)]),
    ...[...groups].flatMap(([heading, options]) => [
      `### ${heading.replace(/:$/, '')}`,
      table(
        ['option', 'means'],
        options.map((option) => [
          `\`${option.flags}\``,
          option.description +
            (option.argChoices ? `. One of ${option.argChoices.map((choice) => `\`${choice}\``).join(', ')}` : ''),
        ]),
      ),
    ]),
  ]
}

const settings = [
  '## The configuration file',
  '`rowferry.config.ts`, `.js`, `.mjs` or `.json` in the working folder, or what `--config` names. It holds the options by their long names in camel case, with `source` and `target`. What the command line says wins; rules and lists of columns are joined, rule by rule. What concerns one column may stand together under `columns`. A setting that nobody knows is refused. For JSON, editors take [schema/config.json](schema/config.json) as `$schema`.',
  `\`\`\`ts
import { defineConfig } from 'rowferry'

export default defineConfig({
  source: 'app.db',
  // Without it: DATABASE_URL, then POSTGRES_HOST and its like
  target: 'postgres://app@localhost:5432/app',
  map: { 'users.role': { INDIVIDUAL: 'STUDENT', '': null } },
  epoch: { 'users.created_at': 'ms' },
  columns: {
    'orders.total': { allowLossy: true, rename: 'amount' },
    'orders.state': { map: { open: 'OPEN' }, trim: true },
  },
  emptyAsNull: ['users.email', 'orders.*'],
  timezone: 'Europe/Paris',
})
\`\`\``,
  'Variables come from the environment and from `.env`; Node.js itself reads what `--env-file` names, and ends with exit code 9 when that file is not there.',
]

function table(headings: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (row: readonly string[]): string =>
    `| ${row.map((cell) => cell.replaceAll('|', String.raw`\|`)).join(' | ')} |`
  return [line(headings), line(headings.map(() => '---')), ...rows.map(line)].join('\n')
}

function cells(pattern: RegExp, text: string): string[] {
  return pattern.exec(text)?.slice(1) ?? []
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}
