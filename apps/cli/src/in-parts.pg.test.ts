import { createDatabase } from '@rowferry/vitest-preset/database'
import { expect, test } from 'vitest'
import { makeSqlite, readEvents, rowferry, rowferryHere, useFolder } from '../test/command-line.ts'

const cwd = useFolder()

test('Ctrl-C while rows are committed in parts is exit code 3, with the command that goes on; status and undo say what they find', async () => {
  makeSqlite(
    'app.db',
    `create table item (id integer primary key, name text);
     with recursive n(i) as (select 1 union all select i + 1 from n where i < 30000) insert into item select i, 'item ' || i from n;`,
  )
  await using database = await createDatabase()
  const line = ['migrate', 'app.db', database.url, '--resumable', '--commit-every', '50']
  let sent = false
  const stopped = await rowferry(line, {
    cwd,
    watch: (said, kill) => {
      if (sent || !/^loading/m.test(said)) return
      sent = true
      kill('SIGINT')
    },
  })
  expect(stopped).toMatchObject({
    code: 3,
    stdout: expect.stringMatching(/^✖ Stopped\. [\d,]+ rows? (is|are) committed so far/),
  })
  expect(stopped.stderr).toContain('what is committed stays')
  expect(stopped.stdout).toContain(`rowferry ${line.join(' ')}`)
  expect(stopped.stdout).toMatch(/rowferry undo\s+postgres:/)
  const between = await rowferryHere(['status', database.url])
  expect(between).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/rows are loaded[^]*nobody is at work[^]*Next: load item/),
  })
  const atOnce = await rowferryHere(['migrate', 'app.db', database.url])
  expect(atOnce).toMatchObject({ code: 1, stderr: expect.stringContaining('RUN_UNFINISHED') })
  const done = await rowferryHere([...line.slice(0, 4), '--jobs', '2', '--keep-ledger'])
  expect(done).toMatchObject({ code: 0, stdout: expect.stringMatching(/committed\s+in\s+parts,\s+in\s+2\s+attempts/) })
  const [status] = readEvents((await rowferryHere(['status', database.url, '--json'])).stdout)
  expect(status).toMatchObject({ type: 'status', status: { run: { state: 'done', rows: 30_000, attempts: 2 } } })
  const [undone] = readEvents((await rowferryHere(['undo', database.url, '--json'])).stdout)
  expect(undone).toMatchObject({ type: 'undone', undone: { dropped: ['item'], rows: 30_000 } })
  expect((await rowferryHere(['status', database.url])).stdout).toContain('no load in parts is on record')
  expect(await rowferryHere(['undo', database.url])).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('NOTHING_TO_UNDO'),
  })
})
