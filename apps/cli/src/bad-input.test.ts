import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { makeSqlite, readEvents, rowferry, rowferryHere, useFolder } from '../test/command-line.ts'

const cwd = useFolder()
const password = 'hunter2secret'
const nowhere = `postgres://app:${password}@127.0.0.1:1/app`
makeSqlite(
  join(cwd, 'app.db'),
  "CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT); INSERT INTO users VALUES (1, 'a')",
)
makeSqlite(
  join(cwd, 'large.db'),
  `CREATE TABLE t (a TEXT); INSERT INTO t SELECT hex(zeroblob(3000)) FROM (VALUES (1), (2), (3))`,
)
writeFileSync(join(cwd, 'cut.db'), readFileSync(join(cwd, 'large.db')).subarray(0, 8192))
writeFileSync(join(cwd, 'empty.db'), '')
writeFileSync(join(cwd, 'letter.db'), 'Dear application,\n'.repeat(400))
writeFileSync(join(cwd, 'wrong.config.json'), '{ "onExsting": "append" }')
writeFileSync(join(cwd, 'no-plan.json'), '{ "hello": 1 }')
mkdirSync(join(cwd, 'folder'))

test.each<[string, readonly string[], number, string]>([
  ['a missing file', ['migrate', 'nope.db', 'pglite://./made'], 1, 'SOURCE_MISSING'],
  ['an empty file', ['migrate', 'empty.db', 'pglite://./made'], 1, 'SOURCE_EMPTY'],
  ['a folder', ['inspect', 'folder'], 1, 'SOURCE_NOT_A_FILE'],
  ['a letter', ['plan', 'letter.db'], 1, 'SOURCE_NOT_A_DATABASE'],
  ['half a database', ['migrate', 'cut.db', 'pglite://./made'], 1, 'SOURCE_DAMAGED'],
  ['a server that is not there', ['migrate', 'app.db', nowhere], 1, 'TARGET_REFUSED'],
  ['the same, to inspect', ['inspect', nowhere], 1, 'TARGET_REFUSED'],
  ['an unknown kind of database', ['migrate', 'app.db', `oracle://app:${password}@host/app`], 64, 'SCHEME_UNKNOWN'],
  [
    'a kind without an adapter',
    ['migrate', `firebird://app:${password}@host/app`, 'pglite://./made'],
    64,
    'ADAPTER_MISSING',
  ],
  ['the two the wrong way round', ['migrate', nowhere, 'app.db'], 64, 'SOURCE_NOT_SUPPORTED'],
  [
    'a password that can be read in two ways',
    ['migrate', 'app.db', `postgres://app:${password}@/db?host=@x`],
    64,
    'URL_AMBIGUOUS',
  ],
  ['an unknown option', ['migrate', 'app.db', nowhere, '--trunkate'], 64, 'did you mean --truncate?'],
  ['a value that is no choice', ['migrate', 'app.db', nowhere, '--on-existing', 'delete'], 64, 'USAGE'],
  ['a rule that is none', ['migrate', 'app.db', nowhere, '--map', 'role=ADMIN'], 64, 'table.column:old=new'],
  [
    'options that contradict each other',
    ['migrate', 'app.db', nowhere, '--truncate', '--on-existing', 'merge'],
    64,
    'OPTION_CONFLICT',
  ],
  ['databases after a list', ['migrate', '--tables', 'users', 'app.db', nowhere], 64, 'OPTION_ORDER'],
  ['too many databases', ['migrate', 'app.db', 'other.db', nowhere], 64, 'too many arguments'],
  ['no command', ['app.db', nowhere], 64, 'The command comes first'],
  ['no target', ['migrate', 'app.db'], 64, 'TARGET_NEEDED'],
  ['no source, and several here', ['migrate'], 64, 'SOURCE_NEEDED'],
  ['connections without parts', ['migrate', 'app.db', nowhere, '--jobs', '2'], 64, 'OPTION_CONFLICT'],
  ['a rehearsal in parts', ['migrate', 'app.db', nowhere, '--resumable', '--rehearse'], 64, 'OPTION_CONFLICT'],
  ['jobs on PGlite', ['migrate', 'app.db', 'pglite://./lite', '--resumable', '--jobs', '2'], 64, 'OPTION_CONFLICT'],
  ['undo without a target', ['undo'], 64, 'TARGET_NEEDED'],
  [
    'rows to set aside, and no place',
    ['migrate', 'app.db', nowhere, '--on-bad-row', 'quarantine'],
    64,
    'QUARANTINE_DIR_NEEDED',
  ],
  [
    'a report in a folder that is not there',
    ['migrate', 'app.db', 'pglite://./made', '--report', 'gone/report.json'],
    1,
    'REPORT_UNWRITABLE',
  ],
  [
    'a report where a folder is',
    ['migrate', 'app.db', 'pglite://./made', '--report', 'folder/../folder.json/../folder'],
    64,
    '.json',
  ],
  ['a report as a picture', ['migrate', 'app.db', 'pglite://./made', '--report', 'report.png'], 64, '.json or .html'],
  ['a plan as a page', ['plan', 'app.db', '--out', 'plan.html'], 64, 'must end in .json ['],
  ['a plan that is none', ['migrate', 'app.db', 'pglite://./made', '--plan', 'no-plan.json'], 1, 'PLAN_UNREADABLE'],
  [
    'a plan and another decision',
    ['migrate', 'app.db', 'pglite://./made', '--plan', 'no-plan.json', '--case', 'snake'],
    64,
    '--case cannot be given beside --plan',
  ],
  [
    'a configuration with a typing error',
    ['migrate', 'app.db', nowhere, '--config', 'wrong.config.json'],
    64,
    'onExsting',
  ],
  ['a configuration that is not there', ['migrate', 'app.db', nowhere, '--config', 'gone.ts'], 64, 'CONFIG_MISSING'],
])('%s', async (_, argv, exitCode, words) => {
  const before = readdirSync(cwd, { recursive: true })
  const { code, stdout, stderr } = await rowferryHere(argv)
  expect({ code, stdout, stderr }).toEqual({ code: exitCode, stdout: '', stderr: expect.stringContaining(words) })
  // One error, without a stack, without the password, and nothing left behind
  expect(stderr.match(/^error: /gm)).toHaveLength(1)
  expect(stderr).not.toMatch(/^\s+at /m)
  expect(stderr).not.toContain(password)
  expect(readdirSync(cwd, { recursive: true })).toEqual(before)
})

