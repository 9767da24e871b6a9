import { scanJson } from '../types/json-text.ts'

/** Takes the escape of U+0000 out of JSON text; a backslash that is escaped itself begins none. */
export function stripEscapes(text: string): string {
  if (!text.includes(String.raw`\u0000`)) return text
  return text.replaceAll(/\\(?:u0000|[^])/g, (escape) => (escape === String.raw`\u0000` ? '' : escape))
}

/** What a JSON string holds, if that is an object or array itself, through strings in strings; null for any other text. */
export function unwrapJson(text: string): string | null {
  let inner = text
  while (/^[\t\n\r ]*"/.test(inner)) {
    if (scanJson(inner, false) !== null) return null
    inner = JSON.parse(inner) as string
    if (!/^[\t\n\r ]*[[{]/.test(inner)) continue
    const trouble = scanJson(inner, false)
    // What is too deep is still no string, and is refused for that
    return trouble === null || trouble === 'too deep' ? inner : null
  }
  return null
}
