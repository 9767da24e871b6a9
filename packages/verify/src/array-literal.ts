/** What stands in an array: null, a text, or arrays again. */
export type ArrayItem = string | null | readonly ArrayItem[]

/**
 * PostgreSQL's array literal, `{1,NULL,"a b",{…}}`, without explicit bounds
 * (https://www.postgresql.org/docs/current/arrays.html#ARRAYS-IO). Undefined for anything else.
 */
export function readArrayLiteral(text: string): readonly ArrayItem[] | undefined {
  const open: ArrayItem[][] = []
  let at = 0
  let wantsItem = true
  const blanks = (): void => {
    while (/\s/.test(text.charAt(at))) at += 1
  }
  for (;;) {
    blanks()
    const sign = text.charAt(at)
    const list = open.at(-1)
    if (sign === '{' && wantsItem && (list !== undefined || open.length === 0)) {
      at += 1
      open.push([])
      continue
    }
    if (list === undefined) return undefined
    if (sign === '}' && (!wantsItem || list.length === 0)) {
      at += 1
      open.pop()
      const outer = open.at(-1)
      if (outer === undefined) {
        blanks()
        return at === text.length ? list : undefined
      }
      outer.push(list)
      wantsItem = false
    } else if (sign === ',' && !wantsItem) {
      at += 1
      wantsItem = true
    } else {
      const item = wantsItem ? readItem(text, at) : undefined
      if (item === undefined) return undefined
      list.push(item.value)
      at = item.end
      wantsItem = false
    }
  }
}

const quotedItem = /"((?:[^"\\]|\\.)*)"/sy
const bareItem = /(?:[^{},"\\]|\\.)+/sy

function readItem(text: string, at: number): { value: string | null; end: number } | undefined {
  quotedItem.lastIndex = at
  const quoted = quotedItem.exec(text)
  if (quoted !== null) return { value: withoutBackslashes(quoted[1]!), end: quotedItem.lastIndex }
  bareItem.lastIndex = at
  const bare = bareItem.exec(text)?.[0].trimEnd()
  if (bare === undefined || bare === '') return undefined
  return { value: bare.toLowerCase() === 'null' ? null : withoutBackslashes(bare), end: at + bare.length }
}

function withoutBackslashes(text: string): string {
  return text.replace(/\\(.)/gs, '$1')
}
