import { useDatabase } from '@rowferry/vitest-preset/database'
import { needs, supports, type Feature } from '@rowferry/vitest-preset/features'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { column, foreignKey, index, indexColumn, key, table, type } from '../../test/definitions.ts'
import { openLite, openServer } from '../../test/sessions.ts'
import type { Session } from '../session.ts'
import { renderPostData } from './post-data.ts'
import { renderPreData } from './pre-data.ts'

const schema = 'Made "here"'
const database = useDatabase()
const named = (name: string) => ({ schema, name })

const parent = table(named('Parent'), {
  comment: "the parents' table",
  columns: [
    column('id', 'integer', { nullable: false, identity: 'always' }),
    column('code', 'character varying(10)', { collation: 'C', default: `'a\\b'::character varying`, comment: 'a\\b' }),
    column('size', 'integer', {
      nullable: false,
      identity: 'serial',
      sequence: named('size numbers'),
      default: `nextval('"Made ""here"""."size numbers"'::regclass)`,
    }),
    column('short', 'smallint', { nullable: false, identity: 'serial' }),
    column('doubled', 'bigint', { generated: { kind: 'stored', expression: 'size * 2' } }),
    column('mood', '"Made ""here""".mood', { default: `'it''s fine'` }),
    column('rate', '"Made ""here""".rate[]'),
  ],
  checks: [
    { name: 'size is positive', expression: 'size > 0', validated: true },
    { name: null, expression: 'short < 100', validated: true },
    { name: 'not yet', expression: 'code IS NOT NULL', validated: false },
  ],
  primaryKey: key(['id'], { name: 'parent key' }),
  uniques: [
    key(['size', 'short'], { name: 'once', deferrability: 'initially deferred' }),
    key(['code'], { nullsNotDistinct: true }),
  ],
  exclusions: [{ name: 'apart', definition: 'EXCLUDE USING btree (doubled WITH =)' }],
  indexes: [
    index('once', [indexColumn('size'), indexColumn('short')], {
      constraint: 'unique',
      unique: true,
      include: ['code'],
    }),
    index(
      'by code',
      [
        indexColumn(null, { expression: 'lower(code)', descending: true }),
        indexColumn('code', { nullsFirst: true, collation: 'POSIX' }),
      ],
      {
        include: ['id'],
        where: 'size > 5',
        unique: true,
      },
    ),
    index('', [indexColumn('short', { descending: true, nullsFirst: false })]),
    index('hashed', [indexColumn('code')], { method: 'hash' }),
  ],
})

const child = table(named('child'), {
  columns: [
    column('id', 'bigint', { nullable: false, identity: 'by default', sequence: named('own numbers') }),
    column('parent', 'integer'),
    column('size', 'integer'),
    column('short', 'smallint'),
    column('other', 'bigint', {
      default: `nextval('"Made ""here"""."shared numbers"')`,
      sequence: named('shared numbers'),
    }),
  ],
  primaryKey: key(['id']),
  foreignKeys: [
    foreignKey(['parent'], named('Parent'), {
      onDelete: 'cascade',
      onUpdate: 'set null',
      deferrability: 'initially immediate',
    }),
    foreignKey(['size', 'short'], named('again'), {
      name: 'to again',
      referencedColumns: ['size', 'short'],
      match: 'full',
    }),
    foreignKey(['other'], named('child'), {
      name: 'to itself',
      validated: false,
      onDelete: 'restrict',
      onUpdate: 'set default',
    }),
  ],
})

const again = table(named('again'), {
  columns: [column('size', 'integer'), column('short', 'smallint')],
  uniques: [key(['size', 'short'])],
  foreignKeys: [foreignKey(['size'], named('child'), { deferrability: 'initially deferred' })],
})

const types = [
  type('mood', { schema, kind: 'enum', labels: ["it's fine", 'a\\b'] }),
  type('rate', {
    schema,
    kind: 'domain',
    notNull: true,
    base: type('numeric', { typmod: ((10 << 16) | 3) + 4 }),
    checks: ['CONSTRAINT "at most" CHECK (VALUE <= 1)'],
  }),
  type('name', { schema, kind: 'domain', base: type('varchar', { typmod: 24 }) }),
]

