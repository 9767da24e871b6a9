import type { CrossedTable, Mutation, Scene } from './crossed.ts'
import { quoted } from './crossed.ts'
import type { Report } from './ends.ts'

/** Is there a finding that says all of these words, of this table where it has one? `harmless`: as a warning at least. */
function missedFinding(report: Report, table: string, words: readonly string[], harmless = false): string | null {
  const told = report.findings.find(
    (each) =>
      (each.table === table || each.message.includes(table)) &&
      words.every((word) => each.message.includes(word) || each.column === word) &&
      (harmless ? each.severity !== 'note' : each.severity === 'refuse'),
  )
  if (!told)
    return `nothing about ${words.join(' ')} of ${table} in ${JSON.stringify(report.findings.map(({ severity, message }) => [severity, message]))}`
  return harmless || report.exitCode !== 0 ? null : `told, and the exit code is 0`
}

async function done(scene: Scene, ...statements: readonly string[]): Promise<boolean> {
  try {
    for (const statement of statements) await scene.client.query(statement)
    return true
  } catch {
    await scene.client.query('rollback').catch(() => {})
    return false
  }
}

type Row = Readonly<Record<string, string>>

/** One of the rows that the query gives for a crossed table (`$1`: its oid). */
async function pick(scene: Scene, sql: string): Promise<{ table: CrossedTable; row: Row } | null> {
  const found: { table: CrossedTable; row: Row }[] = []
  for (const table of scene.tables) {
    const { rows } = await scene.client.query(sql, [table.oid])
    for (const row of rows as Row[]) found.push({ table, row })
  }
  return found.length === 0 ? null : scene.random.pick(found)
}

const damage = (kind: string, { name }: CrossedTable, words: readonly string[], harmless = false) => ({
  kind,
  what: `${name}: ${words.join(' ')}`,
  missed: (report: Report) => missedFinding(report, name, words, harmless),
})

const constraints = (types: string): string =>
  `select con.conname as name, con.contype as type, pg_get_constraintdef(con.oid) as definition, con.convalidated::text as valid
     from pg_constraint con where con.conrelid = $1 and con.contype in (${types}) order by con.conname`

/** A CHECK without a name in the source has one that the server chose: then the report tells it by its expression. */
const wordsOf = ({ name, type }: Row): string[] => (type === 'c' ? ['check'] : [name!])

const dropConstraint: Mutation = async (scene) => {
  const picked = await pick(scene, constraints("'p', 'u', 'f', 'c'"))
  if (!picked) return null
  const { table, row } = picked
  return (await done(scene, `alter table ${table.sql} drop constraint ${quoted(row['name']!)} cascade`))
    ? damage('a constraint dropped', table, [...wordsOf(row), 'gone'])
    : null
}

const invalidateConstraint: Mutation = async (scene) => {
  const picked = await pick(scene, constraints("'f', 'c'"))
  if (!picked || picked.row['valid'] !== 'true') return null
  const { table, row } = picked
  const name = quoted(row['name']!)
  return (await done(
    scene,
    'begin',
    `alter table ${table.sql} drop constraint ${name}`,
    `alter table ${table.sql} add constraint ${name} ${row['definition']} not valid`,
    'commit',
  ))
    ? damage('a constraint NOT VALID', table, [...wordsOf(row), 'not valid'])
    : null
}

const forgetActions: Mutation = async (scene) => {
  const picked = await pick(scene, constraints("'f'"))
  if (!picked) return null
  const { table, row } = picked
  const name = quoted(row['name']!)
  const changed = row['definition']!.includes('ON DELETE')
    ? row['definition']!.replace(/ ON DELETE \w+/, '')
    : row['definition']!.replace(/( DEFERRABLE.*)?$/, ' ON DELETE SET NULL$1')
  return (await done(
    scene,
    'begin',
    `alter table ${table.sql} drop constraint ${name}`,
    `alter table ${table.sql} add constraint ${name} ${changed}`,
    'commit',
  ))
    ? damage('a foreign key acts otherwise', table, [row['name']!])
    : null
}

const columnsWhere = (condition: string): string =>
  `select a.attname as name, format_type(a.atttypid, a.atttypmod) as type from pg_attribute a where a.attrelid = $1 and a.attnum > 0 and not a.attisdropped and ${condition} order by a.attnum`

