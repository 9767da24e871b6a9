import type { Column, Table } from '@rowferry/introspect'
import { formOf, type Form } from './forms.ts'
import { quoteName, tableOf } from './quote.ts'

/** How a table is read. */
export interface Layout {
  readonly table: string
  /** `schema`.`table`, quoted. */
  readonly sql: string
  readonly forms: ReadonlyMap<string, Form>
  readonly primaryKey: readonly string[]
  /** What rows are sought by: the parts of a key without NULLs, in its order; empty where there is none that can be. */
  readonly key: readonly KeyPart[]
  /** The index behind the key, or behind the primary key; null where the table has neither. */
  readonly index: string | null
  /** Names of the columns that sort the rows, where no key can be sought by. */
  readonly order: readonly KeyPart[]
}

export interface KeyPart {
  readonly form: Form
  readonly descending: boolean
}

export function layoutOf(table: Table): Layout {
  const forms = new Map(table.columns.map((column) => [column.name, formOf(column)]))
  const keys = table.indexes.filter(
    ({ unique, columns, constraint }) =>
      unique && constraint !== null && columns.every(({ column }) => isNeverNull(table.columns, column)),
  )
  const parts = (index: (typeof keys)[number]): KeyPart[] =>
    index.columns.map(({ column, descending }) => ({ form: forms.get(column!)!, descending }))
  const primary = keys.find(({ constraint }) => constraint === 'primary key')
  const candidates = primary === undefined ? keys : [primary]
  const sought = candidates.find((index) => parts(index).every(({ form }) => form.literal !== null))
  const sorted = sought ?? candidates[0]
  return {
    table: table.name.name,
    sql: tableOf(table.name),
    forms,
    primaryKey: table.primaryKey?.columns ?? [],
    key: sought === undefined ? [] : parts(sought),
    index: sorted?.name ?? null,
    order: sorted === undefined ? [] : parts(sorted),
  }
}

function isNeverNull(columns: readonly Column[], name: string | null): boolean {
  return columns.some((column) => column.name === name && !column.nullable)
}

/** The rows in the order of their key; without one in that of the table's own tree, which no index may change. */
export function fromClause(layout: Layout): string {
  const hint = layout.index === null ? 'USE INDEX ()' : `FORCE INDEX (${quoteName(layout.index)})`
  return `FROM ${layout.sql} AS t ${hint}`
}

export function orderClause(parts: readonly KeyPart[]): string {
  const terms = parts.map(({ form, descending }) => `t.${quoteName(form.name)}${descending ? ' DESC' : ''}`)
  return terms.length === 0 ? '' : ` ORDER BY ${terms.join(', ')}`
}
