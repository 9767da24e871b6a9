// Controls, format characters that reorder or hide text, line and paragraph separators, halves of surrogate pairs, private use, what is no character
const unsafe = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Co}\p{Noncharacter_Code_Point}]/gu

const named: Readonly<Record<string, string>> = {
  '\n': String.raw`\n`,
  '\r': String.raw`\r`,
  '\t': String.raw`\t`,
  '\0': String.raw`\0`,
}

/** Makes a name or a value safe to show: what a terminal would obey, hide or reorder is written as an escape, `\n` or `\u{1b}`. */
export function escapeText(text: string): string {
  return text.replaceAll(
    unsafe,
    (character) => named[character] ?? String.raw`\u{${character.codePointAt(0)?.toString(16)}}`,
  )
}
