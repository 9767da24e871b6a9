import { describe, expect, test } from 'vitest'
import fc from 'fast-check'
import { tableOf } from './open.fixture.ts'

/** The comments that the catalog gives: the table's, then each column's that has one. */
async function commentsOf(ddl: string): Promise<[string | null, Record<string, string>]> {
  const table = await tableOf(ddl)
  return [
    table.comment,
    Object.fromEntries(table.columns.flatMap(({ name, comment }) => (comment === null ? [] : [[name, comment]]))),
  ]
}

describe('a column has the comments', () => {
  test('behind it on its line, before or behind the comma', async () => {
    expect(
      await commentsOf(`create table t (
        a int, -- behind the comma
        b text default 'x, -- no comment' /* before the comma */,
        c int -- the last one
      )`),
    ).toEqual([null, { a: 'behind the comma', b: 'before the comma', c: 'the last one' }])
  })

  test('directly above it, several lines as one', async () => {
    expect(
      await commentsOf(`create table t (
        -- first
        -- second
        a int,
        /* a block
         * with stars
         */
        b int
      )`),
    ).toEqual([null, { a: 'first\nsecond', b: 'a block\nwith stars' }])
  })

  test('among its words, and in front of it on its line', async () => {
    expect(await commentsOf('create table t (a /* one */ int, /* two */ b int, c int /* three */)')).toEqual([
      null,
      { a: 'one', b: 'two', c: 'three' },
    ])
  })

  test('whatever its name, also after ALTER TABLE', async () => {
    expect(
      await commentsOf(`create table t (
        "a -- b" int, -- odd
        [c /* d */] int, -- odder
        \`check\` int -- a column, no constraint
      ); alter table t rename column "a -- b" to "renamed, now"; alter table t add column late int`),
    ).toEqual([null, { 'renamed, now': 'odd', 'c /* d */': 'odder', check: 'a column, no constraint' }])
  })
})

describe('the table has the comments', () => {
  test('before its parenthesis, on that line, and parted from the first column', async () => {
    expect(
      await commentsOf(`create table t /* people */ -- who can log in
      ( -- since 2019

        -- kept by the app

        -- the key
        id integer primary key
      )`),
    ).toEqual(['people\nwho can log in\nsince 2019\nkept by the app', { id: 'the key' }])
  })
})

describe('nobody has the comments', () => {
  test('inside of strings, names, types and expressions', async () => {
    expect(
      await commentsOf(`create table t (
        a text default '-- no' check (a <> '/* no */' -- nor this
          ),
        b numeric(10 /* nor this */, 2)
      )`),
    ).toEqual([null, {}])
  })

  test('above a table constraint, behind one, or at the end', async () => {
    expect(
      await commentsOf(`create table t (
        a int,
        b int,
        -- the pair
        unique (a, b), -- really
        -- the end
        check (a > 0)
        -- the very end
      ) -- after it`),
    ).toEqual([null, {}])
  })

  test('that are parted from the next column by a blank line', async () => {
    expect(await commentsOf('create table t (\n a int,\n -- section\n\n b int\n)')).toEqual([null, {}])
  })
})

test('an unclosed comment and a lone quote in one do no harm', async () => {
  expect(await commentsOf("create table t (a int, -- it's\n b int) /* open")).toEqual([null, { a: "it's" }])
})

test('rulers say nothing', async () => {
  expect(await commentsOf('create table t (\n -------\n a int, /* ***** */ b int --\n)')).toEqual([null, {}])
})

test('each column finds its own comment, whatever stands in it and around it', async () => {
  const words = fc.stringMatching(/^w[a-z'"`,()[\] ;*-]{0,12}$/)
  const noise = fc.constantFrom('', " default '--, ('", ' check (1 = 1)', " collate 'nocase'", ' references x(y)')
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(words, noise, fc.boolean()), { minLength: 1, maxLength: 6 }),
      async (columns) => {
        const lines = columns.map(([text, clause, above], at) => {
          const comma = at + 1 < columns.length ? ',' : ''
          return above ? `-- ${text}\nc${at} text${clause}${comma}` : `c${at} text${clause}${comma} --${text}`
        })
        expect(await commentsOf(`create table t (\n${lines.join('\n')}\n)`)).toEqual([
          null,
          Object.fromEntries(columns.map(([text], at) => [`c${at}`, text.trim()])),
        ])
      },
    ),
    { numRuns: 60 },
  )
})
