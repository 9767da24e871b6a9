import { translateDefault } from '../default.ts'
import { readType } from '../pg-type.ts'
import { attempt, Refusal, type Translation } from '../translation.ts'
import { tokensOf, type Token } from './tokens.ts'

const zeroDate = /^0000-00-00|^\d{4}-(?:00-|\d\d-00)/
const unknown = (): Refusal => new Refusal('a default computed like this has no proven form')

/**
 * Says a column's DEFAULT of MySQL or MariaDB in PostgreSQL: literals, the present moment, and new UUIDs. `type` is the PostgreSQL type as `format_type`
 * writes it.
 */
export function translateMysqlDefault(expression: string, { type }: { readonly type: string }): Translation {
  return attempt(() => {
    const tokens = unwrap(tokensOf(expression).slice(0, -1))
    const sign = tokens[0]?.kind === 'sign' && /^[-+]$/.test(tokens[0].text) ? tokens[0].text : ''
    const rest = sign === '' ? tokens : tokens.slice(1)
    const [first] = rest
    if (first === undefined) throw unknown()
    if (rest.length === 1) return literal(first, sign === '-' ? '-' : '', type)
    if (sign !== '' || first.kind !== 'word') throw unknown()
    return call(
      first.text,
      rest
        .slice(1)
        .map(({ text }) => text)
        .join(''),
      type,
    )
  })
}

function unwrap(tokens: readonly Token[]): readonly Token[] {
  // An expression as a default stands in parentheses of its own
  return tokens[0]?.text === '(' && tokens.at(-1)?.text === ')' ? unwrap(tokens.slice(1, -1)) : tokens
}

function literal(token: Token, sign: string, type: string): { sql: string } {
  if (token.kind === 'word' && sign === '') return word(token.text, type)
  if (token.kind === 'bits' && sign === '') return bits(token.text, type)
  if (token.kind === 'bytes' && sign === '' && type === 'bytea') return { sql: `'\\x${token.text}'::bytea` }
  if (token.kind !== 'number' && token.kind !== 'string') throw unknown()
  if (token.kind === 'string' && zeroDate.test(token.text) && /^(?:date|timestamp)/.test(type))
    throw new Refusal('a date of zeros is none in PostgreSQL')
  const text = sign + token.text
  if (/^(?:numeric|smallint|integer|bigint)/.test(type) && /^-?\d+(?:\.\d+)?$/.test(text)) return { sql: text }
  if (type === 'bytea') return { sql: `'\\x${Buffer.from(text).toString('hex')}'::bytea` }
  const said = translateDefault(token.kind === 'string' ? `'${text.replaceAll("'", "''")}'` : text, { type })
  if (!said.ok) throw new Refusal(said.reason, said.suggestion)
  return { sql: said.sql }
}

function word(text: string, type: string): { sql: string } {
  if (text === 'null') return { sql: 'NULL' }
  if (text === 'true' || text === 'false')
    return literal({ kind: 'number', text: text === 'true' ? '1' : '0' }, '', type)
  return call(text, '()', type)
}

function bits(text: string, type: string): { sql: string } {
  const number = BigInt(`0b0${text}`)
  if (type === 'boolean') return { sql: number === 0n ? 'false' : 'true' }
  const length = /^bit\((\d+)\)$/.exec(type)?.[1]
  if (length !== undefined) return { sql: `B'${number.toString(2).padStart(Number(length), '0')}'` }
  if (/^(?:smallint|integer|bigint|numeric)/.test(type)) return { sql: String(number) }
  throw unknown()
}

const present = new Set(['current_timestamp', 'now', 'localtime', 'localtimestamp'])

function call(name: string, given: string, type: string): { sql: string; note?: string } {
  const precision = /^\((\d?)\)$/.exec(given)?.[1]
  if (precision === undefined) throw unknown()
  if (present.has(name)) {
    const { kind } = readType(type)
    if (/^(?:timestamp|date|time)/.test(type))
      return { sql: `CURRENT_TIMESTAMP${precision === '' || precision === '0' ? '' : `(${precision})`}` }
    throw new Refusal(`the present moment as ${kind} has no proven form`)
  }
  if ((name === 'curdate' || name === 'current_date') && /^(?:date|timestamp)/.test(type))
    return { sql: 'CURRENT_DATE' }
  if ((name === 'curtime' || name === 'current_time') && type.endsWith('time without time zone'))
    return { sql: 'LOCALTIME' }
  if (name === 'uuid') {
    const note = 'random (version 4), where MySQL makes them of time and place (version 1)'
    if (type === 'uuid') return { sql: 'gen_random_uuid()', note }
    if (/^(?:text|character varying)/.test(type)) return { sql: 'gen_random_uuid()::text', note }
  }
  if ((name === 'json_object' || name === 'json_array') && /^jsonb?$/.test(type))
    return { sql: `'${name === 'json_array' ? '[]' : '{}'}'::${type}` }
  throw unknown()
}
