import { describeStructure } from '@rowferry/introspect'
import { readPostgresCatalog } from '@rowferry/introspect/postgres'
import { openSession } from '@rowferry/postgres'
import { expect, test } from 'vitest'
import type { Rig } from '../test/rig.ts'
import { rig } from '../test/rig.ts'
import { migrate } from './migrate-command.ts'
import { plan } from './plan-command.ts'

const SOURCE = `
  create table people (id integer primary key autoincrement, name text not null collate nocase unique, born date,
    fee decimal(10,2) default 0 check (fee >= 0), kind text default 'member' check (kind in ('member', 'guest')),
    twice integer generated always as (id * 2) stored, boss integer references people (id) on delete set null);
  create table "Odd ""name" ("a b" text, n integer, primary key ("a b", n)) without rowid;
  create table notes (person integer references people (id), at timestamp default current_timestamp, body blob);
  create index by_day on notes (at desc); create unique index one_each on notes (person, lower(at)) where person is not null;
  create view members as select name, fee from people where kind = 'member';
  create view richest as select name from members where fee > 10;
  insert into people (name, born, fee) values ('Ann', '2000-01-02', 12.5); insert into notes (person, body) values (1, x'00');
  insert into "Odd ""name" values ('x', 1);`

async function structure(at: Rig): Promise<unknown> {
  const session = await openSession(at.target)
  try {
    return describeStructure(await readPostgresCatalog(session.kysely, { schemas: ['app', 'public'] }))
  } finally {
    await session.close()
  }
}

test.each([{}, { schema: 'app' }, { case: 'snake' }] as const)(
  'the statements of a plan make what the crossing makes: %j',
  async (options) => {
    await using crossed = await rig(SOURCE)
    await using alone = await rig(SOURCE)
    const { ddl, report } = await plan(alone.input(options))
    expect(report).toMatchObject({ outcome: 'planned' })
    expect(await migrate(crossed.input(options))).toMatchObject({ outcome: 'done' })
    await alone.rows(ddl.join(';\n'))
    const made = await structure(alone)
    expect(Object.keys(made as object).length).toBeGreaterThan(30)
    expect(made).toEqual(await structure(crossed))
  },
)
