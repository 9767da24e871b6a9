import type { SourceRow, SourceValue } from '@rowferry/introspect'
import type { SeedTable } from '@rowferry/source-conformance'
import { quoteName } from '../src/quote.ts'

export const declaredTypes = { integer: 'bigint(20)', real: 'double', text: 'longtext', bytes: 'longblob' } as const

/** MySQL's words for the neutral table. What a key is made of needs a bounded length. */
export function createTable(table: SeedTable, mariadb: boolean): string {
  const keyed = new Set([...table.primaryKey, ...table.foreignKeys.flatMap(({ columns }) => columns)])
  const list = (columns: readonly string[]): string => columns.map(quoteName).join(', ')
  const parts = table.columns.map(({ name, kind, nullable }) => {
    const bounded = keyed.has(name) && kind === 'text' ? 'varchar(190)' : declaredTypesOf(mariadb)[kind]
    return `${quoteName(name)} ${bounded}${nullable ? '' : ' NOT NULL'}`
  })
  if (table.primaryKey.length > 0) parts.push(`PRIMARY KEY (${list(table.primaryKey)})`)
  for (const key of table.foreignKeys)
    parts.push(`FOREIGN KEY (${list(key.columns)}) REFERENCES ${quoteName(key.parent)} (${list(key.parentColumns)})`)
  return `CREATE TABLE ${quoteName(table.name)} (${parts.join(', ')})`
}

/** MySQL 8 has given up the width of integers. */
export function declaredTypesOf(mariadb: boolean): Record<keyof typeof declaredTypes, string> {
  return mariadb ? declaredTypes : { ...declaredTypes, integer: 'bigint' }
}

export function insertInto(table: string, rows: readonly SourceRow[]): string {
  return `INSERT INTO ${quoteName(table)} VALUES ${rows.map((row) => `(${row.map(literal).join(', ')})`).join(', ')}`
}

function literal(value: SourceValue): string {
  if (value === null) return 'NULL'
  if (typeof value === 'string') return `_utf8mb4 X'${Buffer.from(value).toString('hex')}'`
  if (value instanceof Uint8Array) return `X'${Buffer.from(value).toString('hex')}'`
  if (typeof value === 'bigint') return String(value)
  if (typeof value === 'number')
    return Number.isSafeInteger(value) || /e/.test(String(value)) ? String(value) : `${value}e0`
  throw new TypeError('MySQL takes no text that is invalid')
}
