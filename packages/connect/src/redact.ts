import type { DatabaseAddress } from './address.ts'
import { splitUrl } from './url.ts'

const marks = ['***', '•••', '___', '###', '¤¤¤', '‡‡‡', '⁂']
const shortest = 3

/**
 * Makes a function that cuts secrets out of any text: each secret as it stands, percent-encoded (wholly or partly, once or again), escaped for JSON or
 * quoted for SQL, and its pieces of three characters or more between `@ # / : ?`, since a URL that was cut in the wrong place shows those.
 * A secret shorter than that is cut where it stands alone.
 *
 * `keep` lists texts that stay as they are, such as an address's `label`, in which a password equal to the user name would otherwise be cut.
 */
export function createRedactor(secrets: readonly string[], keep: readonly string[] = []): (text: string) => string {
  const pieces = new Set(
    secrets.flatMap((secret) => [secret, ...secret.split(/[@#/:?]/).filter((piece) => piece.length >= shortest)]),
  )
  pieces.delete('')
  if (pieces.size === 0) return (text) => text
  const longestFirst = (texts: Iterable<string>): string[] =>
    [...texts].toSorted((left, right) => right.length - left.length)
  const kept = longestFirst(keep.filter((text) => text !== '')).map((text) => escapeRegExp(text))
  const cut = longestFirst(pieces).map(patternOf)
  const pattern = new RegExp([...(kept.length === 0 ? [] : [`(?<kept>${kept.join('|')})`]), ...cut].join('|'), 'gu')
  const mark = markFor([...pieces].join(''))
  return (text) => text.replaceAll(pattern, (...match) => (match.at(-1) as { kept?: string } | undefined)?.kept ?? mark)
}

/** Every secret that an address holds. */
export function secretsOf(address: DatabaseAddress): readonly string[] {
  if (address.kind === 'other') return secretsOfUrl(address.url)
  if (address.kind !== 'postgres') return []
  const others = (address.others ?? []).map(({ password }) => password)
  return [...new Set([address.password, address.ssl.client?.keyPassword, ...others])].filter(
    (text) => !!text,
  ) as string[]
}

function secretsOfUrl(url: string): string[] {
  const { password, query } = splitUrl(url.slice(url.indexOf('://') + 3))
  const values = new URLSearchParams(query)
  const secret = [...values].filter(([name]) => /pass|pwd|secret|token|key/i.test(name)).map(([, value]) => value)
  return [...new Set([password ?? '', ...secret])].filter((text) => text !== '')
}

function patternOf(piece: string): string {
  const pattern = [...piece].map(patternOfCharacter).join('')
  return piece.length >= shortest ? pattern : String.raw`(?<![\p{L}\p{N}])${pattern}(?![\p{L}\p{N}])`
}

function patternOfCharacter(character: string): string {
  const bytes = [...Buffer.from(character)].map((byte) => byte.toString(16).padStart(2, '0'))
  const percent = bytes.map((hex) => `%(?:25)*${[...hex].map(eitherCase).join('')}`).join('')
  const units = character.split('').map((unit) => unit.charCodeAt(0).toString(16).padStart(4, '0'))
  const unicode = units.map((hex) => String.raw`\\u${[...hex].map(eitherCase).join('')}`).join('')
  const others = {
    ' ': [String.raw`\+`],
    "'": ["''", String.raw`\\'`],
    '"': [String.raw`\\"`],
    '\\': [String.raw`\\\\`],
    '/': [String.raw`\\/`],
    '\b': [String.raw`\\b`],
    '\f': [String.raw`\\f`],
    '\n': [String.raw`\\n`],
    '\r': [String.raw`\\r`],
    '\t': [String.raw`\\t`],
  }
  const more = Object.hasOwn(others, character) ? others[character as keyof typeof others] : []
  return `(?:${[...more, percent, unicode, escapeRegExp(character)].join('|')})`
}

function eitherCase(digit: string): string {
  return /[a-f]/.test(digit) ? `[${digit}${digit.toUpperCase()}]` : digit
}

function escapeRegExp(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, (character) =>
    character === '-' ? String.raw`\x2d` : `\\${character}`,
  )
}

/** A mark that shares no character with a secret, so that putting it in can never make one. */
function markFor(secrets: string): string {
  return marks.find((mark) => ![...mark].some((character) => secrets.includes(character))) ?? ''
}