const alterColumn =
  (kind: string, condition: string, change: (row: Row) => string): Mutation =>
  async (scene) => {
    const picked = await pick(scene, columnsWhere(condition))
    if (!picked) return null
    const { table, row } = picked
    return (await done(scene, `alter table ${table.sql} ${change(row)}`)) ? damage(kind, table, [row['name']!]) : null
  }

const notInKey = `not exists (select from pg_index i where i.indrelid = a.attrelid and i.indisprimary and a.attnum = any (i.indkey))`
const columnMutations: readonly Mutation[] = [
  alterColumn(
    'NOT NULL dropped',
    `a.attnotnull and a.attidentity = '' and ${notInKey}`,
    ({ name }) => `alter column ${quoted(name!)} drop not null`,
  ),
  alterColumn(
    'a default dropped',
    `a.atthasdef and a.attgenerated = ''`,
    ({ name }) => `alter column ${quoted(name!)} drop default`,
  ),
  alterColumn(
    'an identity dropped',
    `a.attidentity <> ''`,
    ({ name }) => `alter column ${quoted(name!)} drop identity`,
  ),
  alterColumn(
    'another type',
    `format_type(a.atttypid, null) in ('integer', 'text', 'character varying', 'smallint')`,
    ({ name, type }) =>
      `alter column ${quoted(name!)} type ${/int/.test(type!) ? 'bigint' : type === 'text' ? 'character varying' : 'text'}`,
  ),
  alterColumn(
    'a generated column made plain',
    `a.attgenerated = 's'`,
    ({ name }) => `alter column ${quoted(name!)} drop expression`,
  ),
  alterColumn(
    'a column dropped',
    `a.attgenerated = '' and ${notInKey}`,
    ({ name }) => `drop column ${quoted(name!)} cascade`,
  ),
  alterColumn(
    'a column renamed',
    `a.attgenerated = '' and ${notInKey}`,
    ({ name }) => `rename column ${quoted(name!)} to "called otherwise"`,
  ),
]

const addColumn: Mutation = async (scene) => {
  const table = scene.random.pick(scene.tables)
  return (await done(scene, `alter table ${table.sql} add column "came later" integer`))
    ? damage('a column added', table, ['came later'], true)
    : null
}

const indexes = `select c.relname as name, i.indisunique::text as unique, n.nspname as schema, i.indexrelid::text as oid,
    exists (select from pg_constraint con where con.conindid = i.indexrelid and con.conrelid = i.indrelid)::text as owned
  from pg_index i join pg_class c on c.oid = i.indexrelid join pg_namespace n on n.oid = c.relnamespace where i.indrelid = $1 order by 1`

const dropIndex: Mutation = async (scene) => {
  const picked = await pick(scene, indexes)
  if (!picked || picked.row['owned'] === 'true') return null
  const { table, row } = picked
  return (await done(scene, `drop index ${quoted(row['schema']!)}.${quoted(row['name']!)}`))
    ? damage('an index dropped', table, [row['name']!, 'gone'])
    : null
}

const invalidateIndex: Mutation = async (scene) => {
  const picked = await pick(scene, indexes)
  if (!picked) return null
  const { table, row } = picked
  return (await done(scene, `update pg_index set indisvalid = false where indexrelid = ${row['oid']}`))
    ? damage('an index invalid', table, [row['name']!, 'not valid'])
    : null
}

const sequenceBack: Mutation = async (scene) => {
  const picked = await pick(
    scene,
    `select a.attname as name, pg_get_serial_sequence($1::regclass::text, a.attname) as sequence from pg_attribute a
      where a.attrelid = $1 and a.attnum > 0 and not a.attisdropped and pg_get_serial_sequence($1::regclass::text, a.attname) is not null`,
  )
  if (!picked) return null
  const { table, row } = picked
  const { rows } = await scene.client.query(`select max(${quoted(row['name']!)})::text as used from ${table.sql}`)
  const used = Math.max(Number(rows[0].used ?? 0), Number(table.mark ?? 0))
  if (used < 1) return null
  return (await done(scene, `select setval('${row['sequence']}', ${1 + scene.random.below(used)}, false)`))
    ? damage('a sequence moved back', table, [row['name']!])
    : null
}

