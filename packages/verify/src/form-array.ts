import type { SourceValue } from '@rowferry/introspect'
import { readArrayLiteral, type ArrayItem } from './array-literal.ts'
import { neverObvious, type Canonical, type CellForm } from './form.ts'
import { readJson, type JsonValue } from './json.ts'
import { int32 } from './wire.ts'

type Item = SourceValue | readonly Item[]

/**
 * Arrays: the source holds a JSON array, whose numbers count by their digits, or PostgreSQL's array literal, nested as deep as the target
 * has dimensions. `rawElements`: the elements are json themselves, so nested JSON is an element and no dimension.
 */
export function arrayForm(element: CellForm, rawElements: boolean): CellForm {
  return {
    obvious: neverObvious,
    ofSource(value) {
      if (typeof value !== 'string') return undefined
      const root = value.startsWith('{') ? readArrayLiteral(value) : readJsonArray(value, rawElements)
      const box = root === undefined ? undefined : boxed(root)
      if (box === undefined) return undefined
      const cells: string[] = []
      for (const item of box.items) {
        const canonical = item === null ? null : element.ofSource(item)
        if (canonical === undefined) return undefined
        cells.push(framed(canonical))
      }
      return `${box.sizes.map((size) => `${size}@1`).join()}${cells.join('')}`
    },
    ofTarget(bytes, at) {
      const { sizes, cells } = readArray(bytes, at, (from, size) =>
        framed(from < 0 ? null : element.ofTarget(bytes, from, size)),
      )
      return `${sizes.join()}${cells.join('')}`
    },
    show(bytes, at) {
      const { cells } = readArray(bytes, at, (from, size) => (from < 0 ? 'NULL' : element.show(bytes, from, size)))
      return `{${cells.slice(0, 20).join(', ')}${cells.length > 20 ? `, … (${cells.length})` : ''}}`
    },
  }
}

function framed(canonical: Canonical | null): string {
  if (canonical === null) return '|null'
  const text = typeof canonical === 'string' ? canonical : Buffer.from(canonical).toString('latin1')
  return `|${text.length}:${text}`
}

function readJsonArray(text: string, rawElements: boolean): readonly Item[] | undefined {
  const root = readJson(text, { lastKeyWins: true })
  return root?.kind === 'array' ? jsonItems(root, text, rawElements) : undefined
}

function jsonItems(array: JsonValue, text: string, rawElements: boolean): readonly Item[] | undefined {
  const items: Item[] = []
  for (const element of array.elements) {
    const item = jsonItem(element, text, rawElements)
    if (item === undefined) return undefined
    items.push(item)
  }
  return items
}

/** Undefined for an object where none can be. */
function jsonItem(value: JsonValue, text: string, rawElements: boolean): Item | undefined {
  if (value.canonical === 'null') return null
  const literal = text.slice(value.start, value.end)
  if (rawElements) return literal
  if (value.kind === 'string') return JSON.parse(value.canonical) as string
  if (value.kind === 'array') return jsonItems(value, text, rawElements)
  if (value.kind === 'object') return undefined
  return /^(?:0|-?[1-9]\d*)$/.test(literal) ? BigInt(literal) : literal
}

/** The extents and, row by row, the items of nested arrays that form a box; undefined for ragged ones, and for nested empty ones, which PostgreSQL has no word for. */
function boxed(
  root: readonly Item[] | readonly ArrayItem[],
): { sizes: readonly number[]; items: readonly SourceValue[] } | undefined {
  if (root.length === 0) return { sizes: [], items: [] }
  const sizes = [root.length]
  let items: readonly Item[] = root
  while (items.some(isList)) {
    const lists = items.filter(isList)
    const size = lists[0]!.length
    if (lists.length < items.length || size === 0 || sizes.length === 6 || lists.some((list) => list.length !== size))
      return undefined
    sizes.push(size)
    items = lists.flat()
  }
  return { sizes, items: items as readonly SourceValue[] }
}

const isList = (item: Item): item is readonly Item[] => Array.isArray(item)

// Layout: dimensions, a flag, the element type, then extent and lower bound of each dimension, then sized elements (array_send in PostgreSQL's arrayfuncs.c)
function readArray(
  bytes: Buffer,
  at: number,
  cell: (at: number, size: number) => string,
): { sizes: string[]; cells: string[] } {
  const dimensions = int32(bytes, at)
  const sizes: string[] = []
  const cells: string[] = []
  let count = dimensions === 0 ? 0 : 1
  let from = at + 12
  for (let i = 0; i < dimensions; i += 1, from += 8) {
    const extent = int32(bytes, from)
    sizes.push(`${extent}@${int32(bytes, from + 4)}`)
    count *= extent
  }
  for (let i = 0; i < count; i += 1) {
    const size = int32(bytes, from)
    cells.push(size < 0 ? cell(-1, 0) : cell(from + 4, size))
    from += 4 + Math.max(size, 0)
  }
  return { sizes, cells }
}
