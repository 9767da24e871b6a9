import type { SourceValue } from '@rowferry/introspect'
import type { Asked } from './form-input.ts'

/** One value, one canonical: two cells of a column are equal if and only if these are. */
export type Canonical = string | Uint8Array

/** How cells of one column are judged. NULLs never come here, on either side. */
export interface CellForm {
  /** The quick answer without allocation: true is certain, false only means that the canonicals must decide. */
  readonly obvious: (bytes: Buffer, at: number, size: number, value: SourceValue) => boolean
  /** Undefined when the value has no meaning for the type: such a cell equals nothing. */
  ofSource(value: SourceValue): Canonical | undefined
  ofTarget(bytes: Buffer, at: number, size: number): Canonical
  /** Set where only the server can tell what a source text means. */
  readonly asked?: Asked
  /** For a person. */
  show(bytes: Buffer, at: number, size: number): string
}

export function sameCanonical(a: Canonical | undefined, b: Canonical): boolean {
  if (typeof a === 'string') return a === b
  return a !== undefined && typeof b !== 'string' && Buffer.compare(a, b) === 0
}

export const neverObvious = (): boolean => false
