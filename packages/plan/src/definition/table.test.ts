import { builtinType } from '@rowferry/coerce'
import type { Column, Index, Key, Table } from '@rowferry/introspect'
import { describe, expect, test } from 'vitest'
import type { Finding } from '../finding.ts'
import type { NotCarried } from './input.ts'
import { tableDefinition } from './table.ts'
import type { TableMatch } from '../match.ts'
import { matchTables } from '../match.ts'
import { nameAllocator } from '../names.ts'
import { planOptionsSchema } from '../options.ts'
import { catalog, column, foreignKey, table, target } from '../testing.ts'

const key = (...columns: string[]): Key => ({
  name: null,
  columns,
  deferrability: 'not deferrable',
  nullsNotDistinct: false,
})
const index = (
  name: string,
  columns: readonly (string | { expression: string } | { column: string; collation: string })[],
  given: Partial<Index> = {},
): Index => ({
  name,
  columns: columns.map((each) => ({
    column: null,
    expression: null,
    descending: false,
    nullsFirst: null,
    collation: null,
    ...(typeof each === 'string' ? { column: each } : each),
  })),
  include: [],
  unique: false,
  where: null,
  method: 'btree',
  definition: `CREATE INDEX ${name}`,
  constraint: null,
  valid: true,
  ...given,
})

/** The definition of the first of `tables`; `types` are what the data decided, `text` where nothing is said. */
function define(
  tables: readonly Table[],
  given: {
    types?: Record<string, string>
    holdsNull?: string[]
    taken?: string[]
    allocate?: (wanted: string) => string
    options?: object
    without?: string[]
  } = {},
) {
  const carried = tables.filter(({ name }) => !given.without?.includes(name.name))
  const { matches } = matchTables(catalog(carried), null, planOptionsSchema.parse(given.options ?? {}))
  const castsOf = (source: Table) =>
    matches
      .find((match) => match.source === source)!
      .columns.map(({ source: { name }, name: to }) => ({
        column: name,
        target: to,
        type: builtinType(given.types?.[`${source.name.name}.${name}`] ?? 'text'),
        notNull: false,
        rules: {},
        because: '',
      }))
  const match: TableMatch = matches[0]!
  const notCarried: NotCarried[] = []
  const findings: Finding[] = []
  const definition = tableDefinition({
    dialect: 'sqlite',
    inSource: (name) => tables.some((each) => each.name.name === name.name),
    match,
    casts: castsOf(match.source),
    matches,
    castsOf,
    holdsNull: new Set(given.holdsNull),
    allocate: given.allocate ?? nameAllocator(given.taken ?? []),
    notCarried,
    conditions: [],
    findings,
  })
  return { definition, findings, notCarried, objects: notCarried.map(({ object }) => object) }
}
const id = (given: Partial<Column> = {}) => column('id', { nullable: false, ...given })

test('columns keep their order, their NULLs and the types that the data decided', () => {
  const { definition } = define([table('t', [id(), column('price')])], {
    types: { 't.id': 'int8', 't.price': 'numeric(10,2)' },
  })
  expect(definition.name).toEqual({ schema: 'public', name: 't' })
  expect(
    definition.columns.map(({ name, position, declaredType, nullable }) => [name, position, declaredType, nullable]),
  ).toEqual([
    ['id', 1, 'bigint', false],
    ['price', 2, 'numeric(10,2)', true],
  ])
})

describe('identity', () => {
  test.each(['rowid', 'autoincrement'] as const)('%s becomes an identity that takes given values', (identity) => {
    const { definition } = define([table('t', [id({ identity })], { primaryKey: key('id') })], {
      types: { 't.id': 'int8' },
    })
    expect(definition.columns[0]).toMatchObject({ identity: 'by default', nullable: false })
  })

  test('only where it is a bigint', () => {
    expect(
      define([table('t', [id({ identity: 'rowid' })])], { types: { 't.id': 'text' } }).definition.columns[0]!.identity,
    ).toBeNull()
  })
})

describe('defaults', () => {
  test('what can be said in PostgreSQL is carried', () => {
    const { definition, objects } = define([table('t', [column('n', { default: '5' })])], { types: { 't.n': 'int8' } })
    expect(definition.columns[0]!.default).toBe('5')
    expect(objects).toEqual([])
  })

  test('the rest is listed with its text', () => {
    const { definition, notCarried } = define([table('t', [column('n', { default: 'app_default()' })])])
    expect(definition.columns[0]!.default).toBeNull()
    expect(notCarried).toMatchObject([{ object: 'default of t.n', definition: 'app_default()' }])
  })
})

