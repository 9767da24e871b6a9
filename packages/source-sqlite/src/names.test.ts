import { readFileSync, writeFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { database, open } from '../test/fixture.ts'

/** Two letters of a name become bytes that begin no character. */
function withBytes(sql: string, letters: string): string {
  const path = database(sql)
  const text = readFileSync(path).toString('latin1')
  writeFileSync(path, Buffer.from(text.replaceAll(letters, '\u{FF}\u{FE}'), 'latin1'))
  return path
}

test.each([
  ['create table aQQb (id integer primary key)', 'table "a\u{FFFD}\u{FFFD}b"', '61fffe62'],
  ['create table t (id integer primary key, cQQd text)', 'column "c\u{FFFD}\u{FFFD}d" of table "t"', '63fffe64'],
])('a name that is no text is refused: %s', async (sql, what, bytes) => {
  const source = await open(withBytes(sql, 'QQ'))
  await expect(source.readCatalog()).rejects.toMatchObject({
    code: 'SOURCE_NAME_NOT_TEXT',
    message: expect.stringContaining(`the name of ${what} is no text (its bytes are ${bytes})`),
  })
})

test('a name with U+FFFD of its own is one', async () => {
  const source = await open(database('create table "\u{FFFD}" (id integer primary key, "\u{FFFD}a" text)'))
  expect((await source.readCatalog()).tables.map(({ name }) => name.name)).toEqual(['\u{FFFD}'])
})
