import type { CrossedColumn, CrossedTable, Mutation, Scene } from './crossed.ts'
import { quoted } from './crossed.ts'
import type { Report } from './ends.ts'

/** Another value of the type, near to the one that is there. */
const near: Readonly<Record<string, readonly string[]>> = {
  int2: ['$ + 1', '$ - 1'],
  int4: ['$ + 1', '-$', '$ # 1024'],
  int8: ['$ - 1', '$ # 1', '$ / 2'],
  numeric: ['$ + 0.01', '-$', '$ * 10'],
  float4: ['$ + 1', '-$', '$ * 1.0000002::real'],
  float8: ['-$', '$ * 1.0000000000000002', '$ + 1', '$::real'],
  bool: ['not $'],
  text: [
    "$ || 'x'",
    "$ || ' '",
    'upper($)',
    'left($, -1)',
    'reverse($)',
    "replace($, 'a', 'а')",
    "''",
    "$ || U&'\\FFFD'",
  ],
  varchar: ["$ || 'x'", "$ || ' '", 'upper($)', 'left($, -1)'],
  bpchar: ["rtrim($) || 'x'", 'upper($)', 'left(rtrim($), -1)'],
  bytea: ["$ || '\\x00'", 'set_byte($, 0, get_byte($, 0) # 1)', "''"],
  uuid: ['overlay($::text placing to_hex((get_byte(uuid_send($), 0) # 1)) from 2 for 1)::uuid'],
  date: ['$ + 1', '$ - 1'],
  time: ["$ + interval '1 microsecond'", "$ + interval '1 hour'"],
  timestamp: [
    "$ + interval '1 microsecond'",
    "$ - interval '1 day'",
    "$ + interval '1 hour'",
    "date_trunc('second', $)",
  ],
  timestamptz: [
    "$ + interval '1 microsecond'",
    "$ - interval '1 day'",
    "$ + interval '2 hours'",
    "date_trunc('second', $)",
  ],
  interval: [
    "$ + interval '1 microsecond'",
    "$ + interval '1 day' - interval '24 hours'",
    "$ + interval '1 month' - interval '30 days'",
  ],
  json: ["($::text || ' ')::json"],
  jsonb: [`$ || '{"z": 1}'`, `jsonb_set($, '{n}', to_jsonb(($->>'n')::numeric + 1e-20))`, "$ - 's'", "$ #- '{l,0}'"],
  _int4: ['array_append($, null)', '$[2:] || $[1]', '$[1:1]'],
  _text: ["array_append($, '')", '$[2:] || $[1]'],
  inet: ['$ + 1', 'set_masklen($, 24)'],
}

async function pickRow({ client, random }: Scene, table: CrossedTable): Promise<string | null> {
  const { rows } = await client.query(
    `select tableoid::int as relation, ctid::text as place from ${table.sql} where ${table.own} order by 1, ctid`,
  )
  if (rows.length === 0) return null
  const { relation, place } = random.pick(rows)
  return `tableoid = ${relation} and ctid = '${place}'`
}

/** The values that name the row, as text. */
async function keyOf(scene: Scene, table: CrossedTable, row: string): Promise<(string | null)[]> {
  if (table.key.length === 0) return []
  const columns = table.key.map(({ target }) => `${quoted(target)}::text`).join(', ')
  const { rows } = await scene.client.query({
    text: `select ${columns} from ${table.sql} where ${row}`,
    rowMode: 'array',
  })
  return rows[0] as (string | null)[]
}

async function tried(scene: Scene, statements: readonly string[]): Promise<number | null> {
  const { client } = scene
  try {
    await client.query('begin')
    let count = 0
    for (const statement of statements) count = (await client.query(statement)).rowCount ?? 0
    await client.query('set constraints all immediate')
    await client.query('commit')
    return count
  } catch {
    await client.query('rollback')
    return null
  }
}

interface Told {
  readonly kind: 'missing' | 'extra' | 'different'
  readonly key: readonly (string | null)[]
  readonly column?: string
  readonly target?: string | null
}

