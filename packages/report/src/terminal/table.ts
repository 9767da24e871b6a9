import stringWidth from 'string-width'
import wrapAnsi from 'wrap-ansi'
import type { Page } from './page.ts'
import { shorten } from './shorten.ts'

export interface Heading {
  readonly name: string
  /** Default `left`. */
  readonly align?: 'left' | 'right'
  /** Break long cells into several lines; only the last column can. */
  readonly wrap?: boolean
}

export interface TableLayout {
  /** The last row is the total of those above it. */
  readonly total?: boolean
  /** Rows only, without headings and rules. */
  readonly bare?: boolean
}

const GAP = '  '
const NARROWEST_NAME = 8
const NARROWEST_PROSE = 20

/**
 * A table in plain characters, its lines no wider than the page. The first column gives way when the page is narrow; when that does not help,
 * every row becomes a paragraph. Cells are text without control characters.
 */
export function renderTable(
  page: Page,
  headings: readonly Heading[],
  rows: readonly (readonly string[])[],
  layout: TableLayout = {},
): string[] {
  const widths = fit(page.width, headings, rows)
  if (widths === null) return paragraphs(page, headings, rows)
  const line = (cells: readonly string[]): string[] => {
    const wrapped = headings.at(-1)?.wrap
      ? wrapAnsi(cells.at(-1) ?? '', widths.at(-1) ?? 0, { hard: true }).split('\n')
      : [cells.at(-1) ?? '']
    return wrapped.map((last, i) =>
      [...cells.slice(0, -1).map((cell) => (i === 0 ? cell : '')), last]
        .map((cell, column) => pad(shorten(cell, widths[column] ?? 0), widths[column] ?? 0, headings[column]?.align))
        .join(GAP)
        .trimEnd(),
    )
  }
  const body = rows.map(line)
  if (layout.bare) return body.flat()
  const rule = page.paint('dim', '─'.repeat(widths.reduce((sum, each) => sum + each + GAP.length, -GAP.length)))
  if (layout.total) body.splice(-1, 0, [rule])
  return [...line(headings.map(({ name }) => name)).map((head) => page.paint('dim', head)), rule, ...body.flat()]
}

/** The columns' widths; null when the page is too narrow for a table. */
function fit(page: number, headings: readonly Heading[], rows: readonly (readonly string[])[]): number[] | null {
  const widths = headings.map((heading, i) =>
    Math.max(stringWidth(heading.name), ...rows.map((row) => stringWidth(row[i] ?? ''))),
  )
  let over = widths.reduce((sum, each) => sum + each + GAP.length, -GAP.length) - page
  const narrow = (column: number, narrowest: number): void => {
    const cut = Math.min(Math.max(over, 0), Math.max((widths[column] ?? 0) - narrowest, 0))
    widths[column] = (widths[column] ?? 0) - cut
    over -= cut
  }
  if (headings.at(-1)?.wrap) narrow(widths.length - 1, NARROWEST_PROSE)
  narrow(0, NARROWEST_NAME)
  return over > 0 ? null : widths
}

function paragraphs(page: Page, headings: readonly Heading[], rows: readonly (readonly string[])[]): string[] {
  return rows.flatMap(([name = '', ...cells]) => [
    page.paint('bold', shorten(name, page.width)),
    ...cells.flatMap((cell, i) => {
      const heading = headings[i + 1]?.name
      return cell === ''
        ? []
        : [shorten(`    ${heading === undefined || heading === '' ? '' : `${heading}: `}${cell}`, page.width)]
    }),
  ])
}

function pad(text: string, width: number, align: Heading['align']): string {
  const blank = ' '.repeat(Math.max(width - stringWidth(text), 0))
  return align === 'right' ? blank + text : text + blank
}