test('a generated column is plain data, and its expression is listed', () => {
  const { definition, notCarried } = define([
    table('t', [column('n', { generated: { kind: 'virtual', expression: 'a + 1' }, default: null })]),
  ])
  expect(definition.columns[0]).toMatchObject({ generated: null, default: null })
  expect(notCarried).toMatchObject([{ object: 'generated column t.n', definition: 'a + 1' }])
})

describe('primary keys', () => {
  test('take no NULL in PostgreSQL', () => {
    const { definition } = define([table('t', [column('code')], { primaryKey: key('code') })])
    expect(definition).toMatchObject({
      primaryKey: { name: 't_pkey', columns: ['code'] },
      columns: [{ nullable: false }],
    })
  })

  test('that hold one become unique constraints, and that is said with what would help', () => {
    const { definition, notCarried } = define(
      [table('t', [column('code'), column('b')], { primaryKey: key('code', 'b') })],
      { holdsNull: ['code'] },
    )
    expect(definition).toMatchObject({
      primaryKey: null,
      uniques: [{ name: 't_code_b_key', columns: ['code', 'b'] }],
      columns: [{ nullable: true }, { nullable: true }],
    })
    expect(notCarried).toMatchObject([
      {
        object: 'primary key of t',
        definition: 'PRIMARY KEY (code, b)',
        suggestion: expect.stringContaining('ADD PRIMARY KEY (code, b)'),
      },
    ])
  })
})

describe('NOCASE', () => {
  const users = table('users', [column('name', { collation: 'NOCASE' })], {
    uniques: [key('name')],
    indexes: [
      index('auto', [{ column: 'name', collation: 'NOCASE' }], {
        unique: true,
        constraint: 'unique',
        definition: null,
      }),
    ],
  })

  test('a unique column stays unique without case: ASCII letters folded, no others', () => {
    const { definition } = define([users])
    expect(definition.uniques).toMatchObject([{ name: 'users_name_key', columns: ['name'] }])
    expect(definition.indexes).toMatchObject([
      {
        name: 'users_name_nocase_key',
        unique: true,
        columns: [{ column: null, expression: 'lower("name" COLLATE "C")' }],
      },
    ])
  })

  test('numbers have no case', () => {
    expect(define([users], { types: { 'users.name': 'int8' } }).definition.indexes).toEqual([])
  })

  test('an index by it folds, too, with quoted names', () => {
    const { definition } = define([
      table('t', [column('a"b')], { indexes: [index('i', [{ column: 'a"b', collation: 'nocase' }])] }),
    ])
    expect(definition.indexes[0]!.columns).toMatchObject([{ expression: 'lower("a""b" COLLATE "C")' }])
  })
})

describe('foreign keys', () => {
  const parent = table('parent', [id(), column('code')], { primaryKey: key('id') })
  const child = (given: Parameters<typeof foreignKey>[3] = {}, columns: readonly string[] = ['id'], name = 'parent') =>
    table('child', [column('p')], { foreignKeys: [foreignKey(['p'], name, columns, given)] })
  const types = { 'parent.id': 'int8', 'child.p': 'int8' }

  test('are carried with their actions, in the names of the target', () => {
    const { definition } = define([child({ onDelete: 'cascade', deferrability: 'initially deferred' }), parent], {
      types,
      options: {
        rename: [
          { from: 'parent', to: 'p2' },
          { from: 'parent.id', to: 'key' },
        ],
      },
    })
    expect(definition.foreignKeys).toMatchObject([
      {
        name: 'child_p_fkey',
        columns: ['p'],
        references: { schema: 'public', name: 'p2' },
        referencedColumns: ['key'],
        onDelete: 'cascade',
        deferrability: 'initially deferred',
      },
    ])
  })

  test.each([
    [
      'a parent that is not there',
      [child({}, ['id'], 'nowhere'), parent],
      {},
      /the source itself has no table nowhere/,
    ],
    ['a parent that is not carried', [child(), parent], { without: ['parent'] }, /not among the tables carried/],
    ['a column that is not there', [child({}, ['nope']), parent], {}, /no column nope/],
    [
      'columns that cannot be told',
      [table('child', [column('p')], { foreignKeys: [foreignKey(['p'], 'parent', null)] }), parent],
      {},
      /cannot be told/,
    ],
    ['a parent that is not unique', [child({}, ['code']), parent], {}, /not unique/],
    [
      'types that differ afterwards',
      [child(), parent],
      { types: { 'parent.id': 'int8' } },
      /types of the two sides differ/,
    ],
  ] as const)('to %s are listed', (_, tables, given, why) => {
    const { definition, notCarried } = define(tables, { types, ...given } as Parameters<typeof define>[1])
    expect(definition.foreignKeys).toEqual([])
    expect(notCarried).toMatchObject([
      {
        object: 'foreign key child(p)',
        definition: expect.stringContaining('FOREIGN KEY (p) REFERENCES'),
        why: expect.stringMatching(why),
      },
    ])
  })

  test('a parent that is there must be unique by its own keys, checked at once', () => {
    const to = (keyOfParent: Partial<Table>) => {
      const there = target('parent', { id: 'int8', code: 'text' }, keyOfParent)
      const { matches } = matchTables(
        catalog([child(), parent]),
        catalog([there]),
        planOptionsSchema.parse({ missingTables: 'create' }),
      )
      const casts = [{ column: 'p', target: 'p', type: builtinType('int8'), notNull: false, rules: {}, because: '' }]
      return tableDefinition({
        dialect: 'sqlite',
        match: matches[0]!,
        casts,
        matches,
        castsOf: () => casts,
        holdsNull: new Set(),
        allocate: nameAllocator([]),
        notCarried: [],
        conditions: [],
        findings: [],
      }).foreignKeys.length
    }
    expect(to({ primaryKey: key('id') })).toBe(1)
    expect(to({ uniques: [key('id')] })).toBe(1)
    expect(to({})).toBe(0)
    expect(to({ uniques: [{ ...key('id'), deferrability: 'initially immediate' }] })).toBe(0)
  })

  test('a unique index of the parent is enough, unless it is partial or folds case', () => {
    const by = (given: Partial<Index>, collation?: string) =>
      define([
        child({}, ['code']),
        {
          ...parent,
          indexes: [index('i', [collation ? { column: 'code', collation } : 'code'], { unique: true, ...given })],
        },
      ])
    expect(by({}).definition.foreignKeys).toHaveLength(1)
    expect(by({ where: 'code > 1' }).definition.foreignKeys).toEqual([])
    expect(by({}, 'NOCASE').definition.foreignKeys).toEqual([])
  })
})

