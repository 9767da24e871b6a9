import { expect, test } from 'vitest'
import { readImports } from './imports.ts'

test.each([
  ["import { a } from 'x'", true],
  ["import 'x'", true],
  // verbatimModuleSyntax keeps the statement and drops only the name
  ["import { type A } from 'x'", true],
  ["export * from 'x'", true],
  ["export { a } from 'x'", true],
  ["const x = await import('x')", true],
  ["import type { A } from 'x'", false],
  ["export type { A } from 'x'", false],
  ["export type * from 'x'", false],
  ["let a: import('x').A", false],
])('%s', (text, runtime) => {
  expect(readImports('file.ts', text)).toEqual([{ specifier: 'x', runtime }])
})

test('an export of its own names no module', () => {
  expect(readImports('file.ts', 'export const a = 1')).toEqual([])
})
