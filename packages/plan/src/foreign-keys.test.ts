import { builtinType } from '@rowferry/coerce'
import type { ForeignKey } from '@rowferry/introspect'
import { describe, expect, test } from 'vitest'
import { planForeignKeys } from './foreign-keys.ts'
import { planOptionsSchema } from './options.ts'
import type { TablePlan } from './plan.ts'
import { foreignKey, target } from './testing.ts'

function tablePlan(name: string, given: Partial<TablePlan> = {}): TablePlan {
  const cast = { column: 'id', target: 'id', type: builtinType('int8'), notNull: true, rules: {}, because: '' }
  return {
    source: { schema: 'main', name },
    target: { schema: 'public', name },
    mode: 'existing',
    onExisting: 'empty',
    casts: [cast],
    fills: [],
    generated: [],
    key: ['id'],
    targetKey: ['id'],
    rowIdentifier: null,
    classedIntegers: false,
    rows: 10,
    oid: 1,
    owned: true,
    partitioned: false,
    sequences: [],
    definition: null,
    conditions: [],
    ...given,
  }
}

/** `child>parent` for each foreign key; all tables of the plan are the target's, too. */
function decide(
  keys: readonly string[],
  given: {
    tables?: Record<string, Partial<TablePlan>>
    key?: Partial<ForeignKey>
    options?: object
    owned?: Record<string, boolean>
  } = {},
) {
  const pairs = keys.map((each) => each.split('>') as [child: string, parent: string])
  const names = [...new Set(pairs.flat())]
  const owned = (name: string) => given.owned?.[name] ?? true
  const existing = names.map((name) =>
    target(
      name,
      { id: 'int8' },
      {
        foreignKeys: pairs
          .filter(([child]) => child === name)
          .map(([child, parent]) =>
            foreignKey([parent], parent, ['id'], { name: `${child}_${parent}`, ...given.key }, 'public'),
          ),
      },
      owned(name),
    ),
  )
  const tables = names
    .filter((name) => !name.startsWith('outside'))
    .map((name) => tablePlan(name, { owned: owned(name), ...given.tables?.[name] }))
  const { order, foreignKeys, findings } = planForeignKeys({
    tables,
    existing,
    options: planOptionsSchema.parse(given.options ?? {}),
  })
  return {
    order: order.map(({ name }) => name),
    strategies: Object.fromEntries(foreignKeys.map(({ name, strategy }) => [name, strategy] as const)),
    findings,
  }
}

const sorted = (strategies: Readonly<Record<string, string>>) =>
  Object.values(strategies).toSorted((a, b) => a.localeCompare(b))

test('parents load first, and their keys stay', () => {
  expect(decide(['c>b', 'b>a'])).toEqual({
    order: ['a', 'b', 'c'],
    strategies: { c_b: 'kept', b_a: 'kept' },
    findings: [],
  })
})

test('from many rows on a key is checked at once afterwards, by whoever may', () => {
  const tables = { b: { rows: 50_000 } }
  expect(decide(['b>a'], { tables }).strategies).toEqual({ b_a: 'rebuilt' })
  expect(decide(['b>a'], { tables: { b: { rows: 49_999 } } }).strategies).toEqual({ b_a: 'kept' })
  expect(decide(['b>a'], { tables: { b: { rows: null } } }).strategies).toEqual({ b_a: 'kept' })
  // Adding a foreign key takes a right on the parent, too
  expect(decide(['b>a'], { tables, owned: { a: false } }).strategies).toEqual({ b_a: 'kept' })
  expect(decide(['b>a'], { tables, owned: { b: false } }).strategies).toEqual({ b_a: 'kept' })
  expect(decide(['b>a'], { tables, key: { name: null } }).strategies).toEqual({ null: 'kept' })
  // Made again, it would not look at the new rows
  expect(decide(['b>a'], { tables, key: { validated: false } }).strategies).toEqual({ b_a: 'kept' })
  expect(decide(['b>a'], { tables: { b: { rows: 50_000, partitioned: true } } }).strategies).toEqual({ b_a: 'kept' })
})

