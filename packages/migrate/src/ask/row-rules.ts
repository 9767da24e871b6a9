import { formatType } from '@rowferry/coerce'
import type { Table } from '@rowferry/introspect'
import type { TablePlan } from '@rowferry/plan'
import type { RowKey, RowRules, Session } from '@rowferry/postgres'
import { quoteIdentifier, readRowRules } from '@rowferry/postgres'

/** What the target asks, or would ask, of each row of each table. */
export async function readRules(session: Session, tables: readonly TablePlan[]): Promise<Map<TablePlan, RowRules>> {
  const existing = tables.filter(({ mode }) => mode === 'existing')
  const there = await readRowRules(
    session,
    existing.map(({ target }) => target),
  )
  const found = new Map(existing.map((table, at) => [table, there[at]]))
  return new Map(tables.map((table) => [table, found.get(table) ?? rulesOfCreated(table)]))
}

/** Of a table that is not there yet: its keys and its checks, by the usual operators. */
function rulesOfCreated({ casts: written, generated, definition }: TablePlan): RowRules {
  const casts = [...written, ...generated]
  return {
    columns: casts.map(({ target, type }) => {
      const column = definition?.columns.find(({ name }) => name === target)
      return {
        name: target,
        type: formatType(type),
        collation: null,
        generated: column?.generated?.expression ?? null,
        default: null,
        fit: null,
        domainChecks: [],
      }
    }),
    checks: (definition?.checks ?? []).map(({ name, expression }) => ({
      name: name ?? 'check',
      expression,
      columns: casts.map(({ target }) => target).filter((target) => expression.includes(target)),
    })),
    partitions: null,
    keys: definition ? keysOf(definition) : [],
    references: [],
  }
}

function keysOf({ primaryKey, uniques, indexes }: Table): RowKey[] {
  const plain = (name: string, columns: readonly string[], primary: boolean, nullsNotDistinct: boolean): RowKey => ({
    name,
    columns,
    keys: columns.map((column) => ({ expression: quoteIdentifier(column), operator: null, collation: null })),
    where: null,
    nullsNotDistinct,
    primary,
    exclusion: false,
  })
  return [
    ...(primaryKey ? [plain(primaryKey.name ?? 'the primary key', primaryKey.columns, true, false)] : []),
    ...uniques.map((key) =>
      plain(key.name ?? `unique (${key.columns.join(', ')})`, key.columns, false, key.nullsNotDistinct),
    ),
    ...indexes
      .filter((index) => index.unique && index.constraint === null)
      .map((index): RowKey => ({
        name: index.name,
        columns: index.columns.every(({ column }) => column !== null)
          ? index.columns.map(({ column }) => column!)
          : null,
        keys: index.columns.map(({ column, expression }) => ({
          expression: column === null ? (expression ?? 'NULL') : quoteIdentifier(column),
          operator: null,
          collation: null,
        })),
        where: index.where,
        nullsNotDistinct: false,
        primary: false,
        exclusion: false,
      })),
  ]
}
