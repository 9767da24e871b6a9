import assert from 'node:assert/strict'
import type { SourceRow, SourceValue, Table, TableName } from '@rowferry/introspect'
import type { ReadOptions, Source, SourceErrorCode, SourceSupports } from '@rowferry/source'
import type { SeedColumn, SeededDatabase, SeedKind, SeedTable, SourceHarness } from './harness.ts'

/** One sentence of the contract, and how it is proven. */
export interface Scenario {
  /** Runs only when the source says that it supports this; undefined: always. */
  readonly needs?: keyof SourceSupports
  run(stage: Stage): Promise<void>
}

/** What a scenario may do. Everything is closed and removed afterwards. */
export interface Stage {
  readonly harness: SourceHarness
  seed(...tables: readonly SeedTable[]): Promise<SeededDatabase & { open(): Promise<Source> }>
}

/** Runs one scenario on a stage of its own. */
export async function perform(scenario: Scenario, harness: SourceHarness): Promise<void> {
  const sources: Source[] = []
  const databases: SeededDatabase[] = []
  try {
    await scenario.run({
      harness,
      async seed(...tables) {
        const database = await harness.seed(tables)
        databases.push(database)
        const open = async (): Promise<Source> => {
          const source = await database.open()
          sources.push(source)
          return source
        }
        return { open, insert: (name, rows) => database.insert(name, rows), remove: () => database.remove() }
      },
    })
  } finally {
    for (const source of sources) await source.close()
    for (const database of databases) await database.remove()
  }
}

/** `table('users', { id: 'integer', name: 'text?' }, …)`: a question mark allows NULL; the primary key is `id` unless said otherwise. */
export function table(
  name: string,
  columns: Readonly<Record<string, SeedKind | `${SeedKind}?`>>,
  rest: Partial<Pick<SeedTable, 'primaryKey' | 'foreignKeys' | 'rows'>> = {},
): SeedTable {
  const parted = Object.entries(columns).map(([column, kind]): SeedColumn => {
    const nullable = kind.endsWith('?')
    return { name: column, kind: (nullable ? kind.slice(0, -1) : kind) as SeedKind, nullable }
  })
  return { name, columns: parted, primaryKey: ['id'], foreignKeys: [], rows: [], ...rest }
}

/** The seeded table as the catalog knows it: schemas differ from database to database, names do not. */
export async function tableOf(source: Source, name: string): Promise<Table> {
  const { tables } = await source.readCatalog()
  const found = tables.find((candidate) => candidate.name.name === name)
  assert.ok(found, `the catalog lacks the table ${JSON.stringify(name)}`)
  return found
}

export async function readAll(source: Source, name: TableName, options: ReadOptions): Promise<SourceRow[]> {
  const rows: SourceRow[] = []
  for await (const batch of source.readBatches(name, options)) rows.push(...batch)
  return rows
}

/** Reads seeded columns by the names of their table. */
export async function readTable(
  source: Source,
  name: string,
  columns: readonly string[],
  options: Omit<ReadOptions, 'columns'> = {},
): Promise<SourceRow[]> {
  return readAll(source, (await tableOf(source, name)).name, { columns, ...options })
}

/** The same values of the same kind: 0 is not -0, 1n is not 1, bytes are compared one by one. */
export function assertRows(actual: readonly SourceRow[], expected: readonly SourceRow[]): void {
  assertSame(actual.map(say), expected.map(say))
}

/** Whatever the order. */
export function assertSameRows(actual: readonly SourceRow[], expected: readonly SourceRow[]): void {
  assertSame(actual.map(say).toSorted(), expected.map(say).toSorted())
}

/** Names the first row that differs: a diff of all of them would be long, and slow to make. */
function assertSame(actual: readonly string[], expected: readonly string[]): void {
  const at = expected.findIndex((row, index) => row !== actual[index])
  const cut = (row: string | undefined): string =>
    row === undefined ? 'nothing' : row.length > 300 ? `${row.slice(0, 300)}…` : row
  if (at >= 0) assert.fail(`row ${at}: expected ${cut(expected[at])}, got ${cut(actual[at])}`)
  assert.equal(actual.length, expected.length, `${actual.length} rows instead of ${expected.length}`)
}

/** Codes, not classes, are compared: an adapter may have a copy of its own of `@rowferry/source`. */
export async function assertRejects(run: () => Promise<unknown>, code: SourceErrorCode): Promise<void> {
  const outcome = await run().then(
    () => 'nothing was refused',
    (error: unknown) => (error instanceof Error && 'code' in error ? error.code : String(error)),
  )
  assert.equal(outcome, code)
}

function say(row: SourceRow): string {
  return row.map(sayValue).join(', ')
}

function sayValue(value: SourceValue): string {
  if (value === null) return 'null'
  if (typeof value === 'number') return `number ${Object.is(value, -0) ? '-0' : value}`
  if (typeof value === 'bigint') return `bigint ${value}`
  if (typeof value === 'string') return `text ${JSON.stringify(value)}`
  return 'bytes' in value ? `invalid text ${hex(value.bytes)}` : `bytes ${hex(value)}`
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex')
}
