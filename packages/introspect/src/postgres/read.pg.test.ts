import { CamelCasePlugin, Kysely, ParseJSONResultsPlugin, PostgresDialect, sql } from 'kysely'
import type pg from 'pg'
import { describe, expect, test } from 'vitest'
import { catalogFingerprint, type Catalog } from '../index.ts'
import type { AnyDatabase } from '../database.ts'
import { useEverything } from './everything.fixture.ts'
import { readPostgresCatalog } from './read.ts'

const everything = useEverything()
const { catalog, run, tableOf } = everything

describe('relations', () => {
  test('the tables of the schema, and nothing of the system, of extensions or of a session', async () => {
    const names = (await catalog()).tables.map((table) => `${table.name.name} ${table.kind}`)
    expect(names.filter((name) => !/^(nulls|virtuals) /.test(name))).toEqual([
      'base table',
      'base2 table',
      'child table',
      'fast table',
      'fed table',
      'heir table',
      'parent table',
      'parts partitioned',
      'parts_eu partition',
      'plain table',
      'points_at_parts table',
      'remote foreign',
      'secured table',
      'types table',
    ])
    expect((await catalog()).views).toEqual([
      { name: { schema: 'public', name: 'mv' }, definition: ' SELECT 1 AS one;', materialized: true },
      {
        name: { schema: 'public', name: 'v' },
        definition: expect.stringMatching(/^ SELECT (parent\.)?id,\n.*\n   FROM public\.parent;$/),
        materialized: false,
      },
    ])
    expect(await catalog()).toMatchObject({ dialect: 'postgres', version: expect.stringMatching(/^\d+/), notes: [] })
  })

  test('facts of PostgreSQL', async () => {
    expect((await tableOf('child')).postgres).toMatchObject({
      owner: 'postgres',
      owned: true,
      rules: ['no_delete'],
      replicaIdentity: 'default',
      persistence: 'permanent',
      rowSecurity: false,
    })
    expect((await tableOf('heir')).postgres?.inheritsFrom.map((parent) => parent.name)).toEqual(['base2', 'base'])
    expect((await tableOf('parts_eu')).postgres).toMatchObject({
      partitionOf: { schema: 'public', name: 'parts' },
      inheritsFrom: [],
    })
    expect((await tableOf('fast')).postgres).toMatchObject({ persistence: 'unlogged', replicaIdentity: 'full' })
    expect((await tableOf('secured')).postgres).toMatchObject({ rowSecurity: true, replicaIdentity: 'index' })
    expect(await tableOf('parent')).toMatchObject({ comment: 'the parent', rowEstimate: null, enforcesTypes: true })
    expect((await tableOf('base')).rowEstimate).toBe(50)
    expect((await tableOf('plain')).columns).toEqual([])
  })

  test('another role’s tables are not its own', async () => {
    const role = `role_${everything.databaseName}`
    await run(`create role ${role} login; grant usage on schema public to ${role}`)
    const other = everything.connect({}, role)
    try {
      const { tables, sequences } = await readPostgresCatalog(other.db)
      expect(tables.map((table) => table.postgres?.owned)).not.toContain(true)
      expect(tables).toHaveLength((await catalog()).tables.length)
      // Without a right to it, a sequence's value stays unknown
      expect(sequences.map((sequence) => sequence.lastValue)).toEqual(sequences.map(() => null))
    } finally {
      await run(`drop owned by ${role}; drop role ${role}`)
    }
  })

  test('other schemas, and single tables with what they use', async () => {
    const others = await readPostgresCatalog(everything.db, {
      schemas: ['other', 'Odd.Schema', 'pg_catalog', 'information_schema'],
    })
    expect(others.tables.map((table) => [table.name.schema, table.name.name, table.kind])).toEqual([
      ['Odd.Schema', 'Ta"ble', 'table'],
      ['other', 'parts_us', 'partitioned'],
    ])
    expect(others.tables[1]?.postgres?.partitionOf?.name).toBe('parts')
    expect(others.types.map((type) => [type.name, type.labels])).toEqual([['mood', ['x']]])

    const name = (of: string, schemaName = 'public') => ({ schema: schemaName, name: of })
    const some = await readPostgresCatalog(everything.db, {
      tables: [name('fed'), name('Ta"ble', 'Odd.Schema'), name('v'), name('missing'), name('child', 'other')],
    })
    expect(some.tables.map((table) => table.name.name)).toEqual(['Ta"ble', 'fed'])
    expect(some.views.map((view) => view.name.name)).toEqual(['v'])
    expect(some.triggers.map((trigger) => trigger.name)).toEqual(['on_view'])
    expect(some.sequences.map((sequence) => sequence.name.name)).toEqual(['feed', 'fed_c_seq'])
    expect(some.types).toEqual([])
    const typed = await readPostgresCatalog(everything.db, { tables: [name('types')] })
    expect(typed.types.map((type) => `${type.schema}.${type.name}`)).toEqual([
      'other.mood',
      'public.code',
      'public.money_list',
      'public.mood',
      'public.strict_code',
    ])
  })
})

