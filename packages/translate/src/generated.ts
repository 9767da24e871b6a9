import { isImmutable } from './immutable.ts'
import { parseExpression } from './parse.ts'
import { affinityOf, readType } from './pg-type.ts'
import { doubleSql } from './double.ts'
import { asText } from './arithmetic.ts'
import { type Scope, tableScope } from './scope.ts'
import { asInteger, type ExpressionColumn, type Term } from './term.ts'
import { termOf } from './term-of.ts'
import { attempt, Refusal, type Translation } from './translation.ts'

export interface GeneratedContext {
  /** The table's columns: no others may be named. One that PostgreSQL generates, too, says its own expression in `sql`: no generated column reads another there. */
  readonly columns: readonly ExpressionColumn[]
  /** The one that holds the values. */
  readonly column: ExpressionColumn
}

/**
 * Says the expression of a generated column for `GENERATED ALWAYS AS (…) STORED`: of immutable functions only, and in the form that the column's affinity
 * gives the value in SQLite. A row whose value leaves 64 bits, or a double's range, is refused, as any value is that the column's type does not take.
 */
export function translateGenerated(expression: string, { columns, column }: GeneratedContext): Translation {
  return attempt(() => {
    let isNow = false
    const scope: Scope = {
      ...tableScope(columns),
      inQuery: true,
      remark: (remark) => {
        isNow ||= remark === 'now'
      },
    }
    const said = termOf(parseExpression(expression), scope)
    if (isNow) throw new Refusal('it depends on the present moment')
    const sql = stored(said, column)
    if (!isImmutable(sql))
      throw new Refusal(
        'PostgreSQL generates nothing that might depend on its settings, as the spelling of dates does',
        sql,
      )
    return { sql }
  })
}

/** https://www.sqlite.org/datatype3.html#type_affinity */
function stored(said: Term, column: ExpressionColumn): string {
  const { kind } = readType(column.type)
  const affinity = affinityOf(column.declaredType ?? '')
  const of = kind === 'boolean' ? said : asInteger(said)
  if (of.moment && of.moment.type === kind && of.moment.spelling === column.spelling) return of.moment.sql
  if (of.kind === 'boolean' && kind === 'boolean') return of.sql
  if (of.kind === 'bytea' && kind === 'bytea') return of.sql
  if (of.kind === 'text' && kind === 'text' && !of.mixed && (affinity === 'text' || affinity === 'blob')) return of.sql
  const whole = of.kind === 'integer' && of.numberClass === 'integer'
  if (whole && kind === 'text' && affinity === 'text') return asText(of).sql
  if (whole && kind === 'integer' && affinity !== 'text' && affinity !== 'real') return of.sql
  const isReal = of.numberClass === 'real' || affinity === 'real'
  const isNumber = whole || of.kind === 'double' || of.kind === 'numeric'
  // Where SQLite would keep whole numbers as such, a double rounds those beyond 2^53
  if (isNumber && isReal && kind === 'double' && affinity !== 'text') return doubleSql(of)
  throw new Refusal(`its values are not of the kind that a column of type ${column.type} holds`, said.sql)
}
