const day = String.raw`\d{4}-\d\d-\d\d`
const seconds = String.raw`\d\d:\d\d:\d\d`
const times: readonly (readonly [pattern: string, picture: string])[] = [
  [String.raw`\d\d:\d\d`, 'HH24:MI'],
  [seconds, 'HH24:MI:SS'],
  [String.raw`${seconds}\.\d{3}`, 'HH24:MI:SS.MS'],
  [String.raw`${seconds}\.\d{6}`, 'HH24:MI:SS.US'],
]
const zones: readonly (readonly [pattern: string, picture: string])[] = [
  ['', ''],
  ['Z', '"Z"'],
  [String.raw`\+00:00`, '"+00:00"'],
]
const spellings: readonly (readonly [RegExp, string])[] = [
  [new RegExp(`^${day}$`), 'YYYY-MM-DD'],
  ...[' ', 'T'].flatMap((between) =>
    times.flatMap(([time, picture]) =>
      zones.map(
        ([zone, sign]) =>
          [
            new RegExp(`^${day}${between}${time}${zone}$`),
            `YYYY-MM-DD${between === 'T' ? '"T"' : ' '}${picture}${sign}`,
          ] as const,
      ),
    ),
  ),
]

/**
 * How a text writes a moment, as the picture that makes PostgreSQL's `to_char` write it the same; null when it is not written in one of the usual ways.
 * Moments in one spelling sort as texts do. `last` is tried first.
 */
export function momentSpelling(text: string, last: string | null = null): string | null {
  if (text.length < 10 || text.length > 32) return null
  for (const [pattern, picture] of spellings) if (picture === last && pattern.test(text)) return picture
  return spellings.find(([pattern]) => pattern.test(text))?.[1] ?? null
}
