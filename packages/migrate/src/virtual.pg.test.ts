import { expect, test } from 'vitest'
import { rig } from '../test/rig.ts'
import { migrate } from './migrate-command.ts'

test('virtual tables are carried as tables without their shadows, and what they did is proposed', async () => {
  await using at = await rig(`
    create virtual table plain using fts5(title, "the body", note unindexed);
    create virtual table stems using fts4(body, tokenize=porter);
    create virtual table grams using fts5(body, tokenize = 'trigram');
    create virtual table boxes using rtree(id, x1, x2, y1, y2);
    insert into plain values ('T', 'it''s here', 'n'); insert into stems values ('running'); insert into grams values (null);
    insert into boxes values (1, 0, 2, -1.5, 3)`)
  const report = await migrate(at.input())
  expect(report).toMatchObject({ outcome: 'done', skipped: [] })
  expect(
    await at.rows(
      "select relname from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace order by 1",
    ),
  ).toEqual([['boxes'], ['grams'], ['plain'], ['stems']])
  expect(await at.rows('select * from plain')).toEqual([['T', "it's here", 'n']])
  const suggested = new Map(report.notCarried.map(({ object, suggestion }) => [object, suggestion]))
  expect([...suggested.keys()].toSorted((a, b) => a.localeCompare(b))).toEqual(
    ['boxes', 'grams', 'plain', 'stems'].map((name) => `virtual table ${name}`),
  )
  expect(suggested.get('virtual table plain')).toContain(`coalesce("title", '') || ' ' || coalesce("the body", '')))`)
  expect(suggested.get('virtual table stems')).toContain("'english'")
  for (const name of ['boxes', 'plain', 'stems']) await at.rows(suggested.get(`virtual table ${name}`)!)
  expect(suggested.get('virtual table grams')).toContain('gin_trgm_ops')
})

test('a search table that holds no text of its own says so', async () => {
  await using at = await rig(`create table t (id integer primary key, body text);
    create virtual table none using fts5(body, content=''); create virtual table other using fts5(body, content='t', content_rowid='id');
    insert into t values (1, 'a'); insert into other (rowid, body) values (1, 'a'); insert into none (rowid, body) values (1, 'a')`)
  const report = await migrate(at.input())
  expect(report).toMatchObject({ outcome: 'done' })
  expect(report.findings.filter(({ code }) => code === 'FTS_WITHOUT_CONTENT').map(({ table }) => table)).toEqual([
    'none',
    'other',
  ])
  expect(await at.rows('select body from other union all select body from none')).toEqual([['a'], [null]])
})