describe('names', () => {
  test('longer than 63 bytes are cut, never in the middle of a letter, and stay apart', () => {
    const long = 'é'.repeat(31)
    const { definition } = define([
      table(long, [id(), column('x')], { primaryKey: key('id'), uniques: [key('id', 'x'), key('x', 'id')] }),
    ])
    const names = [definition.primaryKey!.name!, ...definition.uniques.map(({ name }) => name!)]
    for (const name of names) {
      expect(Buffer.byteLength(name)).toBeLessThanOrEqual(63)
      expect(name).toMatch(/^é+[\x20-\x7e]*$/u)
    }
    expect(new Set(names).size).toBe(3)
  })

  test('that the schema holds already are not taken twice', () => {
    const { definition, findings } = define(
      [table('t', [id()], { primaryKey: key('id'), indexes: [index('i', ['id'])] })],
      {
        taken: ['t_pkey', 'i', 'i_1'],
      },
    )
    expect([definition.primaryKey!.name, definition.indexes[0]!.name]).toEqual(['t_pkey_9158441d', 'i_de7d1b72'])
    expect(findings).toMatchObject([
      { code: 'NAME_CHANGED', message: 'index "i" of t becomes "i_de7d1b72": that name is taken' },
    ])
  })

  test('of foreign keys and checks need only be their own in a table', () => {
    const checks = [{ name: 'positive', expression: 'a > 0', validated: true }]
    const both = [table('t', [column('a')], { checks }), table('u', [column('a')], { checks })]
    const allocate = nameAllocator(['positive'])
    for (const each of both)
      expect(define([each], { allocate, types: { 't.a': 'int8', 'u.a': 'int8' } }).definition.checks[0]!.name).toBe(
        'positive',
      )
  })
})

describe('checks and indexes', () => {
  test('what has no proven form is listed with its text', () => {
    const source = table('t', [column('a')], {
      checks: [{ name: 'odd', expression: 'app_check(a)', validated: true }],
      indexes: [index('by_app', [{ expression: 'app_sort(a)' }])],
    })
    const { definition, objects } = define([source])
    expect(definition).toMatchObject({ checks: [], indexes: [] })
    expect(objects.toSorted((x, y) => x.localeCompare(y))).toEqual(['check odd on t', 'index by_app'])
  })

  test('json cannot be sorted', () => {
    expect(
      define([table('t', [column('a')], { indexes: [index('i', ['a'])] })], { types: { 't.a': 'json' } }).objects,
    ).toEqual(['index i'])
  })

  test('indexes behind constraints are made by those', () => {
    const source = table('t', [id()], {
      primaryKey: key('id'),
      indexes: [index('auto', ['id'], { unique: true, constraint: 'primary key' })],
    })
    expect(define([source]).definition.indexes).toEqual([])
  })
})
