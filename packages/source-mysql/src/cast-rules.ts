import type { CastRule } from '@rowferry/coerce'
import type { Column, Table } from '@rowferry/introspect'
import { isSpatial, typeWord } from './forms.ts'

/** The numbers in a type's parentheses. */
function modifiersOf({ declaredType }: Column): readonly number[] {
  const inside = /\(([\d, ]+)\)/.exec(declaredType)?.[1]
  return inside === undefined ? [] : inside.split(',').map(Number)
}

const isUnsigned = ({ declaredType }: Column): boolean => /\bunsigned\b/i.test(declaredType)

/** The database holds every value to what is declared, so that the type is settled without asking the data. */
const declared = (words: readonly string[], type: string | ((column: Column) => string)): CastRule => ({
  name: `declared ${words[0]?.toUpperCase()}`,
  matches: (column) => words.includes(typeWord(column.declaredType)),
  candidates: typeof type === 'string' ? [type] : [],
  ...(typeof type === 'string' ? {} : { candidatesOf: (column: Column) => [type(column)] }),
  settled: true,
})

const integer = (word: string, signed: string, unsigned: string): CastRule => ({
  ...declared([word], (column) => (isUnsigned(column) ? unsigned : signed)),
  name: `declared ${word.toUpperCase()}`,
})

/** Does anything name rows by it, or count them? Then it is no yes and no. */
function isInKey(column: Column, table: Table): boolean {
  return (
    column.identity !== null ||
    table.foreignKeys.some(({ columns }) => columns.includes(column.name)) ||
    table.indexes.some((index) => index.unique && index.columns.some((each) => each.column === column.name))
  )
}

/** Digits after the second; 0 where nothing is said. */
const timed = (type: string, zone = '') =>
  ((column) => `${type}(${modifiersOf(column)[0] ?? 0})${zone}`) satisfies (column: Column) => string

function decimalOf(column: Column): string {
  const [precision = 10, scale = 0] = modifiersOf(column)
  return `numeric(${precision},${scale})`
}

function isJson(column: Column, table: Table): boolean {
  const check = `json_valid(\`${column.name.replaceAll('`', '``')}\`)`
  return typeWord(column.declaredType) === 'json' || table.checks.some(({ expression }) => expression === check)
}

/**
 * Types proposed for the columns of created tables, as MySQL declares and enforces them. The data is asked only where the declaration leaves more than one
 * meaning: TINYINT(1) is a boolean if it holds nothing but 0 and 1, TIME a time of day unless it goes beyond one, BIGINT UNSIGNED a bigint while it fits.
 */
export const mysqlCastRules: readonly CastRule[] = [
  {
    name: 'declared TINYINT(1)',
    matches: (column, table) => /^tinyint\(1\)/i.test(column.declaredType) && !isInKey(column, table),
    candidates: ['bool', 'int2'],
  },
  integer('tinyint', 'int2', 'int2'),
  integer('smallint', 'int2', 'int4'),
  integer('mediumint', 'int4', 'int4'),
  integer('int', 'int4', 'int8'),
  {
    name: 'declared BIGINT UNSIGNED',
    matches: (column) => typeWord(column.declaredType) === 'bigint' && isUnsigned(column),
    candidates: ['int8', 'numeric(20,0)'],
  },
  declared(['bigint'], 'int8'),
  { ...declared(['decimal'], decimalOf), numbersInText: true },
  declared(['float'], 'float4'),
  declared(['double'], 'float8'),
  {
    name: 'declared BIT(1)',
    matches: ({ declaredType }) => /^bit(?:\(1\))?$/i.test(declaredType),
    candidates: ['bool'],
    settled: true,
  },
  declared(['bit'], (column) => `bit(${modifiersOf(column)[0] ?? 1})`),
  declared(['year'], 'int2'),
  declared(['date'], 'date'),
  declared(['datetime'], timed('timestamp')),
  declared(['timestamp'], timed('timestamp', ' with time zone')),
  {
    name: 'declared TIME',
    matches: (column) => typeWord(column.declaredType) === 'time',
    candidates: ['time', 'interval'],
    candidatesOf: (column) => [timed('time')(column), timed('interval')(column)],
  },
  { name: 'declared JSON', matches: isJson, candidates: ['jsonb', 'json'] },
  declared(['varchar', 'char'], (column) => `varchar(${modifiersOf(column)[0] ?? 1})`),
  declared(['text', 'tinytext', 'mediumtext', 'longtext', 'enum', 'set'], 'text'),
  declared(['blob', 'tinyblob', 'mediumblob', 'longblob', 'binary', 'varbinary', 'vector'], 'bytea'),
  declared(['uuid'], 'uuid'),
  declared(['inet6', 'inet4'], 'inet'),
  {
    name: 'spatial, as WKB',
    matches: ({ declaredType }) => isSpatial(declaredType),
    candidates: ['bytea'],
    settled: true,
  },
]
