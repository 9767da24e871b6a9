import type { Column, ForeignKey, Index, Key, Table } from '@rowferry/introspect'
import { formatTableName, sameTable } from '@rowferry/introspect'

/** A part of a created table that is not what it was made as. */
export interface Departure {
  /** `foreign key orders_user_fkey`, `column total`. */
  readonly object: string
  readonly column: string | null
  /** As the end of a sentence: `is gone`, `is not valid`. */
  readonly now: string
  /** The crossing itself may have left it off and said so in its report: a plain index, a CHECK, what makes a generated column one. */
  readonly mayBeLeft: boolean
  /** It forbids nothing: a column more. */
  readonly harmless: boolean
}

/** What the plan made, against what is there. Expressions are PostgreSQL's own spelling by now, so of those only the presence counts. */
export function departures(planned: Table, there: Table): Departure[] {
  return [
    ...planned.columns.flatMap((column) => columnDepartures(column, there)),
    ...keyDepartures('primary key', planned.primaryKey ? [planned.primaryKey] : [], there),
    ...keyDepartures('unique', planned.uniques, there),
    ...planned.foreignKeys.flatMap((key) => foreignKeyDepartures(key, there)),
    ...checkDepartures(planned, there),
    ...planned.indexes.flatMap((index) => indexDepartures(index, there)),
    ...there.columns
      .filter((column) => !planned.columns.some((each) => each.name === column.name))
      .map(({ name }) => departure(`column ${name}`, 'came since', { column: name, harmless: true })),
    ...tableDepartures(there),
  ]
}

const departure = (object: string, now: string, more: Partial<Departure> = {}): Departure => ({
  object,
  now,
  column: null,
  mayBeLeft: false,
  harmless: false,
  ...more,
})

function columnDepartures(planned: Column, there: Table): Departure[] {
  const object = `column ${planned.name}`
  const say = (now: string): Departure => departure(object, now, { column: planned.name })
  const column = there.columns.find((each) => each.name === planned.name)
  if (!column) return [say('is gone')]
  const found: Departure[] = []
  const [was, is] = [planned.type, column.type]
  if (was && is && (was.schema !== is.schema || was.name !== is.name || was.typmod !== is.typmod))
    found.push(say(`is ${column.declaredType} and was made as ${planned.declaredType}`))
  if (planned.nullable !== column.nullable)
    found.push(say(column.nullable ? 'takes NULL and was made NOT NULL' : 'is NOT NULL and was made to take NULL'))
  if (planned.identity !== null && column.identity === null) found.push(say('is no identity any more'))
  if (planned.generated !== null && column.generated === null)
    found.push({ ...say('holds plain data and was made to be generated'), mayBeLeft: true })
  if (planned.generated === null && column.generated !== null)
    found.push(say('is generated and was made to hold plain data'))
  if (planned.default !== null && column.default === null) found.push(say('has lost its default'))
  return found
}

const columnsOf = (columns: readonly string[]): string => `(${columns.join(', ')})`
const sameColumns = (a: readonly string[], b: readonly string[]): boolean =>
  a.length === b.length && a.every((column, i) => column === b[i])

function keyDepartures(kind: 'primary key' | 'unique', planned: readonly Key[], there: Table): Departure[] {
  const have = kind === 'unique' ? there.uniques : there.primaryKey ? [there.primaryKey] : []
  return planned
    .filter((key) => !have.some((each) => sameColumns(each.columns, key.columns)))
    .map((key) => departure(`${kind} ${key.name ?? columnsOf(key.columns)}`, `${columnsOf(key.columns)} is gone`))
}

function foreignKeyDepartures(planned: ForeignKey, there: Table): Departure[] {
  const object = `foreign key ${planned.name ?? columnsOf(planned.columns)}`
  const meaning = `${columnsOf(planned.columns)} → ${formatTableName(planned.references)}`
  const alike = there.foreignKeys.filter(
    (each) => sameColumns(each.columns, planned.columns) && sameTable(each.references, planned.references),
  )
  const [key] = alike
  if (!key) return [departure(object, `${meaning} is gone`)]
  const found: Departure[] = []
  if (alike.every((each) => !each.validated)) found.push(departure(object, `${meaning} is not valid`))
  if (key.onDelete !== planned.onDelete || key.onUpdate !== planned.onUpdate)
    found.push(departure(object, `${meaning} has other actions on delete or update than it was made with`))
  if (key.deferrability !== planned.deferrability)
    found.push(departure(object, `${meaning} is ${key.deferrability} and was made ${planned.deferrability}`))
  return found
}

/** Without casts, parentheses and blanks, in which PostgreSQL's spelling departs from what was written. */
function plain(expression: string): string {
  return expression.replaceAll(/::[a-z_ ]+(\(\d+(, ?\d+)?\))?(\[\])?|[\s()"]/gi, '').toLowerCase()
}

function checkDepartures(planned: Table, there: Table): Departure[] {
  const left = [...there.checks]
  const take = (wanted: (check: Table['checks'][number]) => boolean) => {
    const at = left.findIndex(wanted)
    return at < 0 ? null : left.splice(at, 1)[0]!
  }
  const found: Departure[] = []
  const unmatched: string[] = []
  for (const check of planned.checks) {
    const own = take((each) =>
      check.name === null ? plain(each.expression) === plain(check.expression) : each.name === check.name,
    )
    const object = `check ${check.name ?? `(${check.expression})`}`
    if (own && !own.validated) found.push(departure(object, 'is not valid'))
    else if (!own && check.name !== null) found.push(departure(object, 'is gone', { mayBeLeft: true }))
    else if (!own) unmatched.push(object)
  }
  // Spelled otherwise than they were written: told apart by their number alone
  const others = left.filter((each) => each.name !== null)
  const lacking = unmatched.length - others.length
  if (lacking > 0)
    found.push(
      departure(unmatched.join(' or '), lacking === 1 ? 'is gone' : `: ${lacking} of them are gone`, {
        mayBeLeft: true,
      }),
    )
  for (const check of others.filter((each) => !each.validated))
    found.push(departure(`check ${check.name}`, 'is not valid'))
  return found
}

function indexDepartures(planned: Index, there: Table): Departure[] {
  const object = `${planned.unique ? 'unique index' : 'index'} ${planned.name}`
  const index = there.indexes.find((each) => each.name === planned.name)
  if (!index) return [departure(object, 'is gone', { mayBeLeft: !planned.unique || planned.where !== null })]
  if (!index.valid) return [departure(object, 'is not valid')]
  if (planned.unique && !index.unique) return [departure(object, 'is not unique')]
  if (planned.columns.length !== index.columns.length) return [departure(object, 'has other columns')]
  const other = planned.columns.some(({ column }, i) => column !== null && column !== index.columns[i]?.column)
  return other ? [departure(object, 'has other columns')] : []
}

function tableDepartures({ indexes, postgres }: Table): Departure[] {
  return [
    ...indexes
      .filter((index) => index.constraint !== null && !index.valid)
      .map((index) => departure(`index ${index.name}`, `behind the ${index.constraint} is not valid`)),
    ...(postgres?.rowSecurity ? [departure('row level security', 'is on, and hides rows from whom it concerns')] : []),
    ...(postgres?.rules ?? []).map((rule) => departure(`rule ${rule}`, 'came since')),
    ...(postgres?.persistence === 'unlogged' ? [departure('the table', 'is unlogged: a crash empties it')] : []),
  ]
}
