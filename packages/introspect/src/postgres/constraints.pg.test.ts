import { describe, expect, test } from 'vitest'
import { useEverything } from './everything.fixture.ts'
import { readPostgresCatalog } from './read.ts'

const everything = useEverything()
const { catalog, run, tableOf } = everything

describe('constraints', () => {
  test('keys', async () => {
    const parent = await tableOf('parent')
    expect(parent.primaryKey).toEqual({
      name: 'parent_pkey',
      columns: ['id'],
      deferrability: 'not deferrable',
      nullsNotDistinct: false,
      definition: 'PRIMARY KEY (id)',
    })
    expect(parent.uniques.map((key) => [key.name, key.columns, key.deferrability])).toEqual([
      ['parent_ab', ['a', 'b'], 'initially deferred'],
      ['parent_ba', ['b', 'a'], 'not deferrable'],
      ['parent_code_key', ['code'], 'not deferrable'],
    ])
    expect((await tableOf('parts')).primaryKey?.columns).toEqual(['id', 'region'])
  })

  test('foreign keys', async () => {
    const child = await tableOf('child')
    expect(child.foreignKeys.map((key) => [key.name, key.columns, key.references.name, key.referencedColumns])).toEqual(
      [
        ['ab', ['b', 'a'], 'parent', ['b', 'a']],
        ['by_code', ['code'], 'parent', ['code']],
        ['child_parent_id_fkey', ['parent_id'], 'parent', ['id']],
        ['child_self_fkey', ['self'], 'child', ['id']],
      ],
    )
    expect(
      child.foreignKeys.map((key) => [key.onDelete, key.onUpdate, key.match, key.deferrability, key.validated]),
    ).toEqual([
      ['no action', 'no action', 'simple', 'initially immediate', false],
      ['no action', 'set null', 'full', 'initially deferred', true],
      ['cascade', 'no action', 'simple', 'not deferrable', true],
      ['no action', 'no action', 'simple', 'not deferrable', true],
    ])
    expect(child.foreignKeys[2]?.definition).toBe(
      'FOREIGN KEY (parent_id) REFERENCES public.parent(id) ON DELETE CASCADE',
    )
  })

  test('a key to a partitioned table is one key', async () => {
    expect((await tableOf('points_at_parts')).foreignKeys.map((key) => key.references.name)).toEqual(['parts'])
  })

  test('checks and exclusions', async () => {
    const child = await tableOf('child')
    expect(child.checks.map((check) => [check.name, check.expression])).toEqual([
      ['child_price_check', '(price > (0)::numeric)'],
      ['the check', "((a <> b) OR (code ~ '^\\)'::text))"],
    ])
    expect(child.checks[1]?.definition).toBe("CHECK (((a <> b) OR (code ~ '^\\)'::text))) NO INHERIT")
    expect(child.exclusions.map((one) => one.definition)).toEqual([
      'EXCLUDE USING gist (int4range(a, b) WITH &&) WHERE ((a < b))',
    ])
  })

  test('what newer servers know', async () => {
    const tables = new Map((await catalog()).tables.map((table) => [table.name.name, table]))
    expect(tables.get('nulls')?.uniques[0]?.nullsNotDistinct).toBe(everything.version < 150000 ? undefined : true)
    expect(tables.get('virtuals')?.columns[1]?.generated).toEqual(
      everything.version < 180000 ? undefined : { kind: 'virtual', expression: '(a * 2)' },
    )
    expect(tables.get('virtuals')?.checks.map((check) => [check.name, check.validated])).toEqual(
      everything.version < 180000 ? undefined : [['soft', false]],
    )
  })
})

describe('indexes and triggers', () => {
  test('pieces of an index', async () => {
    const { indexes } = await tableOf('child')
    expect(indexes.map((index) => [index.name, index.constraint, index.method])).toEqual([
      ['child idx', null, 'btree'],
      ['child_hash', null, 'hash'],
      ['child_int4range_excl', 'exclusion', 'gist'],
      ['child_pkey', 'primary key', 'btree'],
      ['child_unique', null, 'btree'],
    ])
    expect(indexes[0]).toMatchObject({
      include: ['b'],
      unique: false,
      valid: true,
      where: '((a > 3) AND (code IS NOT NULL))',
    })
    expect(indexes[0]?.columns).toEqual([
      { column: null, expression: 'lower(code)', descending: true, nullsFirst: true, collation: null },
      { column: 'a', expression: null, descending: false, nullsFirst: true, collation: null },
      { column: 'code', expression: null, descending: false, nullsFirst: false, collation: 'POSIX' },
    ])
    expect(indexes[0]?.definition).toContain(
      'ON public.child USING btree (lower(code) DESC, a NULLS FIRST, code COLLATE "POSIX" text_pattern_ops) INCLUDE (b) WHERE',
    )
    expect(indexes[1]?.columns[0]?.nullsFirst).toBeNull()
    expect(indexes[4]?.columns[1]).toEqual({
      column: null,
      expression: '(a + b)',
      descending: true,
      nullsFirst: false,
      collation: null,
    })
    expect((await tableOf('parent')).indexes.find((index) => index.name === 'parent_code_key')).toMatchObject({
      constraint: 'unique',
      columns: [{ column: 'code', collation: 'C' }],
    })
  })

  test('an index that could not be finished is not valid', async () => {
    await run('create table broken(a int); insert into broken values (1), (1)')
    try {
      await expect(run('create unique index concurrently broken_a on broken(a)')).rejects.toThrow('broken_a')
      const { tables } = await readPostgresCatalog(everything.db, { tables: [{ schema: 'public', name: 'broken' }] })
      expect(tables[0]?.indexes.map((index) => [index.name, index.valid])).toEqual([['broken_a', false]])
    } finally {
      await run('drop table broken')
    }
  })

  test('triggers of users, not those behind foreign keys', async () => {
    const { triggers } = await catalog()
    expect(triggers.map((trigger) => [trigger.table.name, trigger.name, trigger.enabled])).toEqual([
      ['child', 'always_on', 'A'],
      ['child', 'before_all', 'O'],
      ['child', 'off', 'D'],
      ['v', 'on_view', 'O'],
    ])
    expect(triggers[1]?.definition).toBe(
      'CREATE TRIGGER before_all BEFORE INSERT ON public.child FOR EACH ROW WHEN ((new.a > 0)) EXECUTE FUNCTION public.noop()',
    )
  })
})
