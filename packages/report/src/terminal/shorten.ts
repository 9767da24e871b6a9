import stringWidth from 'string-width'

const graphemes = new Intl.Segmenter()

/** Cuts out the middle of what is wider than `width` columns, since the names of a family differ at their ends. */
export function shorten(text: string, width: number): string {
  if (stringWidth(text) <= width) return text
  const characters = [...graphemes.segment(text)].map(({ segment }) => segment)
  const room = Math.max(width - 1, 0)
  const tail = take(characters.toReversed(), Math.floor(room / 2))
    .toReversed()
    .join('')
  return `${take(characters, room - stringWidth(tail)).join('')}…${tail}`
}

/** Cuts off what is wider than `width` columns: of a statement the beginning says most. */
export function cut(text: string, width: number): string {
  if (stringWidth(text) <= width) return text
  return `${take(
    [...graphemes.segment(text)].map(({ segment }) => segment),
    Math.max(width - 1, 0),
  ).join('')}…`
}

function take(characters: readonly string[], room: number): string[] {
  const taken: string[] = []
  for (const character of characters) {
    room -= stringWidth(character)
    if (room < 0) break
    taken.push(character)
  }
  return taken
}
