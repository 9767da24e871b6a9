import { expect, test } from 'vitest'
import { throughBlob } from './copy.ts'

test('only the words of the statement are changed, not those in its names', () => {
  expect(throughBlob('copy "from stdin"."a""to stdout" ("from stdin") from stdin (format binary)')).toBe(
    `copy "from stdin"."a""to stdout" ("from stdin") from '/dev/blob' (format binary)`,
  )
  expect(throughBlob(`copy (select 'to stdout' from "t") TO  STDOUT (format binary)`)).toBe(
    `copy (select 'to stdout' from "t") TO '/dev/blob' (format binary)`,
  )
})
