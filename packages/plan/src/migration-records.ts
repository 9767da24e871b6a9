import type { Table } from '@rowferry/introspect'
import { sameTable } from '@rowferry/introspect'
import type { Finding } from './finding.ts'
import { finding } from './finding.ts'
import type { Matching, TableMatch } from './match.ts'
import { listWords } from './option-words.ts'
import type { PlanInput } from './assemble.ts'
import type { PlanOptions } from './options.ts'

interface RecordKind {
  readonly tool: string
  readonly name: string
  /** Columns that the table must have, as plain letters. */
  readonly columns: readonly string[]
  /** Where the tool keeps PostgreSQL's, when that is not beside the application's tables. */
  readonly elsewhere?: string
}

const kind = (tool: string, name: string, columns: string, elsewhere?: string): RecordKind => ({
  tool,
  name,
  columns: columns.split(' '),
  ...(elsewhere === undefined ? {} : { elsewhere }),
})

/** Tables in which tools keep which migrations made a schema, by the names and columns that the tools give them. */
const kinds: readonly RecordKind[] = [
  kind('Alembic', 'alembic_version', 'versionnum'),
  kind('Django', 'django_migrations', 'id app name applied'),
  kind('Prisma', '_prisma_migrations', 'id checksum finishedat migrationname logs rolledbackat startedat'),
  kind('Rails and others', 'schema_migrations', 'version'),
  kind('Rails', 'ar_internal_metadata', 'key value createdat updatedat'),
  kind('Entity Framework', '__efmigrationshistory', 'migrationid productversion'),
  kind('Entity Framework', '__efmigrationslock', 'id timestamp'),
  kind('Sequelize', 'sequelizemeta', 'name'),
  kind('Sequelize', 'sequelizedata', 'name'),
  kind('Knex', 'knex_migrations', 'id name batch migrationtime'),
  kind('Knex', 'knex_migrations_lock', 'index islocked'),
  kind('AdonisJS', 'adonis_schema', 'id name batch migrationtime'),
  kind('AdonisJS', 'adonis_schema_versions', 'version'),
  kind('TypeORM', 'migrations', 'id timestamp name'),
  kind('TypeORM', 'typeorm_metadata', 'type database schema table name value'),
  kind('Laravel', 'migrations', 'id migration batch'),
  kind('MikroORM', 'mikro_orm_migrations', 'id name executedat'),
  kind('Drizzle', '__drizzle_migrations', 'id hash createdat', "Drizzle keeps PostgreSQL's in the schema drizzle"),
  kind('Kysely', 'kysely_migration', 'name timestamp'),
  kind('Kysely', 'kysely_migration_lock', 'id islocked'),
  kind('Flyway', 'flyway_schema_history', 'installedrank version description type script checksum success'),
  kind('Liquibase', 'databasechangelog', 'id author filename dateexecuted orderexecuted exectype md5sum'),
  kind('Liquibase', 'databasechangeloglock', 'id locked lockgranted lockedby'),
  kind('goose', 'goose_db_version', 'id versionid isapplied tstamp'),
  kind('sql-migrate', 'gorp_migrations', 'id appliedat'),
  kind('sqlx', '_sqlx_migrations', 'version description installedon success checksum executiontime'),
  kind('SeaORM', 'seaql_migrations', 'version appliedat'),
  kind('Diesel', '__diesel_schema_migrations', 'version runon'),
  kind('Refinery', 'refinery_schema_history', 'version name appliedon checksum'),
  kind('Phinx', 'phinxlog', 'version migrationname starttime endtime breakpoint'),
  kind('Doctrine', 'doctrine_migration_versions', 'version executedat executiontime'),
  kind('Aerich', 'aerich', 'id version app content'),
  kind('peewee-migrate', 'migratehistory', 'id name migratedat'),
]

/** Which tool's record of migrations this is, by its name and its columns together; null for a table of the application's own. */
function recordKind(table: Table): RecordKind | null {
  const columns = new Set(table.columns.map(({ name }) => name.toLowerCase().replaceAll('_', '')))
  const name = table.name.name.toLowerCase()
  return kinds.find((each) => each.name === name && each.columns.every((column) => columns.has(column))) ?? null
}

/** Of source tables that the target lacks: those that are a tool's record of its migrations, and the application's own. */
export function missingRecords(missing: readonly Table[]): { records: Table[]; tables: Table[] } {
  const records = missing.filter((table) => recordKind(table) !== null)
  return { records, tables: missing.filter((table) => !records.includes(table)) }
}

/**
 * What becomes of records of migrations. Two that are both filled tell two histories, and the application goes on by the target's: no rule
 * for rows mends that, so that such a pair is taken out of `matching` and refused with the words that leave the source's behind. Where the target
 * holds no record of its own, the source's is carried like any table, and that is said.
 */
export function settleRecords(input: Pick<PlanInput, 'matching' | 'occupied' | 'options'>): {
  readonly matching: Matching
  readonly findings: Finding[]
} {
  const { matching, occupied, options } = input
  const known = matching.matches.filter(({ source, target }) => recordKind(source) && (!target || recordKind(target)))
  const met = known.filter(({ target }) => target && occupied.some((name) => sameTable(name, target.name)))
  const out = new Set([...met.map(({ source }) => source), ...matching.missingRecords].map(({ name }) => name.name))
  const remedy = excludeWords(options, [...out])
  return {
    matching: {
      ...matching,
      matches: matching.matches.filter((match) => !met.includes(match)),
      homeless: matching.homeless.filter(({ table }) => !out.has(table.name.name)),
      findings: matching.findings.filter(({ table }) => table === null || !out.has(table)),
    },
    findings: [
      ...met.map(({ source }) =>
        refused(
          source,
          remedy,
          "the target has its own, and the application goes on by that one; only into an empty one is the source's carried",
        ),
      ),
      ...matching.missingRecords.map((source) =>
        refused(
          source,
          remedy,
          `the target has none ${recordKind(source)?.elsewhere ? `there: ${recordKind(source)!.elsewhere}` : 'under that name'}`,
        ),
      ),
      ...known.filter((match) => !met.includes(match)).map((match) => carried(match, options)),
    ],
  }
}

/** Also what is left out already, since lists of the command line replace those of the configuration. */
export function excludeWords(options: PlanOptions, names: readonly string[]): string {
  return listWords('--exclude-tables', [...new Set([...options.excludeTables, ...names])])
}

function refused(source: Table, remedy: string, why: string): Finding {
  return finding({
    code: 'MIGRATION_RECORD',
    severity: 'refuse',
    verdict: 'safe',
    table: source.name.name,
    message: `${source.name.name} is the record that ${recordKind(source)!.tool} keeps of the migrations of the source's tables; ${why}`,
    remedy,
  })
}

function carried({ source, target }: TableMatch, options: PlanOptions): Finding {
  const own = target ? "the target's, which is empty," : 'a table of the target'
  return finding({
    code: 'MIGRATION_RECORD',
    severity: 'note',
    table: source.name.name,
    message: `${source.name.name} is the record that ${recordKind(source)!.tool} keeps of the migrations of the source's tables; it goes into ${own} like any other`,
    remedy: `to leave it behind: ${excludeWords(options, [source.name.name])}`,
  })
}
