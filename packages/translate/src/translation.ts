import { SyntaxRefusal } from './syntax.ts'

/** An expression said in PostgreSQL with the same meaning, or the reason why not. */
export type Translation =
  | {
      readonly ok: true
      /**
       * A whole expression: a column, a literal, a call, or in parentheses, so that it may stand in an index's column list.
       * Empty for a CHECK that the target's type already implies: there is nothing to add.
       */
      readonly sql: string
      /** What a person should know of it, or null. */
      readonly note: string | null
    }
  | {
      readonly ok: false
      /** One clause for a person. */
      readonly reason: string
      /** SQL that comes near and that a person may want, though its meaning is not proven equal; or null. */
      readonly suggestion: string | null
    }

/** Leaves a translation from deep inside. Internal. */
export class Refusal extends Error {
  readonly suggestion: string | null
  constructor(reason: string, suggestion: string | null = null) {
    super(reason)
    this.suggestion = suggestion
  }
}

export function attempt(translate: () => { sql: string; note?: string | null }): Translation {
  try {
    const { sql, note = null } = translate()
    return { ok: true, sql, note }
  } catch (error) {
    if (error instanceof Refusal) return { ok: false, reason: error.message, suggestion: error.suggestion }
    if (error instanceof SyntaxRefusal) return { ok: false, reason: error.message, suggestion: null }
    throw error
  }
}
