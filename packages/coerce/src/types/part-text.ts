/**
 * The fields of a composite's text, null for NULL; null for text that is none. https://www.postgresql.org/docs/current/rowtypes.html#ROWTYPES-IO-SYNTAX
 */
export function readFields(text: string): (string | null)[] | null {
  const [, inside] = /^\s*\(([^]*)\)\s*$/.exec(text) ?? []
  return inside === undefined ? null : split(inside)
}

/** The bounds of a range's or a multirange's text, null for those that are left open. https://www.postgresql.org/docs/current/rangetypes.html#RANGETYPES-IO */
export function readBounds(text: string): (string | null)[] {
  // Quotes may hold brackets; outside of them those only stand around bounds
  const ranges = text.matchAll(/[[(]((?:"(?:[^"\\]|\\[^]|"")*"|\\[^]|[^"\\\])])*)[\])]/g)
  return [...ranges].flatMap(([, inside = '']) => split(inside) ?? [])
}

/** At commas outside of quotes; quotes and backslashes undone, in which a quote may be doubled. */
function split(text: string): (string | null)[] | null {
  const parts: (string | null)[] = []
  let part = ''
  let isNull = true
  let quoted = false
  for (let at = 0; at < text.length; at++) {
    const character = text.charAt(at)
    if (character === '\\') {
      if (++at === text.length) return null
      part += text.charAt(at)
      isNull = false
    } else if (character === '"') {
      if (quoted && text.charAt(at + 1) === '"') {
        part += '"'
        at++
      } else quoted = !quoted
      isNull = false
    } else if (character === ',' && !quoted) {
      parts.push(isNull ? null : part)
      part = ''
      isNull = true
    } else {
      part += character
      isNull = false
    }
  }
  return quoted ? null : [...parts, isNull ? null : part]
}