describe('one schema, one catalog', () => {
  const setting = async (on: AnyDatabase, name: string) =>
    (await sql<{ value: string }>`select current_setting(${name}) as value`.execute(on)).rows[0]?.value

  test('whatever the session prints by, and it keeps its settings', async () => {
    const odd = everything.connect().db
    await run(
      `set search_path = other, public; set quote_all_identifiers = on; set timezone = 'Asia/Kolkata'; set datestyle = 'SQL, DMY'; set extra_float_digits = 0`,
      odd,
    )
    expect(await readPostgresCatalog(odd)).toEqual(await catalog())
    expect([
      await setting(odd, 'search_path'),
      await setting(odd, 'TimeZone'),
      await setting(odd, 'DateStyle'),
    ]).toEqual(['other, public', 'Asia/Kolkata', 'SQL, DMY'])
    await odd.transaction().execute(async (transaction) => {
      await run(`set local search_path = "Odd.Schema"`, transaction)
      expect(await readPostgresCatalog(transaction)).toEqual(await catalog())
      expect(await setting(transaction, 'search_path')).toBe('"Odd.Schema"')
    })
    expect(await setting(odd, 'search_path')).toBe('other, public')
  })

  test('whatever parsers and plugins the handle has', async () => {
    const asText = everything.connect({
      types: { getTypeParser: () => (value: unknown) => value } as unknown as pg.CustomTypesConfig,
    }).db
    expect(await readPostgresCatalog(asText)).toEqual(await catalog())
    const plugged = everything.db.withPlugin(new CamelCasePlugin()).withPlugin(new ParseJSONResultsPlugin())
    expect(await readPostgresCatalog(plugged)).toEqual(await catalog())
  })

  test('it is JSON, and its fingerprint follows the structure only', async () => {
    const before = await catalog()
    const copy: Catalog = JSON.parse(JSON.stringify(before))
    expect(copy).toEqual(before)
    expect(catalogFingerprint(copy)).toBe(catalogFingerprint(before))
    await run(`select nextval('lonely'); insert into base values (1); analyze base; comment on table base is 'x'`)
    expect(catalogFingerprint(await readPostgresCatalog(everything.db))).toBe(catalogFingerprint(before))
    await run('alter table child disable trigger before_all')
    expect(catalogFingerprint(await readPostgresCatalog(everything.db))).not.toBe(catalogFingerprint(before))
    await run('alter table child enable trigger before_all')
    expect(catalogFingerprint(await readPostgresCatalog(everything.db))).toBe(catalogFingerprint(before))
  })

  test('the number of queries does not grow with the tables', async () => {
    let queries = 0
    const counted = new Kysely({
      dialect: new PostgresDialect({ pool: everything.connect().pool }),
      log: () => void (queries += 1),
    })
    await readPostgresCatalog(counted)
    expect(queries).toBe(9)
  })

  test('an aborted reading throws the reason', async () => {
    await expect(
      readPostgresCatalog(everything.db, { signal: AbortSignal.abort(new Error('enough')) }),
    ).rejects.toThrow('enough')
  })
})

test('a server before 13 is refused', async () => {
  const { db } = everything.connect()
  await run(
    `create schema fake; create function fake.current_setting(text) returns text language sql as $$ select '120022' $$;
    set search_path = fake, pg_catalog`,
    db,
  )
  await expect(readPostgresCatalog(db)).rejects.toMatchObject({
    code: 'POSTGRES_TOO_OLD',
    message: expect.stringContaining('120022'),
  })
})