describe('the key of a large table goes for the load', () => {
  const tables = { a: { rows: 50_000 } }

  test('and what rests on it before', () => {
    expect(decide(['b>a'], { tables }).strategies).toEqual({ b_a: 'rebuilt' })
    const key = { deferrability: 'initially deferred' } as const
    expect(decide(['b>a', 'a>a', 'c>b'], { tables, key }).strategies).toEqual({
      b_a: 'rebuilt',
      a_a: 'rebuilt',
      c_b: 'kept',
    })
  })

  test('unless that could not come back, or would come back unchecked', () => {
    expect(decide(['b>a'], { tables, owned: { b: false } }).strategies).toEqual({ b_a: 'kept' })
    expect(decide(['b>a'], { tables, key: { name: null } }).strategies).toEqual({ null: 'kept' })
    expect(decide(['b>a'], { tables, key: { validated: false } }).strategies).toEqual({ b_a: 'kept' })
    expect(decide(['b>a'], { tables: { ...tables, b: { partitioned: true } } }).strategies).toEqual({ b_a: 'kept' })
  })

  test('unless the key stays', () => {
    const strategies = (options: object, a: Partial<TablePlan> = {}) =>
      decide(['b>a'], { tables: { a: { rows: 50_000, ...a } }, options }).strategies
    expect(strategies({ triggers: 'fire' })).toEqual({ b_a: 'kept' })
    expect(strategies({ onExisting: 'append' }, { onExisting: 'append' })).toEqual({ b_a: 'kept' })
    expect(strategies({}, { partitioned: true })).toEqual({ b_a: 'kept' })
    expect(strategies({}, { rows: null })).toEqual({ b_a: 'kept' })
  })
})

describe('tables that reference each other', () => {
  test('the owner drops what closes the ring, and adds it back', () => {
    const { strategies, findings } = decide(['a>b', 'b>a'])
    expect(sorted(strategies)).toEqual(['kept', 'rebuilt'])
    expect(findings).toEqual([])
  })

  test('a deferrable key waits, whoever asks', () => {
    const { strategies, findings } = decide(['a>b', 'b>a'], {
      key: { deferrability: 'initially immediate' },
      owned: { a: false, b: false },
    })
    expect(sorted(strategies)).toEqual(['deferred', 'kept'])
    expect(findings).toEqual([])
  })

  test('neither owner nor deferrable: refused, with the statement that would help', () => {
    const { findings, order } = decide(['a>b', 'b>a'], { owned: { a: false, b: false } })
    const first = order[0]!
    expect(findings).toMatchObject([
      {
        code: 'FOREIGN_KEY_CYCLE',
        severity: 'refuse',
        table: first,
        remedy: expect.stringContaining(`ALTER CONSTRAINT "${first}_${order[1]!}" DEFERRABLE`),
      },
    ])
  })

  test('one of two owners is not enough', () => {
    expect(decide(['a>b', 'b>a'], { owned: { a: false } }).findings).toMatchObject([{ code: 'FOREIGN_KEY_CYCLE' }])
  })
})

test('a table that references itself arrives in one COPY; a deferrable key waits even for that', () => {
  expect(decide(['a>a']).strategies).toEqual({ a_a: 'kept' })
  expect(decide(['a>a'], { key: { deferrability: 'initially deferred' } }).strategies).toEqual({ a_a: 'deferred' })
})

test('where rows may be set aside, keys are proven afterwards, so that children can follow', () => {
  const options = { onBadRow: 'quarantine' }
  expect(decide(['b>a', 'a>a'], { options }).strategies).toEqual({ b_a: 'rebuilt', a_a: 'rebuilt' })
  expect(decide(['b>a'], { options, owned: { b: false } }).strategies).toEqual({ b_a: 'kept' })
})

test('a parent that is not carried stays where it is', () => {
  expect(decide(['b>outside'])).toEqual({ order: ['b'], strategies: { b_outside: 'kept' }, findings: [] })
  expect(decide(['b>outside'], { tables: { b: { rows: 90_000 } } }).strategies).toEqual({ b_outside: 'rebuilt' })
})

test('keys of created tables are made after the data, whatever the order', () => {
  const definition = {
    ...target('a', { id: 'int8' }),
    foreignKeys: [foreignKey(['b'], 'b', ['id'], { name: 'a_b' }, 'public')],
  }
  const tables = [
    tablePlan('a', { mode: 'create', definition }),
    tablePlan('b', { mode: 'create', definition: target('b', { id: 'int8' }) }),
  ]
  expect(planForeignKeys({ tables, existing: [], options: planOptionsSchema.parse({}) }).foreignKeys).toMatchObject([
    { name: 'a_b', strategy: 'created', referencedColumns: ['id'] },
  ])
})

test('an explicit order wins, in names of either side, and what it turns round is dropped for the load', () => {
  const { order, strategies } = decide(['b>a'], { options: { order: ['b', 'a'] } })
  expect(order).toEqual(['b', 'a'])
  expect(strategies).toEqual({ b_a: 'rebuilt' })
  expect(
    decide(['b>a'], { options: { order: ['B', 'a'] }, tables: { b: { source: { schema: 'main', name: 'B' } } } })
      .order[0],
  ).toBe('b')
})

test('an order that names an unknown table is no silent no-op', () => {
  expect(decide(['b>a'], { options: { order: ['nope'] } }).findings).toMatchObject([
    { code: 'TABLE_UNKNOWN', severity: 'refuse', table: 'nope', remedy: 'check the names that follow --order' },
  ])
  expect(decide(['parents>a'], { options: { order: ['parnets'] } }).findings).toMatchObject([
    { code: 'TABLE_UNKNOWN', remedy: 'did you mean "parents"?' },
  ])
})
