import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { createDatabase } from '@rowferry/vitest-preset/database'
import Database from 'better-sqlite3'
import pg from 'pg'
import { expect, test } from 'vitest'
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
  if (type === 'time') return text.replace(/\.0+$/, '')
  if (!type.startsWith('timestamp')) return text
  const counted = unit !== undefined && /^-?\d+$/.test(text)
  const utc = counted ? new Date(Number(text) * (unit === 's' ? 1000 : 1)).toISOString() : text
  return utc
    .replace(' ', 'T')
    .replace(/ ?[+-]00(:00)?$|Z$/, '')
    .replace(/\.0+$|(?<=\.\d*?)0+$/, '')
}

test.each([...commands])('%s: what the page says carries every value', { timeout: 60_000 }, async (name, command) => {
  const folder = mkdtempSync(join(tmpdir(), `rowferry-orm-`))
  await using target = await createDatabase()
  const client = new pg.Client({
    connectionString: target.url,
    types: { getTypeParser: () => (value: unknown) => value },
  })
  const file = new Database(join(folder, 'app.db'))
  try {
    file.pragma('foreign_keys = off')
    file.exec(readFileSync(join(fixtures, name, 'source.sql'), 'utf8'))
    await client.connect()
    await client.query(readFileSync(join(fixtures, name, 'target.sql'), 'utf8'))
    await client.query("set timezone = 'UTC'")
    const bin = `"${process.execPath}" --conditions=@rowferry/source "${join(root, 'apps/cli/src/bin.ts')}"`
    await promisify(execFile)('sh', ['-euc', `rowferry() { ${bin} "$@"; }\n${command} --quiet`], {
      cwd: folder,
      env: { ...process.env, DATABASE_URL: target.url, NO_COLOR: '1' },
    })

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
      const wanted = columns.rows.filter((column) => !command.includes(`--drop-column ${table}.${column.name}`))
      const list = wanted.map((column) => `"${column.name}"`).join(', ')
      const source = file.prepare(`select ${list} from "${table}"`).raw().safeIntegers().all() as Cell[][]
      const arrived = await client.query<Cell[]>({
        text: `select ${wanted.map(({ name: column, type }) => (type.startsWith('_') ? `array_to_json("${column}")` : `"${column}"`)).join(', ')} from public."${table}"`,
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
  } finally {
    file.close()
    await client.end()
    rmSync(folder, { recursive: true, force: true })
  }
})
