import { builtinType } from '@rowferry/coerce'
import type { Table, Trigger } from '@rowferry/introspect'
import { describe, expect, test } from 'vitest'
import type { ColumnDecision } from './assemble.ts'
import { assemblePlan } from './assemble.ts'
import { matchTables } from './match.ts'
import { tableId } from './names.ts'
import { planOptionsSchema } from './options.ts'
import { parsePlan, PlanError } from './parse.ts'
import { catalog, column, foreignKey, table, target } from './testing.ts'

interface Given {
  readonly target?: readonly Table[] | null
  readonly options?: object
  readonly occupied?: readonly string[]
  readonly triggers?: readonly Trigger[]
  readonly types?: Readonly<Record<string, Partial<ColumnDecision>>>
  readonly sourceTriggers?: readonly Trigger[]
  readonly views?: boolean
}

function assemble(tables: readonly Table[], given: Given = {}) {
  const options = planOptionsSchema.parse(given.options ?? {})
  const source = catalog(tables, {
    triggers: given.sourceTriggers ?? [],
    views: given.views
      ? [{ name: { schema: 'main', name: 'v' }, definition: 'CREATE VIEW v AS SELECT 1', materialized: false }]
      : [],
  })
  const there =
    given.target === null ? null : catalog(given.target ?? [], { dialect: 'postgres', triggers: given.triggers ?? [] })
  const matching = matchTables(source, there, options)
  const decisions = new Map(
    matching.matches
      .filter((match) => match.target === null)
      .map((match) => [
        tableId(match.source.name),
        match.columns.map(({ source: { name } }) => ({
          type: builtinType('text'),
          because: 'holds all 3 values',
          holdsNull: false,
          contradicted: [],
          ...given.types?.[`${match.source.name.name}.${name}`],
        })),
      ]),
  )
  return assemblePlan({
    tool: 'rowferry 1.0.0',
    source: { kind: 'sqlite', label: 'app.db', fingerprint: 'f1', catalog: source },
    target: there && { label: 'postgres://app', version: 180_000, fingerprint: 'f2', catalog: there },
    options,
    matching,
    decisions,
    stored: new Map(),
    occupied: (given.occupied ?? []).map((name) => ({ schema: 'public', name })),
  })
}

const users = table(
  'users',
  [column('id', { nullable: false, identity: 'rowid' }), column('role', { declaredType: 'TEXT' })],
  {
    primaryKey: { name: null, columns: ['id'], deferrability: 'not deferrable', nullsNotDistinct: false },
    rowEstimate: 3,
  },
)
const there = target(
  'users',
  { id: 'int8', role: 'text' },
  { primaryKey: { name: 'users_pkey', columns: ['id'], deferrability: 'not deferrable', nullsNotDistinct: false } },
)
const codes = (plan: { findings: readonly { code: string }[] }) => plan.findings.map(({ code }) => code)

test('into an existing table: its types decide, its key is known, the rules of its columns are with them', () => {
  const plan = assemble([users], {
    target: [there],
    options: {
      map: [
        { column: 'users.role', from: 'A', to: 'B' },
        { column: 'users.role', from: 'C', to: null },
      ],
      epoch: [{ column: 'users.id', unit: 'ms' }],
      allowLossy: ['users.id'],
      timezone: 'UTC',
    },
  })
  expect(plan.findings).toEqual([])
  expect(plan.tables).toMatchObject([
    {
      source: { schema: 'main', name: 'users' },
      target: { schema: 'public', name: 'users' },
      mode: 'existing',
      onExisting: 'empty',
      key: ['id'],
      targetKey: ['id'],
      rows: 3,
      casts: [
        {
          column: 'id',
          target: 'id',
          type: { name: 'int8' },
          rules: { epoch: 'ms', timezone: 'UTC', allowLossy: true },
        },
        {
          column: 'role',
          target: 'role',
          type: { name: 'text' },
          rules: {
            map: [
              ['A', 'B'],
              ['C', null],
            ],
            timezone: 'UTC',
          },
        },
      ],
      definition: null,
    },
  ])
})

test('into nothing: the data decides, and what it contradicts is told', () => {
  const plan = assemble([users], {
    types: {
      'users.id': { type: builtinType('int8') },
      'users.role': {
        contradicted: ['not date (1 value does not fit: "soon")', 'not int8 (2 values do not fit, first "soon")'],
        holdsNull: true,
      },
    },
    views: true,
  })
  expect(plan.tables).toMatchObject([
    {
      mode: 'create',
      owned: true,
      casts: [{ notNull: true }, { notNull: false }],
      sequences: [{ column: 'id', sequence: null }],
      definition: { primaryKey: { name: 'users_pkey' } },
    },
  ])
  expect(plan.findings).toMatchObject([
    {
      code: 'DATA_CONTRADICTS_TYPE',
      severity: 'note',
      column: 'role',
      message:
        'users.role becomes text, not date (1 value does not fit: "soon"), not int8 (2 values do not fit, first "soon")',
    },
  ])
  expect(plan.notCarried).toMatchObject([{ object: 'view v', definition: 'CREATE VIEW v AS SELECT 1' }])
})

