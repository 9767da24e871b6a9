import { foldName } from '../scope.ts'
import type { Call, Expression, Window } from '../syntax.ts'
import { integerOf, type Term, term } from '../term.ts'
import { Refusal } from '../translation.ts'
import type { Level } from './level.ts'
import { groupKey, orderSql } from './order.ts'
import { aggregateOf } from './special.ts'

type Say = (tree: Expression) => Term

const frameWords = new Set(
  'ROWS RANGE GROUPS BETWEEN UNBOUNDED PRECEDING FOLLOWING CURRENT ROW AND EXCLUDE NO OTHERS TIES GROUP'.split(' '),
)

/** https://www.sqlite.org/windowfunctions.html */
export function windowed(tree: Call, level: Level, say: Say): Term {
  if (!level.at.aggregates || level.at.inAggregate) throw new Refusal('a window function stands where none may')
  const over = ` OVER (${windowSql(tree.over!, level, say)})`
  const said = tree.arguments.map((argument) => say(argument))
  const plain = !tree.distinct && !tree.filter && !tree.order && !tree.star
  const [first, second, third] = said
  switch (plain ? `${tree.name}/${said.length}` : '') {
    case 'row_number/0':
      // Among equals any may come first
      level.environment.remarks.add('order')
      return term('integer', `row_number()${over}`)
    case 'rank/0':
    case 'dense_rank/0':
      return term('integer', `${tree.name}()${over}`)
    case 'percent_rank/0':
    case 'cume_dist/0':
      return term('double', `${tree.name}()${over}`, { numberClass: 'real' })
    case 'ntile/1': {
      const count = first ? integerOf(first) : null
      if (count === null || count < 1n || count > 1_000_000n) throw new Refusal('ntile() is not given a number')
      level.environment.remarks.add('order')
      return term('integer', `ntile(${count})${over}`)
    }
    case 'lag/1':
    case 'lag/2':
    case 'lead/1':
    case 'lead/2': {
      if (third || !first) break
      const by = second ? integerOf(second) : 1n
      if (by === null || by < 0n || by > 1_000_000n) throw new Refusal(`${tree.name}() is not given a number of rows`)
      level.environment.remarks.add('order')
      return passedOn(first, (sql) => `${tree.name}(${sql}, ${by})${over}`)
    }
    case 'first_value/1':
    case 'last_value/1':
      if (!first) break
      level.environment.remarks.add('order')
      return passedOn(first, (sql) => `${tree.name}(${sql})${over}`)
    default:
  }
  const known = ['count', 'sum', 'avg', 'total', 'min', 'max'].includes(tree.name)
  if (!known || tree.distinct) throw new Refusal(`${tree.name}() OVER has no proven form`)
  return aggregateOf(tree, level, say, over)
}

function passedOn(of: Term, say: (sql: string) => string): Term {
  if (of.moment) throw new Refusal('a window function gives a date')
  if (of.kind === 'other' || of.kind === 'json' || of.kind === 'null' || of.kind === 'wide')
    throw new Refusal('a window function gives values of a type that SQLite keeps in another form')
  return { ...of, sql: say(of.sql), literal: null, column: null, collation: null, passed: null }
}

function windowSql(window: Window, level: Level, say: Say): string {
  const base = window.base === null ? null : level.windows.get(foldName(window.base))
  if (window.base !== null && !base) throw new Refusal(`there is no window ${window.base}`)
  if (base && (base.base !== null || window.partition.length > 0))
    throw new Refusal('its windows build upon each other')
  const partition = base ? base.partition : window.partition
  const order = window.order.length > 0 ? window.order : (base?.order ?? [])
  const frame = window.frame.length > 0 ? window.frame : (base?.frame ?? [])
  if (frame.some((word) => !frameWords.has(word) && !(frame[0] === 'ROWS' && /^\d+$/.test(word))))
    throw new Refusal('the frame of a window has no proven form')
  if (frame[0] === 'ROWS') level.environment.remarks.add('order')
  return [
    ...(partition.length > 0 ? [`PARTITION BY ${partition.map((tree) => groupKey(say(tree))).join(', ')}`] : []),
    ...(order.length > 0 ? [`ORDER BY ${order.map((one) => orderSql(say(one.by), one)).join(', ')}`] : []),
    ...frame,
  ].join(' ')
}
