import type { TargetType } from './pg-type.ts'
import type { Expression } from './syntax.ts'
import { Refusal } from './translation.ts'

/** The present moment, in the form SQLite would store. */
export interface Moment {
  readonly form: 'timestamp' | 'date' | 'time' | 'epoch'
  /** Of an epoch: how many make a second. */
  readonly perSecond: bigint
  /** Of a timestamp: how its text is written, where not `2024-01-31 23:59:59`. */
  readonly picture?: string
}

const calls = new Map<string, Moment['form']>([
  ['datetime', 'timestamp'],
  ['date', 'date'],
  ['time', 'time'],
  ['unixepoch', 'epoch'],
])
const formats = new Map<string, Moment['form']>([
  ['%Y-%m-%d %H:%M:%S', 'timestamp'],
  ['%F %T', 'timestamp'],
  ['%Y-%m-%d', 'date'],
  ['%F', 'date'],
  ['%H:%M:%S', 'time'],
  ['%T', 'time'],
  ['%s', 'epoch'],
])
/** Timestamps in other texts. */
const pictures = new Map([
  ['%Y-%m-%dT%H:%M:%SZ', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'],
  ['%Y-%m-%dT%H:%M:%S', 'YYYY-MM-DD"T"HH24:MI:SS'],
  ['%Y-%m-%dT%H:%M:%fZ', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'],
  ['%Y-%m-%dT%H:%M:%f', 'YYYY-MM-DD"T"HH24:MI:SS.MS'],
  ['%Y-%m-%d %H:%M:%f', 'YYYY-MM-DD HH24:MI:SS.MS'],
])
const picture = { timestamp: 'YYYY-MM-DD HH24:MI:SS', date: 'YYYY-MM-DD', time: 'HH24:MI:SS' }
const utc = "(now() AT TIME ZONE 'utc')"
const epoch = 'floor(extract(epoch from now()))::bigint'

/** `CURRENT_TIMESTAMP`, `datetime('now')`, `strftime('%s', 'now') * 1000` and their kin. https://www.sqlite.org/lang_datefunc.html */
export function momentOf(tree: Expression): Moment | null {
  if (tree.kind === 'current') return { form: tree.what, perSecond: 1n }
  if (tree.kind === 'cast' && /^(?:big)?int(?:eger)?$/i.test(tree.type)) {
    const inner = momentOf(tree.operand)
    return inner?.form === 'epoch' ? inner : null
  }
  if (tree.kind === 'binary' && tree.operator === '*') {
    return multiplied(tree.left, tree.right) ?? multiplied(tree.right, tree.left)
  }
  if (tree.kind !== 'call') return null
  const [format, ...rest] = tree.arguments
  const formatted = tree.name === 'strftime'
  const [first, ...others] = formatted ? rest : tree.arguments
  const wanted = format?.kind === 'string' ? format.value : ''
  const other = formatted ? pictures.get(wanted) : undefined
  const form = formatted
    ? (formats.get(wanted) ?? (other === undefined ? undefined : 'timestamp'))
    : calls.get(tree.name)
  if (form === undefined || !isNow(first)) return null
  if (others.length === 0) return { form, perSecond: 1n, ...(other ? { picture: other } : {}) }
  if (others.some((modifier) => modifier.kind === 'string' && modifier.value.toLowerCase() === 'localtime')) {
    throw new Refusal(
      'which local time SQLite’s program had is not known; PostgreSQL’s is the session’s TimeZone',
      'LOCALTIMESTAMP',
    )
  }
  throw new Refusal('a date computed like this has no proven form', "now() + interval '…'")
}

function multiplied(tree: Expression, factor: Expression): Moment | null {
  if (factor.kind !== 'integer' || (factor.value !== 1000n && factor.value !== 1_000_000n)) return null
  const moment = momentOf(tree)
  return moment?.form === 'epoch' && moment.perSecond === 1n ? { form: 'epoch', perSecond: factor.value } : null
}

function isNow(argument: Expression | undefined): boolean {
  return (
    argument === undefined ||
    ((argument.kind === 'string' || argument.kind === 'name') &&
      (argument.kind === 'string' ? argument.value : argument.name).toLowerCase() === 'now')
  )
}

/** The moment as a default of a column of that type. */
export function sayMoment(moment: Moment, type: TargetType): { sql: string; note: string | null } {
  const note = 'the moment the transaction began, with fractions of a second'
  switch (type.kind) {
    case 'timestamptz':
      if (moment.form === 'timestamp' || moment.form === 'epoch') return { sql: 'now()', note }
      break
    case 'timestamp':
      if (moment.form === 'timestamp' || moment.form === 'epoch') return { sql: utc, note }
      if (moment.form === 'date') return { sql: `date_trunc('day', ${utc})`, note: null }
      break
    case 'date':
      if (moment.form === 'date') return { sql: `${utc}::date`, note: null }
      break
    case 'time':
      if (moment.form === 'time') return { sql: `${utc}::time`, note }
      break
    case 'integer':
    case 'numeric':
    case 'double':
      if (moment.form === 'epoch' && (type.kind !== 'integer' || type.bound === 1n << 63n) && type.length === null)
        return { sql: times(moment), note: null }
      break
    case 'text':
      if (moment.form === 'epoch') {
        if (type.length === null && moment.perSecond === 1n) return { sql: `(${epoch})::text`, note: null }
      } else {
        const said = moment.picture ?? picture[moment.form]
        const length = said.replaceAll('"', '').replace('HH24', 'HH').replace('.MS', '.SSS').length
        if (type.length === null || type.length >= length) return { sql: `to_char(${utc}, '${said}')`, note: null }
      }
      break
    default:
  }
  throw new Refusal(
    'the present moment in that form does not fit the type',
    type.kind === 'integer' ? times({ form: 'epoch', perSecond: 1n }) : null,
  )
}

function times(moment: Moment): string {
  return moment.perSecond === 1n ? epoch : `(${epoch} * ${moment.perSecond})`
}