test('a plan without a target', () => {
  expect(assemble([users], { target: null })).toMatchObject({ target: null, tables: [{ mode: 'create' }] })
})

test('tables come in load order', () => {
  const child = table('a_child', [column('p')], { foreignKeys: [foreignKey(['p'], 'users', ['id'])] })
  const plan = assemble([child, users])
  expect(plan.tables.map(({ source }) => source.name)).toEqual(['users', 'a_child'])
  expect(plan.foreignKeys).toMatchObject([
    { table: { name: 'a_child' }, references: { schema: 'public', name: 'users' }, strategy: 'created' },
  ])
})

describe('what names a row', () => {
  const solid = (name: string) => column(name, { nullable: false })
  const key = (...columns: string[]) => ({
    name: null,
    columns,
    deferrability: 'not deferrable' as const,
    nullsNotDistinct: false,
  })
  test.each([
    ['the primary key', table('t', [solid('a'), solid('b')], { primaryKey: key('a', 'b') }), ['a', 'b']],
    [
      'a unique key, where the primary key holds NULL',
      table('t', [column('a'), solid('b')], { primaryKey: key('a'), uniques: [key('a'), key('b')] }),
      ['b'],
    ],
    ['nothing', table('t', [column('a')], { primaryKey: key('a') }), []],
  ])('%s', (_, source, expected) => {
    expect(assemble([source], { types: { 't.a': { holdsNull: true } } }).tables[0]!.key).toEqual(expected)
  })

  test('a primary key that may hold NULL, where none arrives', () => {
    const source = table('t', [column('a')], { primaryKey: key('a') })
    expect(assemble([source]).tables[0]!.key).toEqual(['a'])
    const firm = target('t', { a: 'text' })
    const notNull = { ...firm, columns: firm.columns.map((each) => ({ ...each, nullable: false })) }
    expect(assemble([source], { target: [notNull] }).tables[0]!.key).toEqual(['a'])
    expect(assemble([source], { target: [firm] }).tables[0]!.key).toEqual([])
  })
})

test('1 and 1.0 stay apart only where a number may land in text', () => {
  const classed = (declaredType: string, type: string, given: Partial<Table> = {}) =>
    assemble([table('t', [column('v', { declaredType })], given)], { target: [target('t', { v: type })] }).tables[0]!
      .classedIntegers
  expect([
    classed('', 'text'),
    classed('TEXT', 'text'),
    classed('', 'int8'),
    classed('', 'jsonb'),
    classed('', 'text', { enforcesTypes: true }),
  ]).toEqual([true, false, false, true, false])
})

describe('what stands against it, all at once', () => {
  test.each([
    ['rows are there already', { target: [there], occupied: ['users'] }, ['TARGET_NOT_EMPTY']],
    ['rows are there, and may be', { target: [there], occupied: ['users'], options: { onExisting: 'append' } }, []],
    [
      'no key to go by',
      { target: [target('users', { id: 'int8', role: 'text' })], options: { onExisting: 'merge' } },
      ['KEY_NEEDED'],
    ],
    [
      'a key that does not come',
      {
        target: [
          {
            ...target('users', { id: 'int8', role: 'text', k: 'int8' }),
            primaryKey: { ...there.primaryKey!, columns: ['k'] },
          },
        ],
        options: { onExisting: 'skip' },
      },
      ['COLUMN_DEFAULTED', 'KEY_NEEDED'],
    ],
    ['rules', { target: [{ ...there, postgres: { ...there.postgres!, rules: ['r'] } }] }, ['TARGET_HAS_RULES']],
    ['rows that live elsewhere', { target: [{ ...there, kind: 'foreign' as const }] }, ['TARGET_IS_FOREIGN']],
    [
      'several',
      {
        target: [{ ...there, kind: 'foreign' as const, postgres: { ...there.postgres!, rules: ['r'] } }],
        occupied: ['users'],
        options: { map: [{ column: 'x.y', from: '', to: null }] },
      },
      ['COLUMN_UNKNOWN', 'TARGET_IS_FOREIGN', 'TARGET_HAS_RULES', 'TARGET_NOT_EMPTY'],
    ],
  ])('%s', (_, given, expected) => {
    expect(codes(assemble([users], given))).toEqual(expected)
  })

  test.each([
    ['--map', { map: [{ column: 'users.rôle', from: 'a', to: 'b' }] }, 'users.rôle'],
    ['--epoch', { epoch: [{ column: 'user.id', unit: 's' }] }, 'user.id'],
    ['--allow-lossy', { allowLossy: ['USERS.id'] }, 'USERS.id'],
    ['--rename', { rename: [{ from: 'users.x', to: 'y' }] }, 'users.x'],
  ])('%s with a column that the source does not have', (option, options, name) => {
    expect(assemble([users], { target: [there], options }).findings).toMatchObject([
      {
        code: 'COLUMN_UNKNOWN',
        severity: 'refuse',
        message: `${option} names ${JSON.stringify(name)}, which the source does not have`,
      },
    ])
  })

  test('a rename of a table is no column', () => {
    expect(
      assemble([users], {
        target: [{ ...there, name: { schema: 'public', name: 'people' } }],
        options: { rename: [{ from: 'users', to: 'people' }] },
      }).findings,
    ).toEqual([])
  })
})

