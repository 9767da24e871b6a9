import { isDay } from './day.ts'
import { double } from './double.ts'
import { quoteText } from './quote.ts'
import type { Scope } from './scope.ts'
import { momentSpelling } from './spelling.ts'
import { literalTerm, momentText, stringOf, type Term, term } from './term.ts'
import { Refusal } from './translation.ts'

/** What SQLite's date functions take for the present. */
const present = "date_trunc('milliseconds', now() AT TIME ZONE 'UTC')"

/** SQLite's date functions over moments whose spelling is known, seconds since 1970, strings and the present. https://www.sqlite.org/lang_datefunc.html */
export function dateCall(name: string, parameters: readonly Term[], scope: Scope): Term {
  const format = name === 'strftime' ? parameters[0] : undefined
  const [value, ...modifiers] = name === 'strftime' ? parameters.slice(1) : parameters
  const at = modified(momentOf(value, modifiers, scope), modifiers)
  switch (name) {
    case 'date':
      return momentText({ sql: `(${at})::date`, type: 'date', spelling: 'YYYY-MM-DD' })
    case 'datetime':
      return momentText({ sql: `date_trunc('second', ${at})`, type: 'timestamp', spelling: 'YYYY-MM-DD HH24:MI:SS' })
    case 'time':
      return term('text', `to_char(${at}, 'HH24:MI:SS')`)
    case 'julianday':
      return double(`((extract(epoch from ${at}) * 1000 + 210866760000000)::double precision / 86400000)`, {
        numberClass: 'real',
      })
    case 'unixepoch':
      return term('integer', `floor(extract(epoch from ${at}))::bigint`)
    default:
      return strftime(format ? stringOf(format) : null, at)
  }
}

const pictures: Readonly<Record<string, string>> = {
  '%Y': 'YYYY',
  '%m': 'MM',
  '%d': 'DD',
  '%H': 'HH24',
  '%M': 'MI',
  '%S': 'SS',
  '%j': 'DDD',
  '%F': 'YYYY-MM-DD',
  '%T': 'HH24:MI:SS',
  '%R': 'HH24:MI',
}

function strftime(format: string | null, at: string): Term {
  if (format === null) throw new Refusal('the format of strftime() is not a string')
  if (format === '%Y-%m-%d' || format === '%F')
    return momentText({ sql: `(${at})::date`, type: 'date', spelling: 'YYYY-MM-DD' })
  const pieces = format.match(/%.|[^%]+|%$/gs) ?? []
  const said = pieces.map((piece) => {
    const picture = pictures[piece]
    if (picture !== undefined) return `to_char(${at}, '${picture}')`
    if (piece === '%s') return `floor(extract(epoch from ${at}))::bigint::text`
    if (piece === '%w') return `extract(dow from ${at})::integer::text`
    if (piece === '%f') return `to_char(${at}, 'SS.MS')`
    if (piece === '%%') return quoteText('%')
    if (piece.startsWith('%')) throw new Refusal(`strftime() with ${piece} has no proven form`)
    // NULL stays NULL
    return quoteText(piece)
  })
  return said.length === 0 ? literalTerm({ kind: 'string', value: '' }) : term('text', `(${said.join(' || ')})`)
}

/** The moment as a timestamp by the UTC clock, before its modifiers. */
function momentOf(value: Term | undefined, modifiers: Term[], scope: Scope): string {
  const text = value && stringOf(value)
  if (value === undefined || text?.toLowerCase() === 'now') {
    scope.remark('now')
    return present
  }
  if (typeof text === 'string') {
    const spelling = momentSpelling(text)
    if (spelling === null || !isDay(text.slice(0, 10)))
      throw new Refusal(`${JSON.stringify(text)} is no date that is known here`)
    return `timestamp ${quoteText(text.replace(/(?:Z|\+00:00)$/, ''))}`
  }
  const [first] = modifiers
  if (value.kind === 'integer' && first && stringOf(first) === 'unixepoch') {
    modifiers.shift()
    // What is no year of four digits is NULL, or a year that PostgreSQL writes differently
    return `(CASE WHEN ${value.sql} BETWEEN -62135596800 AND 253402300799 THEN to_timestamp(${value.sql}) AT TIME ZONE 'UTC' END)`
  }
  const { moment } = value
  if (moment?.spelling.includes('.US')) throw new Refusal('SQLite rounds such a moment to milliseconds')
  if (moment)
    return moment.type === 'timestamptz'
      ? `(${moment.sql} AT TIME ZONE 'UTC')`
      : moment.type === 'date'
        ? `${moment.sql}::timestamp`
        : moment.sql
  const spelling = value.kind === 'text' && value.passed?.sql === value.sql ? value.passed.from.spelling : null
  // A text that is no such date fails here
  if (spelling && !spelling.includes('.US')) return `${value.sql}::text::timestamp`
  throw new Refusal('in which way the dates it computes with are written is not known')
}

function modified(at: string, modifiers: readonly Term[]): string {
  return modifiers.reduce((before, modifier) => {
    const text = stringOf(modifier)?.toLowerCase().trim() ?? ''
    const start = /^start of (day|month|year)$/.exec(text)
    if (start) return `date_trunc('${start[1]}', ${before})`
    const step = /^([+-]?\d{1,6}) (day|hour|minute|second)s?$/.exec(text)
    if (step) return `(${before} + interval '${step[1]} ${step[2]}')`
    if (text === 'utc' || text === 'localtime')
      throw new Refusal(
        'which local time SQLite’s program had is not known; PostgreSQL’s is the session’s TimeZone',
        'LOCALTIMESTAMP',
      )
    throw new Refusal('a date computed like this has no proven form', `${before} + interval '…'`)
  }, at)
}
