import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import fs from 'node:fs'
import path from 'node:path'
import { SourceError } from '@rowferry/source'
import Database from 'better-sqlite3'
import { describe, expect, onTestFinished, test } from 'vitest'
import { database, folder, open, rowsOf, traces } from '../test/fixture.ts'

const filled = `CREATE TABLE t (id INTEGER PRIMARY KEY, v TEXT);
  WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 500) INSERT INTO t SELECT i, 'row ' || i FROM n;
  CREATE INDEX t_v ON t (v);`

function makeFolder(at: string): string {
  fs.mkdirSync(at)
  return at
}

async function refusal(file: string, options = {}): Promise<SourceError> {
  const error: unknown = await open(file, options).then(
    () => null,
    (caught: unknown) => caught,
  )
  expect(error).toBeInstanceOf(SourceError)
  return error as SourceError
}

/** Another program: it holds the file in some state and is killed at the end, so that it cannot tidy up. */
async function program(script: string, file: string): Promise<() => Promise<void>> {
  const child = spawn(
    process.execPath,
    [
      '--input-type=module',
      '-e',
      `import Database from 'better-sqlite3'; const db = new Database(process.argv[1]); ${script}; console.log('ready'); setInterval(() => {}, 1e6)`,
      file,
    ],
    {
      cwd: import.meta.dirname,
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  )
  const ended = once(child, 'exit')
  const kill = async (): Promise<void> => {
    child.kill('SIGKILL')
    await ended
  }
  onTestFinished(kill)
  await once(child.stdout, 'data')
  return kill
}

describe('a file that cannot be a source, and nothing is created or changed', () => {
  const broken: Record<string, [code: string, message: RegExp, make: () => string]> = {
    'a missing file': ['SOURCE_MISSING', /no such file/, () => path.join(folder(), 'typo.db')],
    'a file in a missing folder': ['SOURCE_MISSING', /no such file/, () => path.join(folder(), 'nowhere', 'app.db')],
    'a folder': ['SOURCE_NOT_A_FILE', /is a directory/, () => makeFolder(path.join(folder(), 'app.db'))],
    'an empty file': ['SOURCE_EMPTY', /0 bytes/, () => write(Buffer.alloc(0))],
    text: ['SOURCE_NOT_A_DATABASE', /SQLite format 3/, () => write(Buffer.from('id,name\n1,Ada\n'))],
    'half an SQL dump': [
      'SOURCE_DAMAGED',
      /COMMIT is missing/,
      () => write(Buffer.from('PRAGMA foreign_keys=OFF;\nBEGIN TRANSACTION;\n')),
    ],
    'a gzip archive': ['SOURCE_NOT_A_DATABASE', /gzip/, () => write(Buffer.from([0x1f, 0x8b, 8, 0, ...noise(4000)]))],
    'an encrypted database': ['SOURCE_ENCRYPTED', /encrypted/, () => write(noise(8192))],
    'a header alone': ['SOURCE_DAMAGED', /truncated/, () => write(fs.readFileSync(database(filled)).subarray(0, 60))],
    'a truncated database': [
      'SOURCE_DAMAGED',
      /truncated: \d+ bytes of \d+/,
      () => write(fs.readFileSync(database(filled)).subarray(0, -4096)),
    ],
    'a database whose last page is cut': [
      'SOURCE_DAMAGED',
      /truncated: \d+ bytes of \d+/,
      () => write(fs.readFileSync(database(filled)).subarray(0, -1500)),
    ],
    'a database of before 3.7 whose last page is cut': [
      'SOURCE_DAMAGED',
      /truncated: \d+ bytes of \d+/,
      () => {
        const bytes = fs.readFileSync(database(filled))
        bytes.fill(0, 92, 96)
        return write(bytes.subarray(0, -1500))
      },
    ],
    'a header and random pages': [
      'SOURCE_DAMAGED',
      /./,
      () => damage(database(filled), (bytes) => noise(bytes.length - 100).copy(bytes, 100)),
    ],
    'a corrupt leaf page': [
      'SOURCE_DAMAGED',
      /damaged/,
      () => damage(database(filled), (bytes) => bytes.fill(0xff, 4096 * 2 + 8, 4096 * 2 + 72)),
    ],
    'an index that disagrees with its table': ['SOURCE_DAMAGED', /t_v/, forgetfulIndex],
    'a corrupt schema': [
      'SOURCE_DAMAGED',
      /./,
      () => damage(database(filled), (bytes) => bytes.write('CREATE TABEL', bytes.indexOf('CREATE TABLE'))),
    ],
  }
  const kept = (file: string) => (fs.existsSync(path.dirname(file)) ? traces(path.dirname(file)) : 'no folder')
  for (const [name, [code, message, make]] of Object.entries(broken)) {
    test(`${name} is refused`, async () => {
      const file = make()
      const before = kept(file)
      const error = await refusal(file)
      expect(error.code).toBe(code)
      expect(error.message).toMatch(message)
      expect(error.message).toContain(file)
      expect(error.remedy).toBeTruthy()
      expect(kept(file)).toEqual(before)
    })
  }

  test.skipIf(process.getuid?.() === 0)('a file that may not be read', async () => {
    const file = database(filled)
    fs.chmodSync(file, 0)
    expect((await refusal(file)).code).toBe('SOURCE_UNREADABLE')
  })

  test('a database that a writer has locked, after the time to wait', async () => {
    const file = database(filled)
    await program(`db.exec('BEGIN EXCLUSIVE')`, file)
    const error = await refusal(file, { busyTimeoutMs: 20 })
    expect(error.code).toBe('SOURCE_BUSY')
    expect(error.remedy).toContain('finish its transaction')
  })
})

describe('what can be read is read, and leaves no trace', () => {
  test('a database in rollback-journal mode', async () => {
    expect(await visit(database(filled))).toEqual(noTrace(500))
  })
  test('a database without tables is a valid one', async () => {
    const source = await open(database('CREATE TABLE t (a); DROP TABLE t'))
    expect((await source.readCatalog()).tables).toEqual([])
  })
  test('a database in WAL mode that was closed', async () => {
    expect(await visit(database(`PRAGMA journal_mode = wal; ${filled}`))).toEqual(noTrace(500))
  })
  test('a database in WAL mode in a folder that cannot be written to', async () => {
    const file = database(`PRAGMA journal_mode = wal; ${filled}`)
    fs.chmodSync(path.dirname(file), 0o555)
    onTestFinished(() => fs.chmodSync(path.dirname(file), 0o755))
    expect(await visit(file)).toEqual(noTrace(500))
  })
  test('rows that live only in the log of a program that runs', async () => {
    const file = database(`PRAGMA journal_mode = wal; ${filled}`)
    await program(`db.pragma('wal_autocheckpoint = 0'); db.exec("INSERT INTO t (v) VALUES ('late'), ('later')")`, file)
    expect(await visit(file)).toEqual(noTrace(502))
  })
  test('rows that live only in the log of a program that was killed', async () => {
    const file = database(`PRAGMA journal_mode = wal; ${filled}`)
    await (
      await program(`db.pragma('wal_autocheckpoint = 0'); db.exec("INSERT INTO t (v) VALUES ('late')")`, file)
    )()
    fs.rmSync(`${file}-shm`)
    expect(await visit(file)).toEqual(noTrace(501))
  })
  test('a hot journal: the unfinished transaction is rolled back, in a private copy', async () => {
    const file = database(filled)
    await (
      await program(
        `db.pragma('cache_size = 1'); db.exec("BEGIN; UPDATE t SET v = hex(randomblob(200)); DELETE FROM t WHERE id > 100")`,
        file,
      )
    )()
    expect(fs.statSync(`${file}-journal`).size).toBeGreaterThan(0)
    expect(await visit(file)).toEqual(noTrace(500))
    const source = await open(file)
    expect((await rowsOf(source, 't', ['v']))[7]).toEqual(['row 8'])
    expect((await source.readCatalog()).notes.map(({ code }) => code)).toContain('JOURNAL_ROLLED_BACK')
  })
  test('the journal of a writer that is still at work is no hot one', async () => {
    const file = database(filled)
    await program(`db.exec("BEGIN; INSERT INTO t (v) VALUES ('unfinished')")`, file)
    const source = await open(file)
    expect(await rowsOf(source, 't', ['id'])).toHaveLength(500)
    expect((await source.readCatalog()).notes).toEqual([])
  })
  test('paths with characters that mean something in a URI, and with blanks at the end', async () => {
    for (const name of ['100%.db', 'what?immutable=0#x.db', 'a&b=c.db', 'Ünï漢.db', ' blank.db ', "it's.db"]) {
      expect(await visit(renamed(filled, name))).toEqual(noTrace(500))
    }
  })
  test('where URIs are switched off, WAL mode is read from a private copy', async () => {
    const file = database(`PRAGMA journal_mode = wal; ${filled}`)
    const [before, temporaryDirectory] = [traces(path.dirname(file)), folder()]
    const told = alone(file, temporaryDirectory, { SQLITE_USE_URI: '0' })
    expect(told.trim()).toBe(`500 1 ${await (await open(file)).fingerprint()}`)
    expect(traces(path.dirname(file))).toEqual(before)
    // It was not closed: what is left is removed at the process's end
    expect(fs.readdirSync(temporaryDirectory)).toEqual([])
  })
  test('a private copy that is the first thing a process opens has no name either', async () => {
    const file = database(`PRAGMA journal_mode = wal; ${filled}`)
    await program(`db.pragma('wal_autocheckpoint = 0'); db.exec("INSERT INTO t (v) VALUES ('late')")`, file)
    expect(alone(file, folder(), {})).toMatch(/^501 0 /)
  })
  test('a link, whose side files stand beside the real file', async () => {
    const file = database(`PRAGMA journal_mode = wal; ${filled}`)
    await (
      await program(`db.pragma('wal_autocheckpoint = 0'); db.exec("INSERT INTO t (v) VALUES ('late')")`, file)
    )()
    const link = path.join(folder(), 'link.db')
    fs.symlinkSync(file, link)
    const source = await open(link)
    expect(await rowsOf(source, 't', ['id'])).toHaveLength(501)
    expect(source.label).toBe(link)
  })
  test('a private copy, in the folder that was named', async () => {
    const temporaryDirectory = folder()
    const source = await open(database(filled), { privateCopy: true, temporaryDirectory })
    expect(await rowsOf(source, 't', ['id'])).toHaveLength(500)
    await source.close()
    expect(fs.readdirSync(temporaryDirectory)).toEqual([])
    expect(
      (
        await refusal(database(filled), {
          privateCopy: true,
          temporaryDirectory: path.join(temporaryDirectory, 'none'),
        })
      ).remedy,
    ).toContain('temporaryDirectory')
  })
  test('a collation, a function and a module that only the application has are no damage', async () => {
    const file = database(filled)
    const db = new Database(file)
    db.function('mine', { deterministic: true }, () => 1)
    db.exec(
      'CREATE TABLE g (id INTEGER PRIMARY KEY, m AS (mine())); CREATE INDEX g_m ON g (m); INSERT INTO g VALUES (1)',
    )
    db.unsafeMode().pragma('writable_schema = ON')
    db.exec(`INSERT INTO sqlite_schema VALUES ('table', 'v', 'v', 0, 'CREATE VIRTUAL TABLE v USING nowhere (a)')`)
    db.exec(
      `UPDATE sqlite_schema SET sql = 'CREATE TABLE t (id INTEGER PRIMARY KEY, v TEXT COLLATE LOCALIZED)' WHERE name = 't'`,
    )
    db.close()
    const source = await open(file)
    expect(await rowsOf(source, 't', ['id', 'v'])).toHaveLength(500)
    expect(await rowsOf(source, 'g', ['id'])).toEqual([[1]])
  })
  test('values that break a CHECK or a NOT NULL are for the plan to judge', async () => {
    const file = database(
      `CREATE TABLE t (a INTEGER CHECK (a > 0)); PRAGMA ignore_check_constraints = ON; INSERT INTO t VALUES (-1)`,
    )
    expect(await rowsOf(await open(file), 't', ['a'])).toEqual([[-1]])
  })
})

describe('a log that is damaged in the middle', () => {
  test('is refused, since SQLite would drop the transactions behind it', async () => {
    const file = database(`PRAGMA journal_mode = wal; ${filled}`)
    await (
      await program(
        `db.pragma('wal_autocheckpoint = 0'); for (let i = 0; i < 20; i++) db.exec("INSERT INTO t (v) VALUES ('late')")`,
        file,
      )
    )()
    damage(`${file}-wal`, (bytes) => bytes.fill(0xaa, 32 + 24 + 100, 32 + 24 + 200))
    const before = traces(path.dirname(file))
    const error = await refusal(file)
    expect(error.code).toBe('SOURCE_DAMAGED')
    expect(error.message).toContain('20 committed transactions')
    expect(traces(path.dirname(file))).toEqual(before)
  })
  test('a transaction that was never committed is none', async () => {
    const file = database(`PRAGMA journal_mode = wal; ${filled}`)
    await (
      await program(
        `db.pragma('wal_autocheckpoint = 0'); db.pragma('cache_size = 1'); db.exec("INSERT INTO t (v) VALUES ('late'); BEGIN; UPDATE t SET v = hex(randomblob(300))")`,
        file,
      )
    )()
    expect(await rowsOf(await open(file), 't', ['id'])).toHaveLength(501)
  })
})

describe('the file changes while it is read', () => {
  test('a program that starts in WAL mode and checkpoints ends the reading', async () => {
    const file = database(`PRAGMA journal_mode = wal; ${filled}`)
    const source = await open(file)
    const db = new Database(file)
    db.exec(`INSERT INTO t (v) VALUES ('late')`)
    expect(await rowsOf(source, 't', ['id'])).toHaveLength(500)
    db.close()
    await expect(rowsOf(source, 't', ['id'])).rejects.toMatchObject({ code: 'SOURCE_CHANGED' })
    await expect(source.fingerprint()).rejects.toMatchObject({ code: 'SOURCE_CHANGED' })
  })
  test('a file that is replaced ends it too', async () => {
    const [file, other] = [database(filled), database(filled)]
    const source = await open(file)
    fs.renameSync(other, file)
    await expect(source.readCatalog()).rejects.toMatchObject({ code: 'SOURCE_CHANGED' })
  })
  test('under the shared lock a writer has to wait, and with a private copy it need not', async () => {
    const file = database(filled)
    const append = (): void => {
      const db = new Database(file, { timeout: 0 })
      try {
        db.exec(`INSERT INTO t (v) VALUES ('late')`)
      } finally {
        db.close()
      }
    }
    const locked = await open(file)
    expect(append).toThrow('locked')
    await locked.close()
    const copied = await open(file, { privateCopy: true })
    append()
    expect(await rowsOf(copied, 't', ['id'])).toHaveLength(500)
  })
})

test('the fingerprint outlives a checkpoint, and changes with a row', async () => {
  const file = database(`PRAGMA journal_mode = wal; ${filled}`)
  const kill = await program(`db.pragma('wal_autocheckpoint = 0'); db.exec("INSERT INTO t (v) VALUES ('late')")`, file)
  const logged = await (await open(file)).fingerprint()
  await kill()
  new Database(file).exec('SELECT * FROM t').close()
  expect(fs.existsSync(`${file}-wal`)).toBe(false)
  expect(await (await open(file)).fingerprint()).toBe(logged)
  new Database(file).exec(`UPDATE t SET v = 'other' WHERE id = 3`).close()
  expect(await (await open(file)).fingerprint()).not.toBe(logged)
})

/** Reads everything once: what came, and what that left behind or changed. */
async function visit(file: string): Promise<object> {
  const before = JSON.stringify(traces(path.dirname(file)))
  const temporaryDirectory = folder()
  const source = await open(file, { temporaryDirectory })
  const { length } = await rowsOf(source, 't', ['id', 'v'])
  const { tables } = await source.readCatalog()
  await source.fingerprint()
  const whileOpen = {
    copies: fs.readdirSync(temporaryDirectory),
    changed: JSON.stringify(traces(path.dirname(file))) !== before,
  }
  await source.close()
  const closed = {
    copies: fs.readdirSync(temporaryDirectory),
    changed: JSON.stringify(traces(path.dirname(file))) !== before,
  }
  return { rows: length, estimate: tables[0]?.rowEstimate, whileOpen, closed }
}

/** In a process of its own: how many rows there are, how many private copies have a name meanwhile, and the fingerprint. */
function alone(file: string, temporaryDirectory: string, env: Readonly<Record<string, string>>): string {
  const script = `import { openSqlite } from './index.ts'; import fs from 'node:fs'; const [path, temporaryDirectory] = process.argv.slice(1);
    const source = await openSqlite({ path, temporaryDirectory }); let rows = 0;
    for await (const batch of source.readBatches({ schema: 'main', name: 't' }, { columns: ['id'] })) rows += batch.length;
    console.log(rows, fs.readdirSync(temporaryDirectory).length, await source.fingerprint())`
  const args = ['--conditions=@rowferry/source', '--no-warnings', '--input-type=module', '-e', script]
  return execFileSync(process.execPath, [...args, file, temporaryDirectory], {
    cwd: import.meta.dirname,
    env: { ...process.env, ...env },
    encoding: 'utf8',
  })
}

/** A copy has no name any more while it is read, so that not even SIGKILL leaves it behind. */
function noTrace(rows: number): object {
  const nothing = { copies: [], changed: false }
  return { rows, estimate: rows, whileOpen: nothing, closed: nothing }
}

function write(bytes: Buffer): string {
  const file = path.join(folder(), 'app.db')
  fs.writeFileSync(file, bytes)
  return file
}

function damage(file: string, change: (bytes: Buffer) => unknown): string {
  const bytes = fs.readFileSync(file)
  change(bytes)
  fs.writeFileSync(file, bytes)
  return file
}

function renamed(sql: string, name: string): string {
  const file = path.join(folder(), name)
  fs.renameSync(database(sql), file)
  return file
}

/** Bytes that look random and are the same each time. */
function noise(length: number): Buffer {
  let state = 1
  return Buffer.from(
    Array.from({ length }, () => ((state = (Math.imul(state, 1103515245) + 12345) >>> 0) >>> 16) & 255),
  )
}

function forgetfulIndex(): string {
  const file = database(filled)
  const db = new Database(file)
  db.unsafeMode().pragma('writable_schema = ON')
  const sql = db.prepare(`SELECT sql FROM sqlite_schema WHERE name = 't_v'`).pluck().get()
  db.exec(`UPDATE sqlite_schema SET sql = 'CREATE INDEX t_v ON t (v) WHERE id < 0' WHERE name = 't_v'`)
  db.close()
  const again = new Database(file)
  again.exec(`INSERT INTO t VALUES (1000, 'unknown to the index')`)
  again.unsafeMode().pragma('writable_schema = ON')
  again.prepare(`UPDATE sqlite_schema SET sql = ? WHERE name = 't_v'`).run(sql)
  again.close()
  return file
}
