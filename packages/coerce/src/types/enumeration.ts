import type { PgType, SourceValue } from '@rowferry/introspect'
import { reserve } from '../buffer.ts'
import type { Cell, CellOptions } from '../cell.ts'
import { storedText } from '../example.ts'
import { formatType } from '../type-name.ts'
import { impossible, mapRemedy } from '../refusal.ts'

const unknownLabel = impossible(
  'UNKNOWN_LABEL',
  ({ type }) => `is no label of ${formatType(type)} (${listLabels(type)})`,
  ({ value, type }) => labelRemedy(value, type.labels ?? []),
)

/** Labels, letter by letter. A number counts as its text. */
export function enumCell({ integers, type }: CellOptions): Cell {
  const cells = new Map((type.labels ?? []).map((label) => [label, labelCell(label)]))
  const encode: Cell['encode'] = (value, out) => {
    const text = storedText(value, integers)
    const cell = text === null ? undefined : cells.get(text)
    if (cell === undefined) return unknownLabel
    reserve(out, cell.length)
    const { bytes, position } = out
    for (let i = 0; i < cell.length; i++) bytes[position + i] = cell[i] as number
    out.position = position + cell.length
    return null
  }
  return { encode }
}

/** The `--map '{column}:…=…'` from a stored value that is none of the labels to the nearest of them, or to `<label>` where several are, or none is; null where no map can say it. */
export function labelRemedy(value: SourceValue, labels: readonly string[]): string | null {
  return mapRemedy(value, nearestLabel(storedText(value, 'auto') ?? '', labels) ?? '<label>')
}

function labelCell(label: string): Uint8Array {
  const cell = Buffer.alloc(4 + Buffer.byteLength(label))
  cell.writeInt32BE(cell.length - 4)
  cell.write(label, 4)
  return cell
}

function listLabels({ labels = [] }: PgType): string {
  const shown = labels.slice(0, 8).join(', ')
  return labels.length > 8 ? `${shown}, and ${labels.length - 8} more` : shown
}

/** The label that differs in blanks, or in case, alone; else the one label that a few slips of the pen away from `text`, blanks and case aside; null when none or several are that near. */
function nearestLabel(text: string, labels: readonly string[]): string | null {
  const wanted = text.trim().toLowerCase()
  if (wanted === '' || wanted.length > 80) return null
  if (labels.includes(text.trim())) return text.trim()
  const alike = labels.filter((label) => label.trim().toLowerCase() === wanted)
  if (alike.length > 0) return alike.length === 1 ? (alike[0] as string) : null
  let nearest: string | null = null
  let least = Math.floor(wanted.length / 3) + 1
  for (const label of labels) {
    const distance = editDistance(wanted, label.trim().toLowerCase())
    if (distance > least || (distance === least && nearest === null)) continue
    nearest = distance === least ? null : label
    least = distance
  }
  return nearest
}

/** Insertions, deletions and replacements between two texts (Levenshtein). */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      const replaced = (row[j - 1] as number) + (a[i - 1] === b[j - 1] ? 0 : 1)
      next.push(Math.min(replaced, (row[j] as number) + 1, (next[j - 1] as number) + 1))
    }
    row = next
  }
  return row[b.length] as number
}
