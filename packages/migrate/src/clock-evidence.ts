import type { Catalog, Table } from '@rowferry/introspect'
import { formatTableName } from '@rowferry/introspect'
import type { Finding } from '@rowferry/plan'

/** Frameworks that write times of their own accord in UTC, known by the table in which they keep their migrations. */
const frameworks: readonly (readonly [table: string, why: string])[] = [
  ['ar_internal_metadata', 'Rails keeps times in UTC'],
  ['django_migrations', 'Django keeps times in UTC where USE_TZ is on'],
  ['_prisma_migrations', 'Prisma keeps times in UTC'],
]

/**
 * Whose clock zone-less times were is for the user to say. UTC is offered where the source's own schema speaks for it, and the evidence is told;
 * anywhere else the question stays open.
 */
export function withClockEvidence(findings: readonly Finding[], source: Catalog): Finding[] {
  return findings.map((found) => {
    if (found.code === 'DURATION_UNIT_NEEDED') return withUnitEvidence(found, source)
    if (found.code !== 'TIMEZONE_NEEDED') return found
    const table = source.tables.find(({ name }) => formatTableName(name) === found.table)
    const why = table ? evidence(table, found.column, source) : null
    if (why === null)
      return { ...found, remedy: 'name the zone whose clock it was: --timezone UTC, or Europe/Paris and the like' }
    return { ...found, message: `${found.message}. They look like UTC: ${why}`, remedy: '--timezone UTC' }
  })
}

/** What a duration counts is for the user to say as well, but where the framework is known that has one way of storing it. */
function withUnitEvidence(found: Finding, source: Catalog): Finding {
  const isDjango = source.tables.some(({ name }) => name.name === 'django_migrations')
  const isWhole = found.storageClasses.every((each) => each === 'integer')
  if (!isDjango || !isWhole || found.remedy === null) return found
  return {
    ...found,
    message: `${found.message}. They look like microseconds: Django stores a DurationField so`,
    remedy: found.remedy.replace(/<[^>]*>/, 'us'),
  }
}

function evidence(table: Table, column: string | null, source: Catalog): string | null {
  const own = table.columns.find(({ name }) => name === column)
  if (own && isUtcClock(own.default))
    return `the column's default is ${own.default}, which SQLite takes from the UTC clock`
  const other = table.columns.find((each) => isUtcClock(each.default))
  if (other)
    return `${other.name} of the same table has the default ${other.default}, which SQLite takes from the UTC clock`
  return frameworks.find(([name]) => source.tables.some((each) => each.name.name === name))?.[1] ?? null
}

/** https://www.sqlite.org/lang_datefunc.html: all are UTC unless `localtime` is asked for. */
function isUtcClock(expression: string | null): boolean {
  if (expression === null || /localtime/i.test(expression)) return false
  return /^\W*current_timestamp\W*$|\b(?:datetime|strftime)\s*\(.*'now'/is.test(expression)
}
