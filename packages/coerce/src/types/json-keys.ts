/** The keys of the objects that are open, to find one that comes twice. */
export interface KeyLedger {
  enter(): void
  leave(): void
  /** A key between its quotes, by its place in the text. */
  add(start: number, end: number, escaped: boolean): void
  foundRepeated(): boolean
}

/** In this many keys a set beats looking at each. */
const manyKeys = 16

let text = ''
let repeated = false
let depth = 0
let count = 0
const starts: number[] = []
const ends: number[] = []
/** Per open object: where its keys begin; and its keys as text, once there are many or one is written with escapes. */
const frames: number[] = []
const sets: (Set<string> | null)[] = []

const ledger: KeyLedger = {
  enter() {
    frames[depth] = count
    sets[depth++] = null
  },
  leave() {
    count = frames[--depth] as number
    sets[depth] = null
  },
  add(start, end, escaped) {
    if (repeated) return
    const frame = frames[depth - 1] as number
    const set = sets[depth - 1] ?? (escaped || count - frame >= manyKeys ? gather(frame) : null)
    if (set !== null) {
      const slice = text.slice(start, end)
      const key = escaped ? (JSON.parse(`"${slice}"`) as string) : slice
      repeated = set.has(key)
      set.add(key)
      return
    }
    for (let i = frame; i < count && !repeated; i++)
      repeated = isSame(starts[i] as number, ends[i] as number, start, end)
    starts[count] = start
    ends[count++] = end
  },
  foundRepeated: () => repeated,
}

/** The one ledger, emptied: scanning never interrupts itself. */
export function openKeys(source: string): KeyLedger {
  text = source
  repeated = false
  depth = 0
  count = 0
  return ledger
}

function gather(frame: number): Set<string> {
  const set = new Set<string>()
  for (let i = frame; i < count; i++) set.add(text.slice(starts[i], ends[i]))
  sets[depth - 1] = set
  return set
}

function isSame(start: number, end: number, otherStart: number, otherEnd: number): boolean {
  if (end - start !== otherEnd - otherStart) return false
  for (let i = 0; i < end - start; i++) if (text.charCodeAt(start + i) !== text.charCodeAt(otherStart + i)) return false
  return true
}
