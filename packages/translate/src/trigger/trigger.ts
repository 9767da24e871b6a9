import { momentOf, sayMoment } from '../moment.ts'
import { readType } from '../pg-type.ts'
import { quoteName } from '../quote.ts'
import { sameName, type Scope } from '../scope.ts'
import { conjuncts } from '../select/walk.ts'
import type { Expression } from '../syntax.ts'
import { columnTerm, type ExpressionColumn, truthOf } from '../term.ts'
import { termOf } from '../term-of.ts'
import { attempt, Refusal, type Translation } from '../translation.ts'
import { parseTrigger, type Trigger } from './parse.ts'

export interface TriggerContext {
  /** Of the trigger and of its function in PostgreSQL. */
  readonly target: { readonly schema: string; readonly name: string }
  readonly table: {
    /** In SQLite. */
    readonly name: string
    readonly target: { readonly schema: string; readonly name: string }
    readonly columns: readonly ExpressionColumn[]
    /** The column that is SQLite's rowid; null when there is none. */
    readonly rowid: string | null
    /** Sets of columns of which no two rows have the same values, none being NULL. */
    readonly keys: readonly (readonly string[])[]
  }
}

/** A trigger said in PostgreSQL, or the reason why not. */
export type TriggerTranslation =
  | (Extract<Translation, { ok: true }> & {
      readonly event: 'insert' | 'update'
      /** It has an `UPDATE OF` or a `WHEN`. */
      readonly conditional: boolean
    })
  | Extract<Translation, { ok: false }>

/**
 * Says a trigger that puts the present moment into the very row that was inserted or updated (`UPDATE t SET updated_at = CURRENT_TIMESTAMP WHERE id = NEW.id`)
 * as PostgreSQL does it: a function and a BEFORE trigger, two statements joined by `;`. Its `UPDATE OF` and `WHEN` are kept. It does not fire itself, which
 * SQLite's does not either as long as `PRAGMA recursive_triggers` is off, as it is unless said; but there its UPDATE fires the table's other triggers. All other
 * triggers are refused.
 */
export function translateTrigger(definition: string, context: TriggerContext): TriggerTranslation {
  let read: Trigger | undefined
  const translation = attempt(() => {
    const trigger = (read = parseTrigger(definition))
    const { table, target } = context
    if (!sameName(trigger.table, table.name) || !sameName(trigger.updates, table.name))
      throw new Refusal('it writes to another table')
    const guard = guardOf(trigger, context)
    const assignments = trigger.assignments.map(({ column, value }) => `NEW.${said(column, value, table.columns)};`)
    const body = `${guard === null ? '' : `IF ${guard} THEN `}${assignments.join(' ')}${guard === null ? '' : ' END IF;'} RETURN NEW;`
    const name = quoteName(target.name)
    const called = `${quoteName(target.schema)}.${name}`
    const of = trigger.columns.map((column) => quoteName(columnOf(column, table.columns).target))
    const event = `${trigger.event.toUpperCase()}${of.length === 0 ? '' : ` OF ${of.join(', ')}`}`
    const when = trigger.when === null ? '' : ` WHEN (${truthOf(termOf(trigger.when, rowScope(trigger, context))).sql})`
    const on = `${quoteName(table.target.schema)}.${quoteName(table.target.name)}`
    return {
      sql: `CREATE FUNCTION ${called}() RETURNS trigger LANGUAGE plpgsql SET search_path = '' AS ${dollars(`BEGIN ${body} END`)};
CREATE TRIGGER ${name} BEFORE ${event} ON ${on} FOR EACH ROW${when} EXECUTE FUNCTION ${called}()`,
    }
  })
  if (!translation.ok || !read) return translation as TriggerTranslation
  return { ...translation, event: read.event, conditional: read.columns.length > 0 || read.when !== null }
}

function said(name: string, value: Expression, columns: readonly ExpressionColumn[]): string {
  const column = columnOf(name, columns)
  const moment = momentOf(value)
  if (!moment) throw new Refusal('it writes something else than the present moment')
  if (column.changed) throw new Refusal(`the values of ${name} are changed on the way`)
  return `${quoteName(column.target)} := ${sayMoment(moment, readType(column.type)).sql}`
}

function columnOf(name: string, columns: readonly ExpressionColumn[]): ExpressionColumn {
  const column = columns.find((one) => sameName(one.name, name))
  if (!column) throw new Refusal(`${JSON.stringify(name)} is none of the columns carried`)
  return column
}

const rowids = new Set(['rowid', '_rowid_', 'oid'])

/** Does its WHERE mean the row that was written, and no other? By OLD's key it does while that key stays the same, which is what is given; null where it always does. */
function guardOf(trigger: Trigger, { table }: TriggerContext): string | null {
  const { columns, rowid, keys } = table
  const resolve = (name: string): string =>
    columns.find((one) => sameName(one.name, name))?.name ??
    (rowids.has(name.toLowerCase()) ? (rowid ?? 'rowid') : name)
  const met = new Map<string, 'new' | 'old'>()
  for (const part of conjuncts(trigger.where)) {
    const sides = part.kind === 'binary' && part.operator === '=' ? [part.left, part.right] : []
    const names = sides.flatMap((side) => (side.kind === 'name' ? [side] : []))
    const own = names.find(
      ({ qualifiers: [q, ...more] }) => more.length === 0 && (q === undefined || sameName(q, table.name)),
    )
    const row = names.find(
      ({ qualifiers: [q, ...more] }) => more.length === 0 && q !== undefined && /^(?:new|old)$/i.test(q),
    )
    if (!own || !row || resolve(own.name) !== resolve(row.name)) throw new Refusal('it writes to other rows')
    met.set(resolve(own.name), row.qualifiers[0]!.toLowerCase() as 'new' | 'old')
  }
  const wanted = [...keys, rowid === null ? ['rowid'] : [rowid]]
  if (!wanted.some((key) => key.length === met.size && key.every((name) => met.has(name))))
    throw new Refusal('it writes to rows that no key names')
  const old = [...met]
    .filter(([name, row]) => row === 'old' && name !== 'rowid')
    .map(([name]) => columnOf(name, columns))
  if (old.length === 0) return null
  return old.map(({ target }) => `NEW.${quoteName(target)} = OLD.${quoteName(target)}`).join(' AND ')
}

/** Names behind NEW and OLD. */
function rowScope({ event }: Trigger, { table: { columns, rowid } }: TriggerContext): Scope {
  return {
    column: ({ name, qualifiers: [row, ...more] }) => {
      const which = more.length === 0 && row !== undefined && /^(?:new|old)$/i.test(row) ? row.toUpperCase() : null
      if (which === null || (which === 'OLD' && event === 'insert')) return null
      const isRowid = rowid !== null && rowids.has(name.toLowerCase())
      const column =
        columns.find((one) => sameName(one.name, name)) ??
        (isRowid ? columns.find((one) => one.name === rowid) : undefined)
      return column ? columnTerm(column, `${which}.${quoteName(column.target)}`) : null
    },
    inQuery: false,
    special: () => null,
    remark: () => {},
  }
}

/** In quotes that it does not hold. */
function dollars(body: string): string {
  let tag = '$$'
  for (let turn = 1; body.includes(tag); turn++) tag = `$body${turn}$`
  return `${tag}${body}${tag}`
}