describe.each(['server', 'pglite'] as const)('on a %s', (kind) => {
  let session: Session
  const does = (feature: Feature) => kind === 'pglite' || supports(feature)

  beforeAll(async () => {
    session = await (kind === 'pglite' ? openLite() : openServer(database.url))
  })
  beforeEach(async () => {
    await session.query('drop schema if exists "Made ""here""" cascade; create schema "Made ""here"""')
  })
  afterAll(() => session?.close())

  async function made(sql: string): Promise<(string | null)[]> {
    return (await session.query(sql.replaceAll('here()', `'"Made ""here"""'::regnamespace`))).map(
      (row) => Object.values(row)[0] ?? null,
    )
  }

  test('pre-data and post-data make what the catalog says, each as one statement', async () => {
    const nullsNotDistinct = does('nulls not distinct')
    const uniques = parent.uniques.map((unique) => ({
      ...unique,
      nullsNotDistinct: unique.nullsNotDistinct && nullsNotDistinct,
    }))
    const all = [{ ...parent, uniques }, child, again]
    const statements = [...renderPreData(all, types), ...renderPostData(all)]
    await session.query('set search_path = pg_catalog')
    for (const statement of statements) {
      // The extended protocol takes one statement only
      await session.query(statement, [])
    }
    expect(
      await made(
        `select format('%s.%s %s %s %s %s', attrelid::regclass::text, attname, format_type(atttypid, atttypmod), attnotnull, attidentity::text || attgenerated::text, pg_get_expr(adbin, adrelid))
           from pg_attribute join pg_class c on c.oid = attrelid left join pg_attrdef on adrelid = attrelid and adnum = attnum
          where relnamespace = here() and relkind = 'r' and attnum > 0 order by relname collate "C", attnum`,
      ),
    ).toEqual([
      `"Made ""here"""."Parent".id integer t a `,
      `"Made ""here"""."Parent".code character varying(10) f  'a\\b'::character varying`,
      `"Made ""here"""."Parent".size integer t  nextval('"Made ""here"""."size numbers"'::regclass)`,
      `"Made ""here"""."Parent".short smallint t  nextval('"Made ""here"""."Parent_short_seq"'::regclass)`,
      `"Made ""here"""."Parent".doubled bigint f s (size * 2)`,
      `"Made ""here"""."Parent".mood "Made ""here""".mood f  'it''s fine'::"Made ""here""".mood`,
      `"Made ""here"""."Parent".rate "Made ""here""".rate[] f  `,
      `"Made ""here""".again.size integer f  `,
      `"Made ""here""".again.short smallint f  `,
      `"Made ""here""".child.id bigint t d `,
      `"Made ""here""".child.parent integer f  `,
      `"Made ""here""".child.size integer f  `,
      `"Made ""here""".child.short smallint f  `,
      `"Made ""here""".child.other bigint f  nextval('"Made ""here"""."shared numbers"'::regclass)`,
    ])
    expect(
      await made(
        `select conname || ': ' || pg_get_constraintdef(oid) from pg_constraint
          where connamespace = here() and contype <> 'n' and conrelid <> 0 order by conname collate "C"`,
      ),
    ).toEqual([
      `Parent_code_key: UNIQUE${nullsNotDistinct ? ' NULLS NOT DISTINCT' : ''} (code)`,
      'Parent_short_check: CHECK ((short < 100))',
      'again_size_fkey: FOREIGN KEY (size) REFERENCES "Made ""here""".child(id) DEFERRABLE INITIALLY DEFERRED',
      'again_size_short_key: UNIQUE (size, short)',
      'apart: EXCLUDE USING btree (doubled WITH =)',
      'child_parent_fkey: FOREIGN KEY (parent) REFERENCES "Made ""here"""."Parent"(id) ON UPDATE SET NULL ON DELETE CASCADE DEFERRABLE',
      'child_pkey: PRIMARY KEY (id)',
      'not yet: CHECK ((code IS NOT NULL)) NOT VALID',
      'once: UNIQUE (size, short) INCLUDE (code) DEFERRABLE INITIALLY DEFERRED',
      'parent key: PRIMARY KEY (id)',
      'size is positive: CHECK ((size > 0))',
      'to again: FOREIGN KEY (size, short) REFERENCES "Made ""here""".again(size, short) MATCH FULL',
      'to itself: FOREIGN KEY (other) REFERENCES "Made ""here""".child(id) ON UPDATE SET DEFAULT ON DELETE RESTRICT NOT VALID',
    ])
    expect(
      await made(
        `select pg_get_indexdef(indexrelid) from pg_index join pg_class c on c.oid = indexrelid
          where relnamespace = here() and not exists (select from pg_constraint where conindid = indexrelid) order by relname collate "C"`,
      ),
    ).toEqual([
      'CREATE INDEX "Parent_short_idx" ON "Made ""here"""."Parent" USING btree (short DESC NULLS LAST)',
      'CREATE UNIQUE INDEX "by code" ON "Made ""here"""."Parent" USING btree (lower((code)::text) DESC, code COLLATE "POSIX" NULLS FIRST) INCLUDE (id) WHERE (size > 5)',
      'CREATE INDEX hashed ON "Made ""here"""."Parent" USING hash (code)',
    ])
    expect(await made(`select obj_description('"Made ""here"""."Parent"'::regclass)`)).toEqual(["the parents' table"])
    expect(await made(`select col_description('"Made ""here"""."Parent"'::regclass, 2)`)).toEqual(['a\\b'])
    expect(
      await made(
        `select distinct attcollation::regcollation::text from pg_attribute where attname = 'code' and attrelid = '"Made ""here"""."Parent"'::regclass`,
      ),
    ).toEqual(['"C"'])
    expect(
      await made(`select format('%s %s %s', typname, format_type(typbasetype, typtypmod), typnotnull) from pg_type
        where typnamespace = here() and typtype = 'd' order by 1`),
    ).toEqual(['name character varying(20) f', 'rate numeric(10,3) t'])
    expect(
      await made(
        `select enumlabel from pg_enum where enumtypid = '"Made ""here""".mood'::regtype order by enumsortorder`,
      ),
    ).toEqual(["it's fine", 'a\\b'])
    expect(
      await made(
        `select c.relname || ' ' || coalesce(deptype::text || refobjid::regclass::text || refobjsubid, '') from pg_class c
           left join pg_depend d on d.classid = 'pg_class'::regclass and d.objid = c.oid and refclassid = 'pg_class'::regclass
          where relnamespace = here() and relkind = 'S' order by relname collate "C"`,
      ),
    ).toEqual([
      'Parent_id_seq i"Made ""here"""."Parent"1',
      'Parent_short_seq a"Made ""here"""."Parent"4',
      'own numbers i"Made ""here""".child1',
      'shared numbers ',
      'size numbers a"Made ""here"""."Parent"3',
    ])
  })

  test.for<[string, number, string]>([
    ['bpchar', 7, 'character(3)'],
    ['varbit', 9, 'bit varying(9)'],
    ['timestamptz', 3, 'timestamp(3) with time zone'],
    ['numeric', ((5 << 16) | (-2 & 0x7ff)) + 4, 'numeric(5,-2)'],
    ['numeric', -1, 'numeric'],
  ])('a domain over %s with modifier %i is %s', async ([name, typmod, said], context) => {
    if (kind === 'server' && said.includes('-')) needs(context, 'numeric scales beyond the precision')
    const domain = type('d', { schema, kind: 'domain', base: type(name, { typmod }) })
    await session.query(renderPreData([], [domain]).join(';'))
    expect(
      await made(
        `select format_type(typbasetype, typtypmod) from pg_type where typnamespace = here() and typtype = 'd'`,
      ),
    ).toEqual([said])
  })
})

test('an empty selection needs no statement', () => {
  expect([...renderPreData([]), ...renderPostData([])]).toEqual([])
})

test('what PostgreSQL or this renderer cannot make is refused', () => {
  expect(() => renderPreData([table(named('p'), { kind: 'partitioned' })])).toThrow(
    expect.objectContaining({ code: 'TABLE_KIND_NOT_RENDERED' }),
  )
  expect(() => renderPreData([], [type('pair', { kind: 'composite' })])).toThrow(
    expect.objectContaining({ code: 'TYPE_NOT_RENDERED' }),
  )
  expect(() => renderPreData([], [type('d', { kind: 'domain', base: type('interval', { typmod: 7 }) })])).toThrow(
    expect.objectContaining({ code: 'TYPE_NOT_RENDERED' }),
  )
  expect(() =>
    renderPostData([table(named('c'), { foreignKeys: [foreignKey(['a'], named('p'), { match: 'partial' })] })]),
  ).toThrow(expect.objectContaining({ code: 'MATCH_PARTIAL' }))
})
