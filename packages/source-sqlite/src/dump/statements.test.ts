import fc from 'fast-check'
import { expect, test } from 'vitest'
import { statementReader } from './statements.ts'

function parts(script: string | Buffer, size = 1 << 20): { texts: string[]; lines: number[]; whole: boolean } {
  const reader = statementReader()
  const bytes = Buffer.from(script)
  const found = []
  for (let at = 0; at < bytes.length; at += size) found.push(...reader.feed(bytes.subarray(at, at + size)))
  return { texts: found.map(({ text }) => text), lines: found.map(({ line }) => line), whole: reader.finish() }
}

const script = `-- made by hand; not by a program
PRAGMA foreign_keys=OFF;
/* one; two */ CREATE TABLE "a;b" (x TEXT DEFAULT ';', [c;d] INT /* in; it */, \`e;f\` INT -- to the end;
);
CREATE TRIGGER t AFTER INSERT ON "a;b" BEGIN
  UPDATE "a;b" SET x = CASE WHEN 1 THEN 'END;' ELSE 2 END;
  SELECT 1; -- END;
END;
INSERT INTO t VALUES('it''s; -- no comment
two lines', 1 - -1, 4/*x*/2);;
COMMIT;
`

test('a script in pieces of any size', () => {
  const whole = parts(script)
  expect(whole.texts.map((text) => text.split(/\s/, 2).join(' '))).toEqual([
    'PRAGMA foreign_keys=OFF',
    'CREATE TABLE',
    'CREATE TRIGGER',
    'INSERT INTO',
    'COMMIT',
  ])
  expect(whole.lines).toEqual([2, 3, 5, 9, 11])
  expect(whole.whole).toBe(true)
  for (let size = 1; size < 60; size += 1) expect(parts(script, size)).toEqual(whole)
})

test.each(["INSERT INTO t VALUES('open", 'CREATE TABLE t (a)', '/* never closed', 'CREATE TRIGGER t BEGIN SELECT 1;'])(
  '%s is not whole',
  (text) => {
    expect(parts(`SELECT 1;${text}`).whole).toBe(false)
  },
)

test('comments and blanks at the end are nothing left over', () => {
  expect(parts('SELECT 1; \n-- the end').whole).toBe(true)
  expect(parts(' /* nothing */ ').texts).toEqual([])
})

test('strings whose bytes are no text are said by their bytes', () => {
  const bytes = Buffer.concat([
    Buffer.from("INSERT INTO t VALUES('é',' "),
    Buffer.from([0xff, 0x27, 0x27]),
    Buffer.from("');"),
  ])
  expect(parts(bytes).texts).toEqual(["INSERT INTO t VALUES('é',CAST(x'20ff27' AS TEXT))"])
})

test('whatever stands in strings, as many statements come out as went in', () => {
  fc.assert(
    fc.property(
      fc.array(fc.string({ unit: 'grapheme' }), { maxLength: 8 }),
      fc.integer({ min: 1, max: 9 }),
      (texts, size) => {
        const statements = texts.map((text) => `INSERT INTO t VALUES('${text.replaceAll("'", "''")}')`)
        expect(parts(statements.map((text) => `${text};\n`).join(''), size).texts).toEqual(statements)
      },
    ),
  )
})
