import { expect, test } from 'vitest'
import type { Catalog, PgType, Table } from './catalog.ts'
import { catalogFingerprint } from './fingerprint.ts'

const mood: PgType = { oid: 16_400, schema: 'public', name: 'mood', kind: 'enum', typmod: -1, labels: ['sad', 'ok'] }

const table: Table = {
  name: { schema: 'public', name: 't' },
  kind: 'table',
  columns: [
    {
      name: 'a',
      position: 1,
      declaredType: 'public.mood',
      nullable: true,
      default: null,
      generated: null,
      identity: null,
      sequence: null,
      collation: null,
      type: mood,
      comment: null,
    },
    {
      name: 'b',
      position: 2,
      declaredType: '',
      nullable: true,
      default: null,
      generated: null,
      identity: null,
      sequence: null,
      collation: null,
      type: null,
      comment: null,
    },
  ],
  primaryKey: null,
  uniques: [],
  foreignKeys: [],
  checks: [
    { name: 'one', expression: 'a > 1', validated: true },
    { name: 'two', expression: 'b > 1', validated: true },
  ],
  exclusions: [],
  indexes: [],
  enforcesTypes: true,
  rowIdentifier: null,
  rowEstimate: 3,
  highWaterMark: '9',
  withoutRowid: false,
  definition: null,
  comment: null,
  postgres: {
    oid: 20_000,
    owner: 'o',
    owned: true,
    rowSecurity: false,
    rules: [],
    persistence: 'permanent',
    partitionOf: null,
    inheritsFrom: [],
    replicaIdentity: 'default',
  },
}
const other: Table = { ...table, name: { schema: 'public', name: 'u' } }
const sequence = {
  name: { schema: 'public', name: 's' },
  ownedBy: null,
  dataType: 'bigint',
  start: '1',
  increment: '1',
  minimum: '1',
  maximum: '9',
  cycle: false,
  lastValue: '3',
}
const catalog: Catalog = {
  dialect: 'postgres',
  version: '18.4',
  tables: [table, other],
  views: [],
  triggers: [{ name: 'tr', table: table.name, definition: 'x', enabled: 'O' }],
  sequences: [sequence],
  types: [mood],
  notes: [],
}
const fingerprint = catalogFingerprint(catalog)
const withTable = (changes: Partial<Table>): Catalog => ({ ...catalog, tables: [{ ...table, ...changes }, other] })

test('64 hexadecimal digits, the same for the same catalog', () => {
  expect(fingerprint).toMatch(/^[0-9a-f]{64}$/)
  expect(catalogFingerprint(structuredClone(catalog))).toBe(fingerprint)
})

const [a, b] = table.columns
const facts = table.postgres
if (!a || !b || !facts) throw new Error('The example lost its columns')

test.each<[string, Catalog]>([
  ['rows', withTable({ rowEstimate: null, highWaterMark: '10' })],
  ['comments', withTable({ comment: 'new', columns: [{ ...a, comment: 'new' }, b] })],
  [
    'oids and whose session it is',
    withTable({ columns: [{ ...a, type: { ...mood, oid: 1 } }, b], postgres: { ...facts, oid: 1, owned: false } }),
  ],
  ['a sequence moved on', { ...catalog, sequences: [{ ...sequence, lastValue: null }] }],
  ['version and notes', { ...catalog, version: '17.0', notes: [{ code: 'X', object: 'y', message: 'z' }] }],
  [
    'the order of tables and constraints',
    { ...catalog, tables: [other, { ...table, checks: table.checks.toReversed() }] },
  ],
  [
    'the order of an object’s members',
    { ...catalog, tables: [Object.fromEntries(Object.entries(table).toReversed()) as unknown as Table, other] },
  ],
])('stays: %s', (_, changed) => {
  expect(catalogFingerprint(changed)).toBe(fingerprint)
})

test.each<[string, Catalog]>([
  ['a table', { ...catalog, tables: [table] }],
  ['a column’s type', withTable({ columns: [{ ...a, declaredType: 'text' }, b] })],
  ['an enum’s labels', { ...catalog, types: [{ ...mood, labels: ['ok', 'sad'] }] }],
  ['the order of columns', withTable({ columns: [b, a] })],
  [
    'a key',
    withTable({ primaryKey: { name: null, columns: ['a'], deferrability: 'not deferrable', nullsNotDistinct: false } }),
  ],
  ['a check', withTable({ checks: [] })],
  ['row security', withTable({ postgres: { ...facts, rowSecurity: true } })],
  ['a disabled trigger', { ...catalog, triggers: [{ name: 'tr', table: table.name, definition: 'x', enabled: 'D' }] }],
  ['a sequence’s step', { ...catalog, sequences: [{ ...sequence, increment: '2' }] }],
])('changes with %s', (_, changed) => {
  expect(catalogFingerprint(changed)).not.toBe(fingerprint)
})
