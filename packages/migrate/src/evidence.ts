import { createHash } from 'node:crypto'
import type { Catalog } from '@rowferry/introspect'
import { sameTable } from '@rowferry/introspect'
import type { ColumnEvidence, TablePlan } from '@rowferry/plan'
import type { ColumnAggregate, Source } from '@rowferry/source'

/** Rows and columns of one table as the source counts them; null when it counts nothing. */
export async function readEvidence(
  source: Source,
  catalog: Catalog,
  table: Pick<TablePlan, 'source' | 'casts' | 'generated'>,
): Promise<{ readonly rows: number; readonly evidence: ColumnEvidence[] } | null> {
  if (!source.supports.aggregates || source.aggregate === undefined) return null
  const described = catalog.tables.find((each) => sameTable(each.name, table.source))
  const columns = [...table.casts, ...table.generated]
    .map((cast) => cast.column)
    .filter((name) => described?.columns.some((column) => column.name === name))
  if (described === undefined || columns.length === 0) return null
  const found = await source.aggregate(table.source, columns)
  const declared = new Map(described.columns.map((column) => [column.name, column.declaredType]))
  return {
    rows: found.rows,
    evidence: found.columns.map((column) => ({
      column: column.column,
      declared: declared.get(column.column) ?? '',
      nulls: column.nulls,
      integers: column.integers,
      reals: column.reals,
      texts: column.texts,
      blobs: column.blobs,
      digest: digestOf(column),
    })),
  }
}

/** In all but the declared type, which the structure tells. */
export function holdsSame(a: ColumnEvidence, b: ColumnEvidence): boolean {
  return holds(a) === holds(b)
}

function holds({ nulls, integers, reals, texts, blobs, digest }: ColumnEvidence): string {
  return JSON.stringify([nulls, integers, reals, texts, blobs, digest])
}

function digestOf({ octets, integerSum, integerMin, integerMax, realResidue }: ColumnAggregate): string {
  const sums = JSON.stringify([octets, integerSum, integerMin, integerMax, realResidue])
  return createHash('sha256').update(sums).digest('hex').slice(0, 16)
}
