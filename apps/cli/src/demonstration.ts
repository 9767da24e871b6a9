import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openPage, prose, renderTable } from '@rowferry/report'
import { main } from './main.ts'
import { makeApplicationDatabase } from './sample/application.ts'
import { makeTargetDatabase, readBack } from './sample/target.ts'
import { wantsColor, widthOf } from './shell.ts'

const source = 'school.db'
const target = 'pglite://./postgres'
const mapping = 'users.role:INDIVIDUAL=STUDENT'

const questions = [
  'SELECT role, count(*) AS users, count(*) FILTER (WHERE is_active) AS active FROM users GROUP BY role ORDER BY role',
  `SELECT s.id, u.full_name, u.role, s.born_on, s.average_grade, u.preferences ->> 'theme' AS theme, u.created_at
   FROM students s JOIN users u ON u.id = s.user_id WHERE s.id IN (9, 10, 11) ORDER BY s.id`,
]

/** A small application's crossing from beginning to end, with real databases in a temporary folder. Gives the exit code. */
export async function demonstrate(): Promise<number> {
  const page = openPage({ color: wantsColor(process.stdout, undefined), width: Math.min(widthOf(process.stdout), 100) })
  const print = (...lines: readonly string[]): unknown => process.stdout.write(`${lines.join('\n')}\n`)
  const say = (text: string, mark = ''): unknown => print(...prose(page, text, mark), '')
  const title = (text: string): unknown => print('', page.paint('bold', text), '')
  const run = async (...argv: readonly string[]): Promise<number> => {
    print(
      page.paint('cyan', `$ rowferry ${argv.map((word) => (/^[\w:/.-]+$/.test(word) ? word : `'${word}'`)).join(' ')}`),
      '',
    )
    return main(argv)
  }

  const folder = mkdtempSync(join(tmpdir(), 'rowferry-demo-'))
  process.chdir(folder)
  title('rowferry, a demonstration')
  say(
    "A school's application has outgrown SQLite. Its migrations have made the tables in PostgreSQL; now the rows have to get there, all of them, unharmed.",
  )
  say(
    'SQLite. Booleans are 0 and 1, JSON and times are text, and three users hold a role that the application gave up: INDIVIDUAL.',
    `  ${source}  `,
  )
  say(
    'PostgreSQL in a folder (PGlite): boolean, jsonb, timestamptz, numeric, an enum without INDIVIDUAL, foreign keys.',
    '  postgres   ',
  )
  print(`Both are real, and in ${folder}`)
  makeApplicationDatabase(source)
  await makeTargetDatabase('postgres')

  title('1. Carry it over')
  const refused = await run('migrate', source, target)
  if (refused !== 1) return unexpected(refused)

  title('2. Say what INDIVIDUAL shall become, and carry it over')
  say('Everything that does not fit was listed at once, and PostgreSQL is as it was. The mending is one option:')
  const done = await run('migrate', source, target, '--map', mapping)
  if (done !== 0) return unexpected(done)

  title('3. What PostgreSQL holds now')
  for (const [names = [], ...rows] of await readBack('postgres', questions)) {
    print(
      ...renderTable(
        page,
        names.map((name) => ({ name })),
        rows,
      ),
      '',
    )
  }
  say(
    'The three are students now. The last student had left, so the next one gets the number after: none is given twice.',
  )
  title('Your own database')
  print(
    '  pnpm start -- inspect app.db',
    '  pnpm start -- plan    app.db postgres://user:password@localhost:5432/app',
    '  pnpm start -- migrate app.db postgres://user:password@localhost:5432/app',
    '  pnpm start -- verify  app.db postgres://user:password@localhost:5432/app',
    '',
  )
  say(
    'plan reads everything and writes nothing. In a target without tables, migrate makes them. pnpm start -- --help tells the rest.',
  )
  return 0
}

function unexpected(exitCode: number): number {
  process.stderr.write(`The demonstration did not go as it should (exit code ${exitCode}). Please report it.\n`)
  return exitCode === 0 ? 1 : exitCode
}