describe('triggers of the target', () => {
  const trigger = (events: string, given: Partial<Trigger> = {}): Trigger => ({
    name: 'tg',
    table: { schema: 'public', name: 'users' },
    definition: `CREATE TRIGGER tg ${events} ON public.users FOR EACH ROW EXECUTE FUNCTION f()`,
    enabled: 'O',
    ...given,
  })
  test.each([
    ['BEFORE INSERT', {}, true],
    ['AFTER UPDATE OR INSERT', { enabled: 'A' }, true],
    ['AFTER TRUNCATE', {}, true],
    ['AFTER UPDATE OF insert_count', {}, false],
    ['AFTER DELETE', {}, false],
    ['BEFORE INSERT', { enabled: 'D' }, false],
    ['BEFORE INSERT', { enabled: 'R' }, false],
    ['BEFORE INSERT', { table: { schema: 'public', name: 'others' } }, false],
    [
      '',
      { definition: 'CREATE TRIGGER "on INSERT ON" AFTER DELETE ON public.users FOR EACH ROW EXECUTE FUNCTION f()' },
      false,
    ],
  ] as const)('%s %j', (events, given, found) => {
    const plan = assemble([users], { target: [there], triggers: [trigger(events, given)] })
    expect(codes(plan)).toEqual(found ? ['TRIGGER_WOULD_FIRE'] : [])
  })

  test.each(['disable', 'fire'])('are no finding once the user said %s', (triggers) => {
    expect(
      assemble([users], { target: [there], triggers: [trigger('BEFORE INSERT')], options: { triggers } }).findings,
    ).toEqual([])
  })

  test('of the source are listed for created tables alone', () => {
    const sourceTriggers = [
      { name: 'g', table: { schema: 'main', name: 'users' }, definition: 'CREATE TRIGGER g …', enabled: null },
    ]
    expect(assemble([users], { sourceTriggers }).notCarried).toMatchObject([
      { object: 'trigger g', definition: 'CREATE TRIGGER g …' },
    ])
    expect(assemble([users], { sourceTriggers, target: [there] }).notCarried).toEqual([])
  })
})

describe('a plan as a file', () => {
  const child = table('child', [column('p', { default: 'f()' })], { foreignKeys: [foreignKey(['p'], 'users', ['id'])] })

  test('comes back as it was', () => {
    const plan = assemble([users, child], {
      options: { map: [{ column: 'users.role', from: 'a', to: null }] },
      types: { 'users.id': { type: builtinType('int8') } },
      views: true,
    })
    expect(parsePlan(JSON.stringify(plan))).toEqual(JSON.parse(JSON.stringify(plan)))
    const existing = assemble([users], { target: [there], occupied: ['users'] })
    expect(parsePlan(JSON.stringify(existing, null, 2))).toEqual(existing)
  })

  test('is the same for the same input', () => {
    expect(JSON.stringify(assemble([users, child]))).toBe(JSON.stringify(assemble([users, child])))
  })

  test.each([
    ['no JSON', '{', 'PLAN_UNREADABLE'],
    ['another kind of JSON', '[]', 'PLAN_UNREADABLE'],
    ['nothing', 'null', 'PLAN_UNREADABLE'],
    ['a later version', '{"version":2}', 'PLAN_VERSION'],
    ['a part of a plan', '{"version":1,"tables":[]}', 'PLAN_UNREADABLE'],
  ])('%s is refused', (_, text, code) => {
    expect(() => parsePlan(text)).toThrow(
      expect.objectContaining({ name: 'PlanError', code, remedy: expect.any(String) }),
    )
    expect(() => parsePlan(text)).toThrow(PlanError)
  })

  test('of many faults the first are named', () => {
    expect(() => parsePlan('{"version":1}')).toThrow(/tool(?:.|\n)*… and \d+ more$/)
  })

  test('a word that is none of the choices is refused, and named', () => {
    const plan = { ...assemble([users]), options: { ...assemble([users]).options, onExisting: 'overwrite' } }
    expect(() => parsePlan(JSON.stringify(plan))).toThrow(/onExisting/)
  })
})
