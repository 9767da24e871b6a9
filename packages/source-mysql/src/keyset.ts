import type { SourceRow } from '@rowferry/introspect'
import { fromClause, orderClause, type KeyPart, type Layout } from './layout.ts'
import { quoteName } from './quote.ts'

/**
 * The rows after a key (a, b), each as `FROM … WHERE … ORDER BY …`: first those with the same a and a later b, then those with a later a.
 * Each is one seek; the server would not seek by a comparison of row values.
 */
export function rangesAfter(layout: Layout, after: SourceRow | undefined): readonly string[] {
  const { key } = layout
  const from = fromClause(layout)
  if (after === undefined) return [from + orderClause(key)]
  return key.map((_, at) => {
    const level = key.length - 1 - at
    const same = key.slice(0, level).map((part, index) => compare(part, '=', after[index]!))
    const last = key[level]!
    const where = [...same, compare(last, last.descending ? '<' : '>', after[level]!)]
    return `${from} WHERE ${where.join(' AND ')}${orderClause(key.slice(level))}`
  })
}

function compare({ form }: KeyPart, operator: string, value: SourceRow[number]): string {
  return `t.${quoteName(form.name)} ${operator} ${form.literal!(value)}`
}
