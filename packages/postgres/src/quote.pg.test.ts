import { useDatabase } from '@rowferry/vitest-preset/database'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { openServer } from '../test/sessions.ts'
import { quoteIdentifier, quoteLiteral } from './quote.ts'

const database = useDatabase()
const hostile = fc.constantFrom(
  "'",
  '"',
  '\\',
  "\\'",
  '$$',
  '$1',
  '%s',
  '--',
  '/*',
  ';',
  '\n',
  "''",
  "E'",
  '\u2028',
  '😀',
)
const text = fc
  .array(fc.oneof(hostile, fc.string({ unit: 'binary', maxLength: 4 })), { maxLength: 12 })
  .map((parts) => parts.join('').replaceAll('\0', ''))

test.each(['on', 'off'])('any text comes back as it went, standard_conforming_strings %s', async (setting) => {
  await using session = await openServer(database.url)
  await session.query(`set standard_conforming_strings = ${setting}`)
  await session.query('set escape_string_warning = off')
  await fc.assert(
    fc.asyncProperty(text, async (value) => {
      expect(await session.query(`select ${quoteLiteral(value)} as value`)).toEqual([{ value }])
    }),
    { numRuns: 300 },
  )
})

test('any name of at most 63 bytes comes back as it went', async () => {
  await using session = await openServer(database.url)
  const name = text.filter((value) => value !== '' && Buffer.byteLength(value) <= 63)
  await fc.assert(
    fc.asyncProperty(name, async (value) => {
      const rows = await session.query(`select 1 as ${quoteIdentifier(value)}`)
      expect(rows.map((row) => Object.keys(row))).toEqual([[value]])
    }),
    { numRuns: 300 },
  )
})