/** Is each of these rows listed under its table and its key, with its column and both values? */
function missedRows(report: Report, table: CrossedTable, told: readonly Told[]): string | null {
  if (report.outcome !== 'different' || report.exitCode !== 4) return `the outcome is ${report.outcome}`
  const listed = report.tables.find((each) => each.target === table.name)
  if (!listed) return `no table ${table.name} in the report`
  if (listed.verdict !== 'different') return `${table.name} is ${listed.verdict}`
  for (const { kind, key, column, target } of told) {
    const fitting = listed.mismatches.filter(
      (each) => each.kind === kind && key.every((value, i) => names(each.key, table.key[i]!.source, value)),
    )
    if (fitting.length === 0) return `no row ${kind} under ${key.join(', ')} in ${JSON.stringify(listed.mismatches)}`
    if (column === undefined) continue
    const cell = fitting.find((each) => each.column === column)
    if (!cell) return `another column than ${column}: ${JSON.stringify(fitting)}`
    if (cell.source === null || cell.target === null || cell.source === cell.target)
      return `not both values: ${JSON.stringify(cell)}`
    const shown = target === null ? 'NULL' : /^[ !#-[\]-~]{0,80}$/.test(target ?? '"') ? target! : null
    if (shown !== null && cell.target !== shown && cell.target !== `"${shown}"` && /^-?\d+$/.test(shown))
      return `the target's value is ${shown}, shown as ${cell.target}`
  }
  const places = new Set(report.tables.filter((each) => each.verdict === 'different').map((each) => each.target))
  return places.size === 1 ? null : `other tables are called different too: ${[...places].join(', ')}`
}

/** Whole numbers and plain words word for word; of other values the column's name is there. */
function names(shown: string, column: string, value: string | null): boolean {
  if (value !== null && /^[\w-]+$/.test(value) && !/^\d{4}-/.test(value))
    return shown.includes(`${column}=${value}`) || shown.includes(`${column}=\\x`)
  return shown.includes(`${column}=`)
}

/** One cell becomes another value, NULL, or the value of another row. */
const changeCell: Mutation = async (scene) => {
  const { client, random } = scene
  const table = random.pick(scene.tables)
  const column = random.pick(table.columns.filter((each) => !each.generated))
  const row = await pickRow(scene, table)
  if (row === null || !column) return null
  const name = quoted(column.name)
  const key = await keyOf(scene, table, row)
  const compared = column.type === 'numeric' ? 'numeric' : 'text'
  const read = async (where: string) =>
    (await client.query(`select ${name}::text as value from ${table.sql} where ${where}`)).rows[0]?.value as
      | string
      | null
  const expression = otherValue(scene, table, column)
  const before = await read(row)
  const changed = await tried(scene, [
    'set local session_replication_role = replica',
    `update ${table.sql} set ${name} = ${expression} where ${row} and (${expression})::${column.declared}::${compared} is distinct from ${name}::${compared}`,
  ])
  if (changed !== 1) return null
  const inKey = table.key.some(({ target }) => target === column.name)
  const { rows } = await client.query(`select ${name}::text as value from ${table.sql} where ${table.own}`)
  const after = changedValue(
    rows.map((each) => each.value as string | null),
    before,
  )
  const told: Told[] =
    table.key.length === 0
      ? [{ kind: 'missing', key: [] }, ...(table.othersAllowed ? [] : [{ kind: 'extra' as const, key: [] }])]
      : inKey
        ? [{ kind: 'missing', key }]
        : [{ kind: 'different', key, column: column.name, ...(after !== undefined && { target: after }) }]
  return {
    kind: 'a cell changed',
    what: `${table.name}.${column.name} (${column.type}) of ${key.join(', ')}: ${JSON.stringify(before)} → ${expression}`,
    missed: (report) => missedRows(report, table, told),
  }
}

/** Only where the table has one row is it certain which value is the new one. */
function changedValue(values: readonly (string | null)[], before: string | null): string | null | undefined {
  return values.length === 1 && values[0] !== before ? values[0] : undefined
}

function otherValue({ random }: Scene, table: CrossedTable, column: CrossedColumn): string {
  const name = quoted(column.name)
  const another = `(select ${name} from ${table.sql} where ${name} is not null order by ctid limit 1 offset ${random.below(4)})`
  const labels = column.labels.map((label) => `'${label.replaceAll("'", "''")}'`)
  const choices = [...(labels.length > 0 ? [random.pick(labels)] : (near[column.type] ?? [])), another]
  if (column.nullable && random.chance(0.15)) return 'null'
  return `(${random.pick(choices).replaceAll('$', name)})`
}

const deleteRow: Mutation = async (scene) => {
  const table = scene.random.pick(scene.tables)
  const row = await pickRow(scene, table)
  if (row === null) return null
  const key = await keyOf(scene, table, row)
  const gone = await tried(scene, [
    'set local session_replication_role = replica',
    `delete from ${table.sql} where ${row}`,
  ])
  return gone === 1
    ? {
        kind: 'a row deleted',
        what: `${table.name} ${key.join(', ')}`,
        missed: (report) => missedRows(report, table, [{ kind: 'missing', key }]),
      }
    : null
}

const writable = ({ columns }: CrossedTable): CrossedColumn[] => columns.filter((column) => !column.generated)

async function copyRow(
  scene: Scene,
  table: CrossedTable,
  row: string,
  values: readonly string[],
): Promise<number | null> {
  const columns = writable(table)
    .map(({ name }) => quoted(name))
    .join(', ')
  return tried(scene, [
    'set local session_replication_role = replica',
    `insert into ${table.sql} (${columns}) overriding system value select ${values.join(', ')} from ${table.sql} where ${row}`,
  ])
}

/** A row like another one, under a key of its own. */
const addRow: Mutation = async (scene) => {
  const { random, client } = scene
  const table = random.pick(scene.tables.filter((each) => each.key.length > 0 && !each.othersAllowed))
  const row = table && (await pickRow(scene, table))
  if (!table || !row) return null
  const isKey = (name: string): boolean => table.key.some(({ target }) => target === name)
  const values = writable(table).map(({ name, type, nullable }) => {
    if (!isKey(name)) return nullable ? 'null' : quoted(name)
    return type.startsWith('int')
      ? `(select max(${quoted(name)}) + 1 from ${table.sql})`
      : (near[type]?.[0] ?? '$').replaceAll('$', quoted(name))
  })
  const before = await client.query(`select count(*)::int as n from ${table.sql}`)
  if ((await copyRow(scene, table, row, values)) !== 1) return null
  const after = await client.query(`select count(*)::int as n from ${table.sql}`)
  return after.rows[0].n === before.rows[0].n + 1
    ? {
        kind: 'a row added',
        what: table.name,
        missed: (report) => missedRows(report, table, [{ kind: 'extra', key: [] }]),
      }
    : null
}

/** The same row once more: of a table with keys, once these are gone. */
const duplicateRow: Mutation = async (scene) => {
  const { random, client } = scene
  const table = random.pick(scene.tables.filter((each) => !each.othersAllowed))
  const row = table && (await pickRow(scene, table))
  if (!table || !row) return null
  const { rows } = await client.query(
    `select con.conname as name from pg_constraint con where con.conrelid = $1 and con.contype in ('p', 'u')`,
    [table.oid],
  )
  const unique = await client.query(
    `select i.indexrelid::regclass::text as name from pg_index i left join pg_constraint con on con.conindid = i.indexrelid and con.contype in ('p', 'u')
      where i.indrelid = $1 and i.indisunique and con.oid is null`,
    [table.oid],
  )
  const key = await keyOf(scene, table, row)
  for (const { name } of rows) await client.query(`alter table ${table.sql} drop constraint ${quoted(name)} cascade`)
  for (const { name } of unique.rows) await client.query(`drop index ${name}`)
  if (
    (await copyRow(
      scene,
      table,
      row,
      writable(table).map(({ name }) => quoted(name)),
    )) !== 1
  )
    return null
  return {
    kind: 'a row twice',
    what: `${table.name} ${key.join(', ')}`,
    missed: (report) =>
      missedRows(report, table, [{ kind: 'extra', key }]) ??
      (rows.every(({ name }) => report.findings.some((each) => each.message.includes(name)))
        ? null
        : 'its keys are gone, and nothing says so'),
  }
}

export const rowMutations: readonly Mutation[] = [
  changeCell,
  changeCell,
  changeCell,
  changeCell,
  deleteRow,
  addRow,
  duplicateRow,
]
