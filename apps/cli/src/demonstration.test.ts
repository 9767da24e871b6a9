import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { PGlite } from '@electric-sql/pglite'
import Database from 'better-sqlite3'
import { expect, test } from 'vitest'
import { rowferry, useFolder } from '../test/command-line.ts'

const cwd = useFolder()

test(
  'the demonstration refuses, mends, proves, and leaves both databases to look at',
  { timeout: 60_000 },
  async () => {
    const { code, stdout, stderr } = await rowferry([], { cwd, entry: 'start.ts', env: { TMPDIR: cwd } })
    expect({ code, errors: stderr.match(/error:.*/g) }).toEqual({ code: 0, errors: null })
    const order = [
      '$ rowferry migrate school.db pglite://./postgres\n',
      '✖ Refused. 1 point has to be settled first.',
      "→ --map 'users.role:INDIVIDUAL=",
      "$ rowferry migrate school.db pglite://./postgres --map 'users.role:INDIVIDUAL=STUDENT'",
      '✔ Done. 4 tables, 740 rows',
      '740 read = 740 written + 0 rejected',
      'users.role: 3 cells by --map ("INDIVIDUAL")',
      'students.id: 361',
      'Your own database',
      'pnpm start -- migrate app.db postgres://user:password@localhost:5432/app',
    ]
    expect(order.map((words) => stdout.indexOf(words)).toSorted((a, b) => a - b)).toEqual(
      order.map((words) => stdout.indexOf(words)),
    )
    expect(order.filter((words) => !stdout.includes(words))).toEqual([])

    const folder = readdirSync(cwd).find((name) => name.startsWith('rowferry-demo-')) ?? ''
    const source = new Database(join(cwd, folder, 'school.db'), { readonly: true })
    expect(source.prepare("SELECT count(*) AS legacy FROM users WHERE role = 'INDIVIDUAL'").get()).toEqual({
      legacy: 3,
    })
    source.close()
    await using target = await PGlite.create(join(cwd, folder, 'postgres'))
    const { rows } = await target.query(
      `SELECT (SELECT count(*)::int FROM users WHERE role = 'STUDENT') AS students,
      (SELECT settings -> 'grading' ->> 'best' FROM schools WHERE country_code = 'PE') AS best,
      (SELECT yearly_fee::text FROM schools WHERE country_code = 'PE') AS fee,
      (SELECT notes FROM students WHERE user_id = 40) AS notes`,
    )
    expect(rows).toEqual([
      { students: 360, best: '20', fee: '9999.99', notes: 'Allergic to nuts.\nCollects stamps 🦉' },
    ])
  },
)

test.each([
  [['--', '--version'], '0.'],
  [['--version'], '0.'],
])('with arguments it is rowferry itself: %j', async (argv, words) => {
  const { code, stdout } = await rowferry(argv, { cwd, entry: 'start.ts' })
  expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringContaining(words) })
})