const triggers = `select tgname as name, tgenabled::text as enabled from pg_trigger where tgrelid = $1 and not tgisinternal order by 1`

const switchTrigger: Mutation = async (scene) => {
  const picked = await pick(scene, triggers)
  if (!picked) return null
  const { table, row } = picked
  return (await done(
    scene,
    `alter table ${table.sql} ${row['enabled'] === 'D' ? 'enable' : 'disable'} trigger ${quoted(row['name']!)}`,
  ))
    ? damage('a trigger switched', table, [row['name']!])
    : null
}

const dropTrigger: Mutation = async (scene) => {
  const picked = await pick(scene, triggers)
  if (!picked) return null
  const { table, row } = picked
  return (await done(scene, `drop trigger ${quoted(row['name']!)} on ${table.sql}`))
    ? damage('a trigger dropped', table, [row['name']!, 'gone'])
    : null
}

const addTrigger: Mutation = async (scene) => {
  const table = scene.random.pick(scene.tables)
  return (await done(
    scene,
    `create or replace function nothing_at_all() returns trigger language plpgsql as 'begin return null; end'`,
    `create trigger swallows after insert on ${table.sql} for each row execute function nothing_at_all()`,
  ))
    ? damage('a trigger added', table, ['swallows'], true)
    : null
}

const silence: Mutation = async (scene) => {
  const picked = await pick(scene, constraints("'f'"))
  if (!picked) return null
  const { table, row } = picked
  return (await done(scene, `alter table ${table.sql} disable trigger all`))
    ? damage('constraint triggers off', table, [row['name']!, 'switched off'])
    : null
}

const alterTable =
  (kind: string, change: string, words: readonly string[]): Mutation =>
  async (scene) => {
    const table = scene.random.pick(scene.tables.filter(({ partitioned }) => !partitioned))
    return table && (await done(scene, change.replaceAll('$', table.sql))) ? damage(kind, table, words) : null
  }

const dropView: Mutation = async (scene) => {
  const view = scene.plan.views[0]
  if (!view || !(await done(scene, `drop view ${quoted(view.target.name)}`))) return null
  return {
    kind: 'a view dropped',
    what: view.target.name,
    missed: (report) => missedFinding(report, view.target.name, ['view']),
  }
}

const changeView: Mutation = async (scene) => {
  const view = scene.plan.views[0]
  const { sql } = view ?? {}
  if (
    !view ||
    !sql?.includes('<>') ||
    !(await done(scene, `drop view ${quoted(view.target.name)}`, sql.replace('<>', '=')))
  )
    return null
  return {
    kind: 'a view made otherwise',
    what: view.target.name,
    missed: (report) => missedFinding(report, view.target.name, ['view']),
  }
}

const changeType: Mutation = async (scene) => {
  const picked = await pick(
    scene,
    `select distinct t.typname as name, t.typtype::text as kind from pg_attribute a join pg_type t on t.oid = a.atttypid
      where a.attrelid = $1 and t.typtype in ('e', 'd') and not a.attisdropped`,
  )
  if (!picked) return null
  const name = quoted(picked.row['name']!)
  const statement =
    picked.row['kind'] === 'd'
      ? `alter domain ${name} drop constraint small_check`
      : `alter type ${name} add value 'never seen'`
  return (await done(scene, statement))
    ? {
        kind: 'a type changed',
        what: statement,
        missed: (report) => missedFinding(report, picked.row['name']!, ['type']),
      }
    : null
}

export const objectMutations: readonly Mutation[] = [
  dropConstraint,
  dropConstraint,
  invalidateConstraint,
  forgetActions,
  ...columnMutations,
  addColumn,
  dropIndex,
  invalidateIndex,
  sequenceBack,
  sequenceBack,
  switchTrigger,
  dropTrigger,
  addTrigger,
  silence,
  alterTable('row security', 'alter table $ enable row level security', ['row']),
  alterTable('a rule', 'create rule eats as on insert to $ do instead nothing', ['eats']),
  alterTable('unlogged', 'alter table $ set unlogged', ['unlogged']),
  alterTable('a table dropped', 'drop table $ cascade', ['table']),
  dropView,
  changeView,
  changeType,
]
