import type { ExpectedTable } from '../src/expectation.ts'

/** A table that was empty, of which nothing was set aside. */
export const whole = {
  rowIdentifier: null,
  rejected: [],
  extent: 'whole',
  keepExisting: false,
} as const satisfies Partial<ExpectedTable>
