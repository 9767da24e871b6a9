import type { SourceRow, SourceValue } from '@rowferry/introspect'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { watchSpellings } from './spellings.ts'

const value = fc.constantFrom<SourceValue>(
  null,
  5,
  7n,
  'words',
  '2024-01-02',
  '2024-01-02 03:04:05',
  '2024-02-03 04:05:06',
)

test('a number anywhere, and any second spelling, is noticed, wherever the other columns stand', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(value, value, value), { maxLength: 8 }), (rows: SourceRow[]) => {
      const watched = watchSpellings(3)
      for (const row of rows) watched.see(row)
      for (const index of [0, 1, 2]) {
        const values = rows.map((row) => row[index]).filter((each) => each !== null)
        const pictures = new Set(
          values.map((each) =>
            typeof each !== 'string' || each === 'words'
              ? null
              : each.includes(' ')
                ? 'YYYY-MM-DD HH24:MI:SS'
                : 'YYYY-MM-DD',
          ),
        )
        expect(watched.of(index)).toEqual({
          spelling: pictures.size === 1 ? [...pictures][0] : null,
          onlyText: !values.some((each) => typeof each === 'number' || typeof each === 'bigint'),
        })
      }
    }),
    { numRuns: 500 },
  )
})
