import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Reject } from '@rowferry/write'
import { expect, test } from 'vitest'
import { rig } from '../test/rig.ts'
import { migrate } from './migrate-command.ts'

const SOURCE = `
  create table parent (id integer primary key, n, b blob);
  create table child (id integer primary key, parent integer references parent, boss integer references child, v real);
  create table loose (n);
  insert into parent values (1, 1, x'00ff'), (2, 'two', x'01'), (3, 3, null), (9007199254740993, 'far', null);
  insert into child values (1, 1, null, 0.1), (2, 2, 1, 1.0), (3, 9007199254740993, 2, 0.0), (4, 1, 3, 9e999), (5, 77, null, 1e21);
  insert into loose values (1), ('x'), ('x'), (2);`
const TARGET = `
  create table parent (id bigint primary key, n int, b bytea);
  create table child (id int primary key, parent bigint references parent deferrable, boss int references child deferrable, v float8);
  create table loose (n int)`

async function crossed() {
  const at = await rig(SOURCE, TARGET)
  const folder = join(at.folder, 'aside')
  const report = await migrate(at.input({ onBadRow: 'quarantine', quarantineDir: folder }))
  return { at, folder, report }
}

const read = (path: string) =>
  existsSync(path)
    ? readFileSync(path, 'utf8')
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line) as Reject)
    : []
function mend(
  path: string,
  change: (values: Reject['values'][number], reject: Reject) => Reject['values'][number],
): void {
  const rows = read(path).map((reject) => ({ ...reject, values: reject.values.map((value) => change(value, reject)) }))
  writeFileSync(path, rows.map((row) => `${JSON.stringify(row)}\n`).join(''))
}
const count = 'select (select count(*) from parent), (select count(*) from child), (select count(*) from loose)'

test('what was set aside is mended in its file and follows, parents first; what still does not fit stays', async () => {
  const { at, folder, report } = await crossed()
  await using _ = at
  expect(report).toMatchObject({ outcome: 'partial', exitCode: 2, totals: { read: 13, written: 5, rejected: 8 } })
  // Nothing mended: nothing moves
  const same = await migrate({ ...at.input(), replay: folder })
  expect(same.error).toBeNull()
  expect(same).toMatchObject({ outcome: 'partial', totals: { read: 8, written: 0, rejected: 8 } })
  expect(read(join(folder, 'child.ndjson'))).toHaveLength(4)
  // Two of the three reasons mended, one by a value with another class
  mend(join(folder, 'parent.ndjson'), (value) =>
    value.value === 'two'
      ? { ...value, class: 'integer', value: '2' }
      : value.value === 'far'
        ? { ...value, class: 'integer', value: '4' }
        : value,
  )
  mend(join(folder, 'loose.ndjson'), (value) =>
    value.column === 'n' ? { ...value, class: 'integer', value: '007' } : value,
  )
  const second = await migrate({ ...at.input(), replay: folder })
  expect(second.error).toBeNull()
  expect(second).toMatchObject({ outcome: 'partial', exitCode: 2 })
  expect(second.totals.read).toBe(8)
  expect(second.totals.written + second.totals.rejected).toBe(8)
  expect(await at.rows('select id, n, encode(b, $$hex$$) from parent order by id')).toEqual([
    ['1', '1', '00ff'],
    ['2', '2', '01'],
    ['3', '3', null],
    ['9007199254740993', '4', null],
  ])
  expect(await at.rows('select id, parent, boss, v from child order by id')).toEqual([
    ['1', '1', null, '0.1'],
    ['2', '2', '1', '1'],
    ['3', '9007199254740993', '2', '0'],
    ['4', '1', '3', 'Infinity'],
  ])
  expect(await at.rows('select n from loose order by n')).toEqual([['1'], ['2'], ['7'], ['7']])
  expect(readdirSync(folder).toSorted()).toEqual(['child.ndjson', 'done'])
  expect(read(join(folder, 'child.ndjson'))).toMatchObject([{ row: 'id=5', code: 'FOREIGN_KEY_VIOLATION' }])
  const [run] = readdirSync(join(folder, 'done'))
  expect(readdirSync(join(folder, 'done', run!)).toSorted()).toEqual(['child.ndjson', 'loose.ndjson', 'parent.ndjson'])
  mend(join(folder, 'child.ndjson'), (value) => (value.column === 'parent' ? { ...value, value: '1' } : value))
  expect(await migrate({ ...at.input(), replay: folder })).toMatchObject({
    outcome: 'done',
    exitCode: 0,
    totals: { written: 1 },
  })
  const nothing = await migrate({ ...at.input(), replay: folder })
  expect(nothing).toMatchObject({ outcome: 'done', exitCode: 0, findings: [{ code: 'REPLAY_EMPTY' }] })
  expect(await at.rows(count)).toEqual([['4', '5', '4']])
})

test('a rehearsal of a replay leaves target and folder as they were', async () => {
  const { at, folder } = await crossed()
  await using _ = at
  mend(join(folder, 'loose.ndjson'), (value) =>
    value.column === 'n' ? { ...value, class: 'integer', value: '5' } : value,
  )
  const before = readdirSync(folder).map((name) => [name, readFileSync(join(folder, name), 'utf8')])
  const report = await migrate({ ...at.input(), replay: folder, rehearse: true })
  expect(report.totals).toMatchObject({ read: 8, written: 2, rejected: 6 })
  expect(readdirSync(folder).map((name) => [name, readFileSync(join(folder, name), 'utf8')])).toEqual(before)
  expect(await at.rows(count)).toEqual([['2', '1', '2']])
})

