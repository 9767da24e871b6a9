import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createDatabase } from '@rowferry/vitest-preset/database'
import Database from 'better-sqlite3'
import pg from 'pg'
import { describe, expect, test } from 'vitest'
import { root } from './workspace.ts'

const fixtures = join(root, 'tooling/fixtures/orm')
const page = readFileSync(join(root, 'docs/orms.md'), 'utf8')
const commands = new Map(
  [...page.matchAll(/<!-- runs: (\w+) -->\s*```sh\n(.*?)\n```/gs)].map(([, name, command]) => [name!, command!]),
)

test('every ORM has its fixture and its command', () => {
  expect([...commands.keys()].toSorted()).toEqual(readdirSync(fixtures).toSorted())
})

type Cell = string | number | bigint | Buffer | null

/** One form for a value of SQLite and for the text in which PostgreSQL gives it, by the type of the target's column. */
function same(type: string, value: Cell, unit: string | undefined): unknown {
  if (value === null) return null
  if (Buffer.isBuffer(value)) return value.toString('hex')
  const text = String(value)
  if (type === 'bool') return text === '1' || text === 't'
  if (type === 'uuid') return text.replaceAll('-', '')
  if (type === 'bytea') return text.slice(2)
  if (type === 'jsonb' || type === 'json') return JSON.parse(text)
  if (type === 'numeric' || type === 'float8' || type === 'float4') return Number(text)
  if (type === 'interval') return String(Number(text))
  if (type === 'time') return text.replace(/\.0+$/, '')
  if (!type.startsWith('timestamp')) return text
  const counted = unit !== undefined && /^-?\d+$/.test(text)
  const utc = counted ? new Date(Number(text) * (unit === 's' ? 1000 : 1)).toISOString() : text
  return utc
    .replace(' ', 'T')
    .replace(/ ?[+-]00(:00)?$|Z$/, '')
    .replace(/\.0+$|(?<=\.\d*?)0+$/, '')
}

interface Crossing extends AsyncDisposable {
  readonly file: Database.Database
  readonly client: pg.Client
  /** Runs a line of a shell in which `rowferry` is the program; gives its exit code and what it printed. */
  readonly sh: (line: string) => Promise<{ code: number; stdout: string; stderr: string }>
}

/** An ORM's SQLite file as `app.db`, and the tables that it made in PostgreSQL as `$DATABASE_URL`. */
async function openCrossing(name: string): Promise<Crossing> {
  const folder = mkdtempSync(join(tmpdir(), `rowferry-orm-`))
  const target = await createDatabase()
  const client = new pg.Client({
    connectionString: target.url,
    types: { getTypeParser: () => (value: unknown) => value },
  })
  const file = new Database(join(folder, 'app.db'))
  file.pragma('foreign_keys = off')
  file.exec(readFileSync(join(fixtures, name, 'source.sql'), 'utf8'))
  await client.connect()
  await client.query(readFileSync(join(fixtures, name, 'target.sql'), 'utf8'))
  await client.query("set timezone = 'UTC'")
  const bin = `"${process.execPath}" --conditions=@rowferry/source "${join(root, 'apps/cli/src/bin.ts')}"`
  return {
    file,
    client,
    sh: (line) =>
      new Promise((resolve) => {
        const options = { cwd: folder, env: { ...process.env, DATABASE_URL: target.url, NO_COLOR: '1' } }
        execFile('sh', ['-euc', `rowferry() { ${bin} "$@"; }\n${line}`], options, (error, stdout, stderr) =>
          resolve({ code: typeof error?.code === 'number' ? error.code : error ? -1 : 0, stdout, stderr }),
        )
      }),
    async [Symbol.asyncDispose]() {
      file.close()
      await client.end()
      await target.drop()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** Every value of every table that the command carries, on both sides. */
async function expectCarried({ file, client }: Crossing, command: string): Promise<void> {
  const left = /--exclude-tables ([^-]*)/.exec(`${command} `)?.[1]?.split(' ') ?? []
  const tables = file
    .prepare(String.raw`select name from sqlite_master where type = 'table' and name not like 'sqlite\_%' escape '\'`)
    .pluck()
    .all() as string[]
  const carried = tables.filter((table) => !left.includes(table))
  expect(carried.length).toBeGreaterThanOrEqual(3)
  for (const table of carried) {
    const columns = await client.query<{ name: string; type: string }>(
      'select attname as name, typname as type from pg_attribute join pg_type t on t.oid = atttypid where attrelid = $1::regclass and attnum > 0 and not attisdropped',
      [`public."${table}"`],
    )
    const wanted = columns.rows
    const list = wanted.map((column) => `"${column.name}"`).join(', ')
    const source = file.prepare(`select ${list} from "${table}"`).raw().safeIntegers().all() as Cell[][]
    const arrived = await client.query<Cell[]>({
      text: `select ${wanted.map(({ name, type }) => asJson(name, type)).join(', ')} from public."${table}"`,
      rowMode: 'array',
    })
    const form = (row: readonly Cell[]) =>
      JSON.stringify(
        row.map((value, i) => {
          const { name: column, type } = wanted[i]!
          const unit = new RegExp(`${table}\\.${column}=(\\w+)`).exec(command)?.[1]
          return same(type.startsWith('_') ? 'jsonb' : type, value, unit)
        }),
      )
    expect(source.length).toBeGreaterThan(0)
    expect({ table, rows: arrived.rows.map(form).toSorted() }).toEqual({ table, rows: source.map(form).toSorted() })
  }
}

function asJson(column: string, type: string): string {
  if (type === 'interval') return `extract(epoch from "${column}") * 1000000`
  return type.startsWith('_') ? `array_to_json("${column}")` : `"${column}"`
}

describe.each([...commands])('%s', (name, command) => {
  test('what the page says carries every value', { timeout: 60_000 }, async () => {
    await using crossing = await openCrossing(name)
    expect(await crossing.sh(`${command} --quiet`)).toMatchObject({ code: 0 })
    await expectCarried(crossing, command)
  })

  test('what a refusal suggests is what the page says, and can be pasted', { timeout: 60_000 }, async () => {
    await using crossing = await openCrossing(name)
    const bare = 'rowferry migrate app.db "$DATABASE_URL"'
    const told = await crossing.sh(`${bare} --report report.json`)
    const isReady = !command.includes(' --')
    expect(told.code).toBe(isReady ? 0 : 1)
    if (isReady) return
    const [, next = bare] = /Next: this settles .*\n {2}(rowferry .*)/.exec(told.stdout) ?? []
    const { findings } = JSON.parse((await crossing.sh('cat report.json')).stdout) as {
      findings: { severity: string; remedy: string }[]
    }
    const choices = findings
      .filter(({ severity, remedy }) => severity === 'refuse' && !next.includes(remedy))
      .map(({ remedy }) => remedy.split(', or ')[0]!)
    const line = [next, ...choices].join(' ')
    expect(wordsOf(line.slice(line.indexOf(' --')))).toEqual(wordsOf(command.slice(command.indexOf(' --'))))
    expect(await crossing.sh(`${line} --quiet`)).toMatchObject({ code: 0 })
    await expectCarried(crossing, command)
  })
})

/** Each option with its values, whatever their order and quotes. */
function wordsOf(options: string): string[] {
  return options
    .replaceAll("'", '')
    .replace('--report report.json', '')
    .split(/ (?=--)/)
    .map((each) => each.trim())
    .filter((each) => each !== '')
    .toSorted()
}
