import type { Column } from '@rowferry/introspect'
import type { ExpressionColumn, Translation } from '@rowferry/translate'
import { type DefinitionInput, expressionColumns } from './input.ts'
import { sayerOf } from './say.ts'

/** A generated column as PostgreSQL may compute it, too. There none reads another, so that whatever it reads of such is said in its place. */
export function defineGenerated(input: DefinitionInput, column: Column): Translation {
  const columns = expressionColumns(input).map((each): ExpressionColumn => {
    const { source } = input.match.columns.find(({ source: { name } }) => name === each.name)!
    if (!source.generated || source === column) return each
    return {
      ...each,
      // Asked for only where the expression names it: SQLite lets no two read each other
      get sql() {
        const there = defineGenerated(input, source)
        return there.ok ? `(${there.sql})::${each.type}` : `"${each.target.replaceAll('"', '""')}"`
      },
    }
  })
  const own = columns.find(({ name }) => name === column.name)!
  if (own.changed) return { ok: false, reason: 'its values are changed on the way', suggestion: null }
  return sayerOf(input.dialect).generated(column.generated?.expression ?? '', { columns, column: own })
}
