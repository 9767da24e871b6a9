import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { InvalidText, type SourceRow } from '@rowferry/introspect'
import { afterAll, expect, test } from 'vitest'
import { openSqlite } from '../index.ts'

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'dump-'))
afterAll(() => fs.rmSync(folder, { recursive: true }))

function write(name: string, text: string | Buffer): string {
  const file = path.join(folder, name)
  fs.writeFileSync(file, text)
  return file
}

/** As `sqlite3 app.db .dump` writes it. */
const shell = `PRAGMA foreign_keys=OFF;
BEGIN TRANSACTION;
CREATE TABLE users (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT, price REAL, photo BLOB);
INSERT INTO users VALUES(1,'Ada; ''the first''',1.5,X'00ff');
INSERT INTO users VALUES(9007199254740993,replace('two\\nlines','\\n',char(10)),1e999,NULL);
CREATE TABLE empty (a);
PRAGMA writable_schema=ON;
INSERT INTO sqlite_schema(type,name,tbl_name,rootpage,sql)VALUES('table','words','words',0,'CREATE VIRTUAL TABLE words USING fts5(body)');
CREATE TABLE IF NOT EXISTS 'words_data'(id INTEGER PRIMARY KEY, block BLOB);
CREATE TABLE IF NOT EXISTS 'words_idx'(segid, term, pgno, PRIMARY KEY(segid, term)) WITHOUT ROWID;
INSERT INTO words_idx VALUES(1,X'',2);
CREATE TABLE IF NOT EXISTS 'words_content'(id INTEGER PRIMARY KEY, c0);
INSERT INTO words_data VALUES(1,X'0101');
INSERT INTO words_data VALUES(10,X'000000000101010001010101');
INSERT INTO words_data VALUES(137438953473,X'0000000E063068656C6C6F01020204');
INSERT INTO words_content VALUES(1,'hello');
CREATE TABLE IF NOT EXISTS 'words_docsize'(id INTEGER PRIMARY KEY, sz BLOB);
INSERT INTO words_docsize VALUES(1,X'01');
CREATE TABLE IF NOT EXISTS 'words_config'(k PRIMARY KEY, v) WITHOUT ROWID;
INSERT INTO words_config VALUES('version',4);
DELETE FROM sqlite_sequence;
INSERT INTO sqlite_sequence VALUES('users',9007199254740999);
CREATE INDEX by_name ON users (name COLLATE NOCASE);
CREATE TRIGGER guard BEFORE DELETE ON users BEGIN SELECT RAISE(ABORT, 'no; never'); END;
CREATE VIEW names AS SELECT name FROM users;
PRAGMA writable_schema=OFF;
COMMIT;
`

async function readAll(file: string, table: string, columns: readonly string[]): Promise<SourceRow[]> {
  const source = await openSqlite({ path: file })
  try {
    const rows: SourceRow[] = []
    for await (const batch of source.readBatches({ schema: 'main', name: table }, { columns })) rows.push(...batch)
    return rows
  } finally {
    await source.close()
  }
}

test("the sqlite3 shell's dump is read as the database it came from, and leaves nothing behind", async () => {
  const file = write('shell.sql', shell)
  const temporaryDirectory = fs.mkdtempSync(path.join(folder, 'tmp-'))
  const source = await openSqlite({ path: file, temporaryDirectory })
  expect(source).toMatchObject({ kind: 'sqlite', label: file })
  const catalog = await source.readCatalog()
  expect(catalog.tables.map(({ name, kind }) => [name.name, kind])).toEqual([
    ['users', 'table'],
    ['empty', 'table'],
    ['words', 'virtual'],
  ])
  expect(catalog.tables[0]).toMatchObject({ highWaterMark: '9007199254740999', rowEstimate: 2 })
  expect(catalog.views.map(({ name }) => name.name)).toEqual(['names'])
  expect(catalog.triggers.map(({ name }) => name)).toEqual(['guard'])
  const print = await source.fingerprint()
  await source.close()
  expect(fs.readdirSync(temporaryDirectory)).toEqual([])
  expect(await readAll(file, 'users', ['id', 'name', 'price', 'photo'])).toEqual([
    [1, "Ada; 'the first'", 1.5, Buffer.from('00ff', 'hex')],
    [9007199254740993n, 'two\nlines', Infinity, null],
  ])
  expect(await readAll(file, 'words', ['body'])).toEqual([['hello']])
  const again = await openSqlite({ path: file })
  expect(await again.fingerprint()).toBe(print)
  await again.close()
})

