import { SourceError, type TableAggregate } from '@rowferry/source'
import type { Cell, Lane } from './connection.ts'
import type { Form } from './forms.ts'
import type { Layout } from './layout.ts'

/** Columns that one statement sums: each takes up to four of the 4096 that the server allows. */
const columnsAtOnce = 500

/** The server's own account of a table's columns. */
export async function aggregateTable(lane: Lane, layout: Layout, columns: readonly string[]): Promise<TableAggregate> {
  const forms = columns.map((name) => {
    const form = layout.forms.get(name)
    if (form === undefined)
      throw new SourceError('SOURCE_CHANGED', `The table ${layout.table} has no column ${JSON.stringify(name)}`)
    return form
  })
  let rows = 0
  const found: TableAggregate['columns'][number][] = []
  for (let from = 0; from < Math.max(1, forms.length); from += columnsAtOnce) {
    const part = forms.slice(from, from + columnsAtOnce)
    const terms = ['COUNT(*)', ...part.flatMap(termsOf)]
    const [row = []] = await lane.rows(`SELECT ${terms.map(asText).join(', ')} FROM ${layout.sql} AS t`)
    rows = Number(row[0])
    let at = 1
    for (const form of part) {
      const { length } = termsOf(form)
      found.push(accountOf(form, rows, row.slice(at, at + length)))
      at += length
    }
  }
  return { rows, columns: found }
}

const asText = (term: string): string => `CAST(${term} AS CHAR)`

function termsOf({ expression, holds }: Form): string[] {
  const count = `COUNT(${expression})`
  if (holds === 'reals') return [count]
  if (holds === 'integers') return [count, `SUM(${expression})`, `MIN(${expression})`, `MAX(${expression})`]
  // The rows come in UTF-8, whatever the column is stored in
  return [count, `SUM(OCTET_LENGTH(${holds === 'texts' ? `CONVERT(${expression} USING utf8mb4)` : expression}))`]
}

function accountOf({ name, holds }: Form, rows: number, row: readonly Cell[]): TableAggregate['columns'][number] {
  const [count, second, least, greatest] = row as readonly (string | null)[]
  const values = Number(count)
  const whole = holds === 'integers'
  return {
    column: name,
    nulls: rows - values,
    integers: whole ? values : 0,
    reals: holds === 'reals' ? values : 0,
    texts: holds === 'texts' ? values : 0,
    blobs: holds === 'blobs' ? values : 0,
    octets: whole ? '0' : (second ?? '0'),
    integerSum: whole ? (second ?? null) : null,
    integerMin: whole ? (least ?? null) : null,
    integerMax: whole ? (greatest ?? null) : null,
    realResidue: null,
  }
}
