import type { Cast, Misfit } from '@rowferry/coerce'
import { compileRow, formatType } from '@rowferry/coerce'
import type { Column } from '@rowferry/introspect'
import { formatTableName } from '@rowferry/introspect'
import type { Finding } from './finding.ts'
import { finding } from './finding.ts'
import type { TableMatch } from './match.ts'
import { columnWords, fillWords } from './option-words.ts'
import type { PlanOptions } from './options.ts'
import { nearest } from './unknown-names.ts'

/** A column of the target that the source does not carry, and what every row shall hold there; null for SQL NULL. */
export interface Fill {
  readonly column: Column
  readonly value: string | null
}

type Rule = PlanOptions['fill'][number]
type Matched = Omit<TableMatch, 'fills'>

/** The same matches with what `fill` says of each. A rule names the table as the source or as the target spells it, the column as the target does. */
export function withFills(matches: readonly Matched[], options: PlanOptions): TableMatch[] {
  const homes = options.fill.map((rule) => ({ rule, home: homeOf(rule, matches) }))
  return matches.map((match) => ({
    ...match,
    fills: homes.flatMap(({ rule, home }, at) => {
      const again = homes.slice(0, at).some((other) => other.home?.column === home?.column)
      if (home?.match !== match || again || isCarried(match, home.column) || home.column.generated) return []
      return [{ column: home.column, value: rule.value }]
    }),
  }))
}

function homeOf(rule: Rule, matches: readonly Matched[]): { match: Matched; column: Column } | null {
  for (const nameOf of [({ source }: Matched) => source.name.name, ({ name }: Matched) => name.name]) {
    for (const match of matches) {
      const column = match.target?.columns.find((each) => rule.column === `${nameOf(match)}.${each.name}`)
      if (column) return { match, column }
    }
  }
  return null
}

function isCarried(match: Matched, column: Column): boolean {
  return match.columns.some((each) => each.target === column)
}

/** The fill as a column to write, whose place in the source is none: `column` is the target's name. */
export function fillCast({ column }: Fill, options: PlanOptions): Cast {
  return {
    column: column.name,
    target: column.name,
    type: column.type!,
    notNull: !column.nullable,
    rules: options.timezone === null ? {} : { timezone: options.timezone },
    because: '--fill says so',
  }
}

/** Rules that name nothing, name what the source or the target fills itself, or give a value that does not fit. */
export function fillFindings(matches: readonly TableMatch[], options: PlanOptions): Finding[] {
  const seen = new Map<Column, string>()
  return options.fill.flatMap((rule) => {
    const home = homeOf(rule, matches)
    if (!home) return [unknown(rule, matches)]
    const { match, column } = home
    const name = `${formatTableName(match.name)}.${column.name}`
    const refuse = (code: string, message: string, remedy: string) => [
      finding({ code, severity: 'refuse', table: match.source.name.name, column: column.name, message, remedy }),
    ]
    const before = seen.get(column)
    seen.set(column, rule.column)
    if (before !== undefined) return refuse('FILLED_TWICE', `--fill gives ${name} two values`, 'name it once')
    if (column.generated)
      return refuse(
        'FILL_GENERATED',
        `the target generates ${name} itself`,
        `leave ${fillWords(rule.column, rule.value ?? String.raw`\N`)} out`,
      )
    const from = match.columns.find((each) => each.target === column)?.source
    if (from) {
      const drop = columnWords('--drop-column', [`${match.source.name.name}.${from.name}`])
      return refuse(
        'FILL_CARRIED',
        `the source's ${from.name} goes into ${name}, which --fill would fill`,
        `leave --fill out, or give ${drop} as well`,
      )
    }
    return misfits({ column, value: rule.value }, options).map(({ code, reason }) =>
      finding({
        code,
        severity: 'refuse',
        table: match.source.name.name,
        column: column.name,
        targetType: formatType(column.type!),
        message: `--fill ${JSON.stringify(rule.column)}: ${JSON.stringify(rule.value)} cannot become ${formatType(column.type!)}: ${reason}`,
        remedy: `${fillWords(rule.column, '…')} with a value of that type`,
      }),
    )
  })
}

function unknown(rule: Rule, matches: readonly Matched[]): Finding {
  const known = matches.flatMap(({ source, target }) =>
    (target?.columns ?? []).map((column) => `${source.name.name}.${column.name}`),
  )
  const near = nearest(rule.column, known)
  return finding({
    code: 'COLUMN_UNKNOWN',
    severity: 'refuse',
    message: `--fill names ${JSON.stringify(rule.column)}, which is no column of a table that is there`,
    remedy:
      near === null
        ? 'write the column as the target spells it: table.column'
        : `did you mean ${JSON.stringify(near)}?`,
  })
}

/** Why its type cannot take the value; what only the server can judge fits. */
function misfits(fill: Fill, options: PlanOptions): readonly Misfit[] {
  return compileRow([fillCast(fill, options)]).explain([fill.value])
}

export function fillFits(fill: Fill, options: PlanOptions): boolean {
  return misfits(fill, options).length === 0
}