test("Cloudflare D1's export has no transaction around it", async () => {
  const file = write(
    'd1.sql',
    `PRAGMA defer_foreign_keys=TRUE;
CREATE TABLE "pets" ("id" integer primary key, "owner" integer references "owners" ("id"));
INSERT INTO "pets" ("id","owner") VALUES(1,7);
CREATE TABLE "owners" ("id" integer primary key, "name" text);
INSERT INTO "owners" ("id","name") VALUES(7,'Grace');`,
  )
  expect(await readAll(file, 'pets', ['id', 'owner'])).toEqual([[1, 7]])
  expect(await readAll(file, 'owners', ['name'])).toEqual([['Grace']])
})

test('a byte order mark, text that is no text, and an empty value', async () => {
  const text = Buffer.concat([
    Buffer.from('\uFEFFBEGIN TRANSACTION;CREATE TABLE t (a TEXT);INSERT INTO t VALUES('),
    Buffer.from([0x27, 0x61, 0xff, 0x27]),
    Buffer.from(`);INSERT INTO t VALUES('');COMMIT;`),
  ])
  const [first, second] = await readAll(write('bytes.sql', text), 't', ['a'])
  expect(first?.[0]).toBeInstanceOf(InvalidText)
  expect(Buffer.from((first![0] as InvalidText).bytes).toString('hex')).toBe('61ff')
  expect(second).toEqual([''])
})

test.each([
  ['cut inside of a statement', shell.slice(0, 300), 'SOURCE_DAMAGED', /inside of a statement/],
  ['cut between two', `${shell.split('CREATE INDEX')[0]}`, 'SOURCE_DAMAGED', /COMMIT is missing/],
  [
    'ended by an error',
    'BEGIN TRANSACTION;\nCREATE TABLE t (a);\nROLLBACK; -- due to errors\n',
    'SOURCE_DAMAGED',
    /line 3/,
  ],
  ['ATTACH', "CREATE TABLE t (a); ATTACH 'x.db' AS x;", 'SOURCE_NOT_A_DATABASE', /ATTACH is no statement/],
  ['VACUUM', "CREATE TABLE t (a);\nVACUUM INTO 'x.db';", 'SOURCE_NOT_A_DATABASE', /line 2: VACUUM/],
  [
    'another language',
    'CREATE TABLE t (a int) ENGINE=InnoDB;',
    'SOURCE_NOT_A_DATABASE',
    /line 1: SQLite refuses.*near "="/,
  ],
  ['nothing at all', '-- nothing\n', 'SOURCE_EMPTY', /no table/],
  ['a dump of MySQL', '-- MySQL dump 10.13\nCREATE TABLE t (a int);', 'SOURCE_NOT_A_DATABASE', /dump of MySQL/],
  ['a dump of MariaDB', '/*M!999999\\- enable the sandbox mode */ \n', 'SOURCE_NOT_A_DATABASE', /dump of MySQL/],
  ['a dump of PostgreSQL', '--\n-- PostgreSQL database dump\n--\n', 'SOURCE_NOT_A_DATABASE', /dump of PostgreSQL/],
])('%s is refused', async (_, text, code, words) => {
  const file = write('refused.sql', text)
  const temporaryDirectory = fs.mkdtempSync(path.join(folder, 'tmp-'))
  await expect(openSqlite({ path: file, temporaryDirectory })).rejects.toMatchObject({
    code,
    message: expect.stringMatching(words),
  })
  expect(fs.readdirSync(temporaryDirectory)).toEqual([])
})
