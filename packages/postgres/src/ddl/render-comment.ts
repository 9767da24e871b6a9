import { quoteLiteral } from '../quote.ts'

/** COMMENT ON … for an object named in SQL; nothing for null. */
export function renderComment(object: string, text: string | null): string[] {
  return text === null ? [] : [`COMMENT ON ${object} IS ${quoteLiteral(text)}`]
}
