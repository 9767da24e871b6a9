import { escapedPoint, printsPoint } from './json-escape.ts'
import { pointAt } from './same-text.ts'

const deepest = 64
const mostKeys = 32

let text = ''
let at = 0
let bytes: Buffer = Buffer.alloc(0)
let from = 0
let end = 0
/** Of each depth, where the keys of the object in view are. */
const shuffled: Int32Array[] = []

/**
 * Do the bytes from `start` to `stop`, a document as PostgreSQL prints its jsonb, hold what `json` does? Both are walked in step, token by
 * token, without allocation; true is certain, false is not: numbers must be written alike, and what is unusual is left to the canonicals.
 */
export function sameJson(target: Buffer, start: number, stop: number, json: string): boolean {
  text = json
  at = 0
  bytes = target
  from = start
  end = stop
  if (!sameValue(0)) return false
  skipBlanks()
  return at === text.length && from === end
}

function skipBlanks(): void {
  for (
    let code = text.charCodeAt(at);
    code === 32 || code === 10 || code === 13 || code === 9;
    code = text.charCodeAt(at)
  )
    at += 1
}

function sameValue(depth: number): boolean {
  skipBlanks()
  const code = text.charCodeAt(at)
  // Past the text a code is NaN, past the bytes is another row's byte, or none
  if (from >= end || bytes[from] !== code) return false
  if (code === 34) return sameString()
  if (code === 123) return depth < deepest && sameObject(depth + 1)
  if (code === 91) return depth < deepest && sameArray(depth + 1)
  return sameWord()
}

/** A number, true, false or null: letters and digits alike on both sides, up to what ends them. */
function sameWord(): boolean {
  const json = text
  const target = bytes
  let i = at
  let j = from
  for (let code = json.charCodeAt(i); isWord(code); code = json.charCodeAt(i)) {
    if (j >= end || target[j] !== code) return false
    i += 1
    j += 1
  }
  if (i === at || (j < end && isWord(target[j]!))) return false
  at = i
  from = j
  return true
}

/** Digits, letters, `+`, `-` and `.` */
function isWord(code: number): boolean {
  return (
    (code >= 48 && code <= 57) ||
    (code >= 97 && code <= 122) ||
    code === 45 ||
    code === 46 ||
    code === 43 ||
    code === 69
  )
}

function sameArray(depth: number): boolean {
  at += 1
  from += 1
  skipBlanks()
  if (text.charCodeAt(at) === 93) return endsWith(93)
  for (;;) {
    if (!sameValue(depth)) return false
    skipBlanks()
    const code = text.charCodeAt(at)
    if (code === 93) return endsWith(93)
    if (code !== 44 || from + 1 >= end || bytes[from] !== 44) return false
    at += 1
    from += bytes[from + 1] === 32 ? 2 : 1
  }
}

/** As long as the keys come in one order they are compared in step; from where they do not, each is looked for. */
function sameObject(depth: number): boolean {
  at += 1
  from += 1
  skipBlanks()
  if (text.charCodeAt(at) === 125) return endsWith(125)
  for (;;) {
    skipBlanks()
    const key = at
    const place = from
    if (!sameString()) {
      at = key
      from = place
      return sameShuffled(depth)
    }
    if (!sameMember(depth)) return false
    skipBlanks()
    const code = text.charCodeAt(at)
    if (code === 125) return endsWith(125)
    if (code !== 44 || from + 1 >= end || bytes[from] !== 44) return false
    at += 1
    from += bytes[from + 1] === 32 ? 2 : 1
  }
}

/** What follows a key. */
function sameMember(depth: number): boolean {
  skipBlanks()
  if (text.charCodeAt(at) !== 58 || from + 1 >= end || bytes[from] !== 58) return false
  at += 1
  from += bytes[from + 1] === 32 ? 2 : 1
  return sameValue(depth)
}

/** The rest of an object whose keys come in another order. The target's keys are all different, so that each is met once or not at all. */
function sameShuffled(depth: number): boolean {
  const places = (shuffled[depth] ??= new Int32Array(mostKeys))
  const count = readPlaces(places)
  const after = from
  let met = 0
  for (let left = count; left > 0; left -= 1) {
    skipBlanks()
    const found = meetKey(places, count, met)
    if (found < 0 || !sameMember(depth)) return false
    met |= 1 << found
    skipBlanks()
    if (text.charCodeAt(at) !== (left === 1 ? 125 : 44)) return false
    at += 1
  }
  from = after
  return count > 0
}

/** Which key, of those not met yet, the text has next; both sides then stand behind it. */
function meetKey(places: Int32Array, count: number, met: number): number {
  const key = at
  for (let i = 0; i < count; i += 1) {
    if ((met & (1 << i)) !== 0) continue
    from = places[i]!
    if (sameString()) return i
    at = key
  }
  return -1
}

/** Where the target's keys are, from here to the end of the object, behind which it then stands; 0 for what cannot be. */
function readPlaces(places: Int32Array): number {
  for (let count = 0; count < mostKeys;) {
    places[count] = from
    count += 1
    if (!skipString()) return 0
    from += 1
    if (!skipRest()) return 0
    from += 1
    if (bytes[from - 1] === 125) return count
    if (bytes[from] === 32) from += 1
  }
  return 0
}

/** To the comma or brace that ends a member. */
function skipRest(): boolean {
  for (let open = 0; from < end;) {
    const byte = bytes[from]!
    if (byte === 34) {
      if (!skipString()) return false
      continue
    }
    if (open === 0 && (byte === 44 || byte === 125)) return true
    if (byte === 123 || byte === 91) open += 1
    else if (byte === 125 || byte === 93) open -= 1
    from += 1
  }
  return false
}

function skipString(): boolean {
  if (bytes[from] !== 34) return false
  for (let j = from + 1; j < end; j += bytes[j] === 92 ? 2 : 1) {
    if (bytes[j] !== 34) continue
    from = j + 1
    return true
  }
  return false
}

/** Strings by code points; where they differ, either side is left somewhere within. */
function sameString(): boolean {
  const json = text
  const target = bytes
  let i = at + 1
  let j = from + 1
  if (json.charCodeAt(at) !== 34 || from >= end || target[from] !== 34) return false
  for (;;) {
    const unit = json.charCodeAt(i)
    if (unit === 34) break
    if (unit >= 32 && unit < 128 && unit !== 92) {
      if (target[j] !== unit) return false
      i += 1
      j += 1
    } else {
      const point = unit === 92 ? escapedPoint(json, i) : unit >= 128 ? pointAt(json, i) : 0
      j = point > 0 ? printsPoint(target, j, end, point) : -1
      if (j < 0) return false
      i += unit !== 92 ? (point > 0xffff ? 2 : 1) : json.charCodeAt(i + 1) !== 117 ? 2 : point > 0xffff ? 12 : 6
    }
  }
  if (j >= end || target[j] !== 34) return false
  at = i + 1
  from = j + 1
  return true
}

function endsWith(code: number): boolean {
  if (from >= end || bytes[from] !== code) return false
  at += 1
  from += 1
  return true
}