/** Loads the rows of `loose`, and is killed between COMMIT and the moving of its files. */
async function killedAfterCommit() {
  const given = await crossed()
  const { at, folder } = given
  mend(join(folder, 'loose.ndjson'), (value) =>
    value.column === 'n' ? { ...value, class: 'integer', value: '5' } : value,
  )
  const kept = join(at.folder, 'kept')
  mkdirSync(kept)
  await migrate({
    ...at.input(),
    replay: folder,
    onEvent(event) {
      // The last moment before COMMIT: what is written here is what a kill leaves behind
      if (event.type !== 'phase' || event.phase !== 'commit') return
      for (const name of readdirSync(folder))
        if (name.endsWith('.ndjson')) writeFileSync(join(kept, name), readFileSync(join(folder, name)))
      copyFolder(join(folder, '.replay'), join(kept, '.replay'))
    },
  })
  renameSync(folder, join(at.folder, 'gone'))
  renameSync(kept, folder)
  return given
}

function copyFolder(from: string, to: string): void {
  mkdirSync(to)
  for (const each of readdirSync(from, { withFileTypes: true })) {
    if (each.isDirectory()) copyFolder(join(from, each.name), join(to, each.name))
    else writeFileSync(join(to, each.name), readFileSync(join(from, each.name)))
  }
}

test('killed between COMMIT and the moving of the files, nothing is loaded twice', async () => {
  const { at, folder } = await killedAfterCommit()
  await using _ = at
  expect(existsSync(join(folder, '.replay', 'journal.json'))).toBe(true)
  expect(await at.rows('select n from loose order by n')).toEqual([['1'], ['2'], ['5'], ['5']])
  const again = await migrate({ ...at.input(), replay: folder })
  expect(again.error).toBeNull()
  expect(again.tables.map(({ source }) => source)).not.toContain('loose')
  expect(await at.rows('select n from loose order by n')).toEqual([['1'], ['2'], ['5'], ['5']])
  expect(readdirSync(folder).toSorted()).toEqual(['child.ndjson', 'done', 'parent.ndjson'])
})

test('killed before COMMIT, the rows are loaded by the next run', async () => {
  const { at, folder } = await crossed()
  await using _ = at
  mend(join(folder, 'loose.ndjson'), (value) =>
    value.column === 'n' ? { ...value, class: 'integer', value: '5' } : value,
  )
  const [aborted] = await at
    .rows('begin; create table x (); select pg_current_xact_id()')
    .then(() => at.rows('select pg_current_xact_id()::text::bigint + 1000000'))
  mkdirSync(join(folder, '.replay', 'left'), { recursive: true })
  const { label } = (await migrate({ ...at.input(), replay: folder, rehearse: true })).target!
  mkdirSync(join(folder, '.replay', 'left'), { recursive: true })
  writeFileSync(
    join(folder, '.replay', 'journal.json'),
    JSON.stringify({ xid: aborted![0], target: label, files: [{ name: 'loose.ndjson', left: 0, done: 2 }] }),
  )
  const report = await migrate({ ...at.input(), replay: folder })
  expect(report.error).toBeNull()
  expect(await at.rows('select n from loose order by n')).toEqual([['1'], ['2'], ['5'], ['5']])
})

test('a replay whose end nobody knows is not begun again', async () => {
  const { at, folder } = await crossed()
  await using _ = at
  mkdirSync(join(folder, '.replay'))
  writeFileSync(
    join(folder, '.replay', 'journal.json'),
    JSON.stringify({ xid: '1', target: 'postgres://elsewhere/db', files: [] }),
  )
  const report = await migrate({ ...at.input(), replay: folder })
  expect(report).toMatchObject({
    outcome: 'failed',
    exitCode: 1,
    error: { code: 'REPLAY_UNDER_WAY', remedy: expect.stringContaining('.replay') },
  })
})

test.each([
  ['no JSON', () => '{', 'is no JSON'],
  [
    'no value of its class',
    (line: string) => line.replace('"class":"text","value":"x"', '"class":"integer","value":"x"'),
    'has no integer in "n"',
  ],
  ['another table', (line: string) => line.replace('"name":"loose"', '"name":"child"'), 'of another table'],
])('a line with %s is named before anything is written', async (_name, spoil, message) => {
  const { at, folder } = await crossed()
  await using _ = at
  const path = join(folder, 'loose.ndjson')
  const [first, second] = readFileSync(path, 'utf8').split('\n')
  writeFileSync(path, `${first}\n${spoil(second!)}\n`)
  const report = await migrate({ ...at.input(), replay: folder })
  expect(report).toMatchObject({
    outcome: 'failed',
    error: { code: 'REPLAY_UNREADABLE', message: expect.stringContaining('line 2') },
  })
  expect(report.error?.message).toContain(message)
  expect(await at.rows(count)).toEqual([['2', '1', '2']])
})

test('a file that is changed meanwhile rolls the replay back', async () => {
  const { at, folder } = await crossed()
  await using _ = at
  mend(join(folder, 'loose.ndjson'), (value) =>
    value.column === 'n' ? { ...value, class: 'integer', value: '5' } : value,
  )
  const report = await migrate({
    ...at.input(),
    replay: folder,
    onEvent(event) {
      if (event.type === 'phase' && event.phase === 'verify') writeFileSync(join(folder, 'parent.ndjson'), '')
    },
  })
  expect(report).toMatchObject({
    exitCode: expect.any(Number),
    outcome: expect.stringMatching(/^(?:failed|different)$/),
  })
  expect(await at.rows(count)).toEqual([['2', '1', '2']])
})
