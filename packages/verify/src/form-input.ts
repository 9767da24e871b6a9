/// <reference lib="es2024.string" />
import type { SourceValue } from '@rowferry/introspect'
import type { ExpectedType } from './expectation.ts'
import { neverObvious, type CellForm } from './form.ts'
import { readText, showStored } from './form-text.ts'
import { storedText } from './stored-text.ts'

export type InputType = Extract<ExpectedType, { kind: 'input' }>

/** What only the server can tell: the text that it prints of what it reads. Asked before the rows of a batch are judged. */
export interface Asked {
  readonly type: InputType
  /** Null for a text that the type's input does not take. */
  readonly known: Map<string, string | null>
  /** Of all texts that are known, since memory is not to grow with the rows. */
  characters: number
  /** Undefined for what is no text to PostgreSQL. */
  textOf(value: SourceValue): string | undefined
}

/** Any other type: what PostgreSQL prints of the target, and of what its input function makes of the source's text. */
export function inputForm(type: InputType, numbersAreReals: boolean): CellForm {
  const known = new Map<string, string | null>()
  const textOf = (value: SourceValue): string | undefined => {
    const text = storedText(value, numbersAreReals)
    return text !== undefined && text.isWellFormed() && !text.includes('\0') ? text : undefined
  }
  return {
    obvious: neverObvious,
    ofSource(value) {
      const text = textOf(value)
      return text === undefined ? undefined : (known.get(text) ?? undefined)
    },
    ofTarget: readText,
    show: showStored,
    asked: { type, known, characters: 0, textOf },
  }
}
