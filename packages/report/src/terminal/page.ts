import { styleText } from 'node:util'
import stringWidth from 'string-width'
import wrapAnsi from 'wrap-ansi'

type Style = Parameters<typeof styleText>[0]

/** What text is laid out on. */
export interface Page {
  readonly width: number
  readonly paint: (style: Style, text: string) => string
}

const NARROWEST = 20

export function openPage({ color, width }: { readonly color: boolean; readonly width: number }): Page {
  return {
    width: Math.max(Math.floor(width) || 0, NARROWEST),
    paint: color ? (style, text) => styleText(style, text, { validateStream: false }) : (_style, text) => text,
  }
}

/** Prose, broken between words; the lines after the first stand under the text, not under its mark. */
export function prose(page: Page, text: string, mark = ''): string[] {
  const indent = stringWidth(mark)
  const lines = wrapAnsi(text, Math.max(page.width - indent, NARROWEST / 2), { hard: true }).split('\n')
  return lines.map((line, i) => (i === 0 ? mark : ' '.repeat(indent)) + line)
}

/** A line to be copied: never broken, whatever the width. */
export function toCopy(page: Page, text: string, mark = ''): string {
  return mark + page.paint('bold', text)
}
