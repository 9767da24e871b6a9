import { expect, test } from 'vitest'
import { tablesOf } from './open.fixture.ts'

test('parents in their own spelling, implicit keys resolved, the lost ones as written', async () => {
  const tables =
    await tablesOf(`create table Parent("Id" integer primary key, Code text unique); create table Pair(x int, y int, primary key (y, x));
    create table child(
      a int references PARENT on delete cascade on update set null deferrable initially deferred,
      b text constraint by_code references parent(CODE) match full on delete restrict,
      c int references nowhere, d int references nowhere(z), e int references pair,
      f int not deferrable references "Élan" ,
      foreign key (c, d) references pair, constraint two foreign key (d, c) references Pair(X, nope) on update set default deferrable)`)
  const keys = tables.get('child')?.foreignKeys ?? []
  expect(keys.map((key) => [key.name, key.columns, key.references.name, key.referencedColumns])).toEqual([
    [null, ['a'], 'Parent', ['Id']],
    ['by_code', ['b'], 'Parent', ['Code']],
    [null, ['c'], 'nowhere', null],
    [null, ['d'], 'nowhere', ['z']],
    [null, ['e'], 'Pair', null],
    [null, ['f'], 'Élan', null],
    [null, ['c', 'd'], 'Pair', ['y', 'x']],
    ['two', ['d', 'c'], 'Pair', ['x', 'nope']],
  ])
  expect(keys.map((key) => [key.onDelete, key.onUpdate, key.deferrability])).toEqual([
    ['cascade', 'set null', 'initially deferred'],
    ['restrict', 'no action', 'not deferrable'],
    ['no action', 'no action', 'not deferrable'],
    ['no action', 'no action', 'not deferrable'],
    ['no action', 'no action', 'not deferrable'],
    ['no action', 'no action', 'not deferrable'],
    ['no action', 'no action', 'not deferrable'],
    ['no action', 'set default', 'initially immediate'],
  ])
})

test('É and é are two tables to SQLite', async () => {
  const tables = await tablesOf('create table "É"(id integer primary key); create table c(a int references "é")')
  expect(tables.get('c')?.foreignKeys[0]).toMatchObject({ references: { name: 'é' }, referencedColumns: null })
})