test('what is shown of a name cannot steer the terminal', async () => {
  const { stderr } = await rowferryHere(['migrate', 'x.db', 'pglite://./made', '--config', '\u001B[2J\rgone.ts'])
  expect(stderr).toContain(String.raw`\u{1b}[2J\rgone.ts`)
  expect(stderr).not.toMatch(/(?!\n)\p{Cc}/u)
})

test('with --json the error is the last line of the output as well', async () => {
  const { code, stdout } = await rowferryHere(['migrate', 'nope.db', 'pglite://./made', '--json'])
  expect(code).toBe(1)
  expect(readEvents(stdout).at(-1)).toMatchObject({
    type: 'report',
    report: { outcome: 'failed', error: { code: 'SOURCE_MISSING' } },
  })
  const usage = await rowferryHere(['migrate', 'app.db', '--json', '--nope'])
  expect(readEvents(usage.stdout)).toEqual([{ type: 'error', error: expect.objectContaining({ code: 'USAGE' }) }])
})

test.each<[readonly string[], number, string]>([
  [['migrate', 'nope.db', 'pglite://./made'], 1, 'SOURCE_MISSING'],
  [['migrate', 'app.db', nowhere], 1, 'TARGET_REFUSED'],
  [['migrate', 'app.db', nowhere, '--trunkate'], 64, 'USAGE'],
  [[], 64, 'Usage: rowferry'],
])('as a process: %j', async (argv, exitCode, words) => {
  const { code, stdout, stderr } = await rowferry(argv, { cwd })
  expect({ code, stdout, stderr }).toEqual({ code: exitCode, stdout: '', stderr: expect.stringContaining(words) })
  expect(stderr).not.toContain(password)
})
