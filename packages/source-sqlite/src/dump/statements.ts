/** One statement of a script, its semicolon left off. */
export interface Statement {
  readonly text: string
  /** Of its first word, from 1. */
  readonly line: number
}

const quotes = new Map([
  [0x27, 0x27],
  [0x22, 0x22],
  [0x60, 0x60],
  [0x5b, 0x5d],
])
const [newline, star, dash, slash, semicolon] = [0x0a, 0x2a, 0x2d, 0x2f, 0x3b]
const isBlank = (byte: number): boolean => byte === 0x20 || (byte >= 0x09 && byte <= 0x0d)
const isWord = (byte: number): boolean =>
  byte === 0x5f ||
  byte >= 0x80 ||
  (byte >= 0x30 && byte <= 0x39) ||
  (byte >= 0x41 && byte <= 0x5a) ||
  (byte >= 0x61 && byte <= 0x7a)

/** Where the reading of one statement stands. */
interface Open {
  /** Of its first byte; 0 before that. */
  line: number
  /** Its first words, up to four, in capitals. */
  first: string[]
  word: string
  /** Does its body hold statements of its own? Then it ends with an END that follows one of them: https://www.sqlite.org/c3ref/complete.html */
  isTrigger: boolean
  /** What came last: a statement of the body that has ended, and then an END. */
  last: 'something' | 'semicolon' | 'end'
}

const begun = (): Open => ({ line: 0, first: [], word: '', isTrigger: false, last: 'something' })

/**
 * Parts a script into statements, as SQLite's shell does, while it is fed. Comments between statements are left out. Text that is no UTF-8
 * becomes `CAST(x'…' AS TEXT)`, which stores the same bytes.
 */
export function statementReader(): {
  feed(piece: Buffer): Statement[]
  /** False when something is left over: then the script ends inside of a statement. */
  finish(): boolean
} {
  let open = begun()
  let line = 1
  let closing: number | null = null
  let comment: 'line' | 'block' | null = null
  let before = 0
  /** Before the byte that may turn out to begin a comment. */
  let lastBefore: Open['last'] = 'something'
  /** The statement's bytes of former pieces. */
  let carried: Buffer[] = []

  const endWord = (): void => {
    if (open.word === '') return
    const word = open.word.toUpperCase()
    open.word = ''
    if (open.first.length < 4) {
      open.first.push(word)
      open.isTrigger = /^CREATE (?:TEMP |TEMPORARY )?TRIGGER\b/.test(open.first.join(' '))
    }
    open.last = word === 'END' && open.last === 'semicolon' ? 'end' : 'something'
  }

  return {
    feed(piece) {
      const done: Statement[] = []
      let start = 0
      for (let at = 0; at < piece.length; at += 1) {
        const byte = piece[at]!
        if (byte === newline) line += 1
        if (comment !== null) {
          if (comment === 'line' ? byte === newline : byte === slash && before === star) comment = null
          before = comment === null ? 0 : byte
          continue
        }
        if (closing !== null) {
          if (byte === closing) closing = null
          continue
        }
        if ((byte === dash && before === dash) || (byte === star && before === slash)) {
          comment = byte === dash ? 'line' : 'block'
          before = 0
          open.last = lastBefore
          // What was taken for the beginning of a statement
          if (open.first.length === 0) {
            open = begun()
            carried = []
          }
          continue
        }
        before = byte
        if (isWord(byte)) {
          if (open.word.length < 16 && (open.isTrigger || open.first.length < 4)) open.word += String.fromCharCode(byte)
        } else endWord()
        if (byte === semicolon && (!open.isTrigger || open.last === 'end')) {
          if (open.line > 0) {
            const text = asText(Buffer.concat([...carried, piece.subarray(start, at)]))
            done.push({ text, line: open.line })
          }
          open = begun()
          carried = []
          continue
        }
        if (open.line === 0) {
          if (isBlank(byte)) continue
          open.line = line
          start = at
        }
        lastBefore = open.last
        if (byte === semicolon) open.last = 'semicolon'
        else if (!isBlank(byte) && !isWord(byte)) open.last = 'something'
        closing = quotes.get(byte) ?? null
      }
      if (open.line > 0) carried.push(Buffer.from(piece.subarray(start)))
      return done
    },
    finish: () => closing === null && comment !== 'block' && open.line === 0,
  }
}

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

function asText(statement: Buffer): string {
  try {
    return decoder.decode(statement)
  } catch {
    return withBytes(statement)
  }
}

/** Every string whose bytes are no text, said by its bytes. */
function withBytes(statement: Buffer): string {
  // Latin-1 keeps every byte as one character
  return Buffer.from(
    statement.toString('latin1').replaceAll(/"(?:[^"]|"")*"|'((?:[^']|'')*)'/g, (all, inner: string | undefined) => {
      if (inner === undefined) return all
      const bytes = Buffer.from(inner.replaceAll("''", "'"), 'latin1')
      try {
        decoder.decode(bytes)
        return all
      } catch {
        return `CAST(x'${bytes.toString('hex')}' AS TEXT)`
      }
    }),
    'latin1',
  ).toString('utf8')
}
