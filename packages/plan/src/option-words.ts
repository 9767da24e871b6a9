/** Text as one word of a shell, or null where a command line is no place for it: control characters, and what is no Unicode text. */
function shellWord(text: string): string | null {
  if (/\p{Cc}/u.test(text) || !text.isWellFormed()) return null
  return `'${text.replaceAll("'", String.raw`'\''`)}'`
}

/** `--exclude-tables 'a' 'b'`: an option that takes a list, ready to be pasted; as a line of the configuration where that cannot be. */
export function listWords(option: string, names: readonly string[]): string {
  const words = names.map(shellWord)
  if (!words.includes(null)) return `${option} ${words.join(' ')}`
  const key = option.slice(2).replaceAll(/-(.)/g, (_, letter: string) => letter.toUpperCase())
  return `in the configuration file: ${key}: ${JSON.stringify(names)}`
}

/** `--rename 'Old=new' --rename 'T.C=c'`; as a line of the configuration where the command line has no way to write it. */
export function renameWords(rules: readonly { readonly from: string; readonly to: string }[]): string {
  const words = rules.map(({ from, to }) => (from === '' || from.includes('=') ? null : shellWord(`${from}=${to}`)))
  if (!words.includes(null)) return words.map((word) => `--rename ${word}`).join(' ')
  const pairs = rules.map(({ from, to }) => `${JSON.stringify(from)}: ${JSON.stringify(to)}`)
  return `in the configuration file: rename: { ${pairs.join(', ')} }`
}

/** `--fill 'T.c=5'`; as a line of the configuration where the command line has no way to write it. */
export function fillWords(column: string, value: string): string {
  const word = column.includes('=') ? null : shellWord(`${column}=${value}`)
  if (word !== null) return `--fill ${word}`
  return `in the configuration file: fill: { ${JSON.stringify(column)}: ${JSON.stringify(value)} }`
}

/** `--drop-column 'a.b' --drop-column 'a.c'`: an option that is given once for each. */
export function columnWords(option: string, columns: readonly string[]): string {
  const words = columns.map(shellWord)
  return words.includes(null) ? listWords(option, columns) : words.map((word) => `${option} ${word}`).join(' ')
}
