import { builtinType } from '@rowferry/coerce'
import type { PgType } from '@rowferry/introspect'
import type { TablePlan } from '@rowferry/plan'

/** The plan of a table that no database holds; types by name, or as they are. */
export function tablePlan(
  name: string,
  columns: Readonly<Record<string, string | PgType>>,
  given: Partial<TablePlan> = {},
): TablePlan {
  return {
    source: { schema: 'main', name },
    target: { schema: 'public', name },
    mode: 'existing',
    onExisting: 'append',
    casts: Object.entries(columns).map(([column, type]) => ({
      column,
      target: column,
      type: typeof type === 'string' ? builtinType(type) : type,
      notNull: false,
      rules: {},
      because: 'the target says so',
    })),
    fills: [],
    generated: [],
    conditions: [],
    key: ['id'],
    targetKey: ['id'],
    rowIdentifier: null,
    classedIntegers: false,
    rows: null,
    oid: null,
    owned: true,
    partitioned: false,
    sequences: [],
    definition: null,
    ...given,
  }
}
