import type { Catalog } from '@rowferry/introspect'
import type { Finding } from './finding.ts'
import { finding } from './finding.ts'
import { namedMends } from './mend-options.ts'
import { nearName } from './names.ts'
import type { PlanOptions } from './options.ts'
import { unreadableTables } from './select-tables.ts'

/** Options that name a table or a column that is not there: a typo must not pass as a rule that never fired. */
export function unknownNames(source: Catalog, target: Catalog | null, options: PlanOptions): Finding[] {
  const tables = [
    ...source.tables.map((table) => table.name.name),
    ...unreadableTables(source).map((note) => note.object),
  ]
  const columns = source.tables.flatMap((table) => table.columns.map((column) => `${table.name.name}.${column.name}`))
  const ours = (target?.tables ?? [])
    .filter((table) => table.name.schema === options.schema)
    .map((table) => table.name.name)
  const ofTable = (option: string, given: readonly string[], known = tables, where = 'the source') =>
    given
      .filter((name) => !known.includes(name))
      .map((name) =>
        unknown(
          'TABLE_UNKNOWN',
          option,
          name,
          known,
          `${where} does not have`,
          `check the names that follow ${option}`,
        ),
      )
  const ofColumn = (option: string, given: readonly string[], known: readonly string[] = columns) =>
    given.flatMap((name) => {
      const bearers = known.filter((each) => each === name).length
      if (bearers === 1) return []
      return bearers === 0
        ? [
            unknown(
              'COLUMN_UNKNOWN',
              option,
              name,
              known,
              'the source does not have',
              'write it as the source spells it: table.column',
            ),
          ]
        : [ambiguous(option, name)]
    })
  return [
    ...ofTable('--tables', options.tables),
    ...ofTable('--exclude-tables', options.excludeTables),
    ...(target ? ofTable('--allow-cascade', options.allowCascade, ours, 'the target') : []),
    ...ofColumn('--map', [...new Set(options.map.map((rule) => rule.column))]),
    ...ofColumn(
      '--epoch',
      options.epoch.map((rule) => rule.column),
    ),
    ...namedMends(options).flatMap(([option, name]) =>
      ofColumn(option, [name], [...columns, ...tables.map((table) => `${table}.*`)]),
    ),
    ...ofColumn('--allow-lossy', options.allowLossy),
    ...ofColumn('--drop-column', options.dropColumn),
    ...ofColumn(
      '--rename',
      options.rename.map((rule) => rule.from),
      [...columns, ...tables],
    ),
    ...twice(options),
  ]
}

function unknown(
  code: 'TABLE_UNKNOWN' | 'COLUMN_UNKNOWN',
  option: string,
  name: string,
  known: readonly string[],
  lacks: string,
  otherwise: string,
): Finding {
  const near = nearest(name, known)
  return finding({
    code,
    severity: 'refuse',
    table: code === 'TABLE_UNKNOWN' ? name : null,
    message: `${option} names ${JSON.stringify(name)}, which ${lacks}`,
    remedy: near === null ? otherwise : `did you mean ${JSON.stringify(near)}?`,
  })
}

function ambiguous(option: string, name: string): Finding {
  return finding({
    code: 'NAME_AMBIGUOUS',
    severity: 'refuse',
    message: `${option} names ${JSON.stringify(name)}, which means more than one table or column of the source, since some have a point in their names`,
    remedy: 'leave all but one of the tables out with --exclude-tables, or rename one in the source',
  })
}

function twice(options: PlanOptions): Finding[] {
  const first = new Map<string, string>()
  return options.rename.flatMap(({ from, to }) => {
    const before = first.get(from) ?? to
    first.set(from, before)
    if (before === to) return []
    return [
      finding({
        code: 'RENAMED_TWICE',
        severity: 'refuse',
        message: `--rename gives ${JSON.stringify(from)} two names, ${JSON.stringify(before)} and ${JSON.stringify(to)}`,
        remedy: 'name it once',
      }),
    ]
  })
}

/** The one that was probably meant: the same but for case and signs, else the fewest edits, of a third of the letters at most; null when none is like it. */
export function nearest(name: string, known: readonly string[]): string | null {
  const alike = known.find((each) => nearName(each, name))
  if (alike !== undefined) return alike
  const limit = Math.min(3, Math.floor(name.length / 3))
  const [best] = known
    .filter((each) => Math.abs(each.length - name.length) <= limit)
    .map((each) => ({ each, edits: edits(name.toLowerCase(), each.toLowerCase()) }))
    .toSorted((a, b) => a.edits - b.edits)
  return best && best.edits <= limit ? best.each : null
}

/** Letters to add, drop or replace, and neighbours to swap, to come from one text to the other. */
function edits(a: string, b: string): number {
  let before: number[] = []
  let last = Array.from({ length: b.length + 1 }, (_, at) => at)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1]
      const swap = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]
      row[j] = Math.min(
        last[j]! + 1,
        row[j - 1]! + 1,
        last[j - 1]! + (same ? 0 : 1),
        swap ? before[j - 2]! + 1 : Infinity,
      )
    }
    before = last
    last = row
  }
  return last[b.length]!
}
