import type { CellForm } from './form.ts'
import { readJson } from './json.ts'
import { sameJson } from './same-json.ts'
import { spells } from './same-text.ts'
import { showText } from './show.ts'
import { storedText } from './stored-text.ts'

/** json keeps its text, so text is what is compared. */
export function jsonForm(numbersAreReals: boolean): CellForm {
  const ofTarget = (bytes: Buffer, at: number, size: number): string => bytes.toString('utf8', at, at + size)
  return {
    obvious: (bytes, at, size, value) => typeof value === 'string' && spells(bytes, at, size, value),
    ofSource: (value) => storedText(value, numbersAreReals),
    ofTarget,
    show: (bytes, at, size) => showText(ofTarget(bytes, at, size)),
  }
}

/** jsonb by meaning. `lossy`: of equal keys the last one counts; without it a text that has them equals nothing. */
export function jsonbForm(lossy: boolean): CellForm {
  // The first byte is the format's version, 1 (jsonb_send in PostgreSQL's jsonb.c)
  const text = (bytes: Buffer, at: number, size: number): string => bytes.toString('utf8', at + 1, at + size)
  return {
    obvious: (bytes, at, size, value) => typeof value === 'string' && sameJson(bytes, at + 1, at + size, value),
    ofSource(value) {
      const json = storedText(value, false)
      return json === undefined ? undefined : readJson(json, { lastKeyWins: lossy })?.canonical
    },
    ofTarget(bytes, at, size) {
      const json = text(bytes, at, size)
      return readJson(json, { lastKeyWins: false })?.canonical ?? `unreadable ${json}`
    },
    show: (bytes, at, size) => showText(text(bytes, at, size)),
  }
}
