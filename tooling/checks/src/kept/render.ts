import type { Count, Kind } from './compare.ts'
import { kinds } from './compare.ts'

export interface KeptRow {
  readonly name: string
  readonly outcome: string
  readonly counts: ReadonlyMap<Kind, Count>
}

/** One line a database, one for all of them: kept/total, empty where there is nothing to keep. */
export function renderKept(rows: readonly KeptRow[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  const sum = (kind: Kind): Count => {
    const each = rows.map(({ counts }) => counts.get(kind)!)
    const add = (pick: (count: Count) => number) => each.reduce((total, count) => total + pick(count), 0)
    return { kept: add(({ kept }) => kept), total: add(({ total }) => total), lost: [] }
  }
  const show = ({ kept, total }: Count) => (total === 0 ? '' : `${kept}/${total}`)
  return [
    line(['database', 'outcome', ...kinds]),
    line(['---', '---', ...kinds.map(() => '---')]),
    ...rows.map(({ name, outcome, counts }) => line([name, outcome, ...kinds.map((kind) => show(counts.get(kind)!))])),
    line(['all', '', ...kinds.map((kind) => show(sum(kind)))]),
  ].join('\n')
}

/** What is missing, by name. */
export function renderLost(rows: readonly KeptRow[]): string {
  return rows
    .flatMap(({ name, counts }) =>
      [...counts].flatMap(([kind, { lost }]) => (lost.length === 0 ? [] : [`- ${name}, ${kind}: ${lost.join(', ')}`])),
    )
    .join('\n')
}
