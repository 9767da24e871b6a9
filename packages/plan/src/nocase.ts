import type { Column, PgType, Table } from '@rowferry/introspect'
import { sameTable } from '@rowferry/introspect'
import type { Finding } from './finding.ts'
import { finding } from './finding.ts'
import type { TableMatch } from './match.ts'
import { tableId } from './names.ts'
import type { PlanOptions } from './options.ts'

/** Which columns of created tables shall compare without case by themselves, and how. */
export interface CaseBlind {
  /** `citext`: by their type. `icu`: by the collation `nocase` of the target schema. */
  readonly by: 'citext' | 'icu'
  has(table: Table, column: string): boolean
}

export const isNocase = ({ collation }: Column): boolean => collation?.toUpperCase() === 'NOCASE'

/** Text of which the whole value is compared: what citext and a collation can speak of. */
export function isPlainText(type: PgType): boolean {
  return type.schema === 'pg_catalog' && (type.name === 'text' || type.name === 'varchar')
}

/**
 * Columns under NOCASE that became text, and those that reference them: SQLite compares a reference by its parent's collation
 * (https://www.sqlite.org/foreignkeys.html, section 3). One that is a key of its own under another collation stays as it is, for it would become stricter.
 * Null under `--nocase fold`, where columns keep PostgreSQL's own comparison and indexes fold.
 */
export function caseBlind(
  matches: readonly TableMatch[],
  typeOf: (match: TableMatch, column: string) => PgType | undefined,
  nocase: PlanOptions['nocase'],
): CaseBlind | null {
  if (nocase === 'fold') return null
  const created = matches.filter((match) => match.target === null)
  const found = new Map<string, Set<string>>()
  const has = (table: Table, column: string) => found.get(tableId(table.name))?.has(column) ?? false
  const add = (match: TableMatch, column: string): boolean => {
    const type = typeOf(match, column)
    if (has(match.source, column) || type === undefined || !isPlainText(type)) return false
    const id = tableId(match.source.name)
    found.set(id, (found.get(id) ?? new Set()).add(column))
    return true
  }
  for (const match of created) for (const { source } of match.columns) if (isNocase(source)) add(match, source.name)
  for (let grew = true; grew;) {
    grew = false
    for (const match of created)
      for (const [column, parent, referenced] of references(match, created))
        if (has(parent, referenced) && !isKeyOfItsOwn(match.source, column) && add(match, column)) grew = true
  }
  return { by: nocase, has }
}

function references(
  match: TableMatch,
  created: readonly TableMatch[],
): [column: string, parent: Table, referenced: string][] {
  return match.source.foreignKeys.flatMap((key) => {
    const parent = created.find((other) => sameTable(other.source.name, key.references))?.source
    return key.columns.flatMap((column, at): [string, Table, string][] => {
      const referenced = key.referencedColumns?.[at]
      return parent === undefined || referenced === undefined ? [] : [[column, parent, referenced]]
    })
  })
}

function isKeyOfItsOwn(table: Table, column: string): boolean {
  return table.indexes.some((index) => index.unique && index.columns.some((each) => each.column === column))
}

/** What changes for an application when a column was compared without case. */
export function nocaseNote(table: Table, column: Column, blind: CaseBlind | null): Finding {
  const name = `${table.name.name}.${column.name}`
  const [says, remedy] =
    blind === null
      ? [
          'its keys and its indexes under NOCASE stay so here, by lower(… COLLATE "C"), but = and LIKE heed case',
          `in queries write lower(${column.name} COLLATE "C") = lower($1 COLLATE "C"), and ILIKE for LIKE; or --nocase citext, or --nocase icu`,
        ]
      : blind.by === 'citext'
        ? ['it becomes citext, which by the rules of the database also holds É and é equal, as SQLite does not', null]
        : [
            'it gets the collation nocase (ICU, und-u-ks-level2), which also holds É and é equal, as SQLite does not; before PostgreSQL 18 LIKE does not work on it',
            `in queries write ${column.name} COLLATE "C" LIKE …`,
          ]
  return finding({
    code: 'NOCASE_COLUMN',
    severity: 'note',
    table: table.name.name,
    column: column.name,
    message: `${name} is compared without the case of ASCII letters in SQLite: ${says}`,
    remedy,
  })
}
