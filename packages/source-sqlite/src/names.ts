import type { Catalog } from '@rowferry/introspect'
import { SourceError } from '@rowferry/source'
import type { Handle } from './handle.ts'

/**
 * SQLite takes any bytes for a name, but names are asked for as text. What is no text is refused by name: nothing could be read of it.
 * @throws SourceError `SOURCE_NAME_NOT_TEXT`
 */
export function refuseNamesOfBytes(db: Handle, { tables }: Catalog, label: string): void {
  const doubtful = (name: string): boolean => name.includes('\u{FFFD}')
  const inTables = db.prepare("SELECT name, hex(CAST(name AS BLOB)) FROM main.sqlite_schema WHERE type = 'table'").raw()
  for (const [name, hex] of inTables.all() as [string, string][])
    if (doubtful(name) && !isText(hex)) throw refusal(label, `table ${JSON.stringify(name)}`, hex)
  const inColumns = db.prepare('SELECT name, hex(CAST(name AS BLOB)) FROM pragma_table_xinfo(?)').raw()
  for (const { name, columns } of tables) {
    if (!columns.some((column) => doubtful(column.name))) continue
    for (const [column, hex] of inColumns.all(name.name) as [string, string][])
      if (!isText(hex))
        throw refusal(label, `column ${JSON.stringify(column)} of table ${JSON.stringify(name.name)}`, hex)
  }
}

function isText(hex: string): boolean {
  const bytes = Buffer.from(hex, 'hex')
  return bytes.equals(Buffer.from(bytes.toString()))
}

function refusal(label: string, what: string, hex: string): SourceError {
  return new SourceError(
    'SOURCE_NAME_NOT_TEXT',
    `${label}: the name of ${what} is no text (its bytes are ${hex.toLowerCase()})`,
    {
      remedy:
        'Give it a name in a copy of the file, with ALTER TABLE … RENAME and the old name written in those bytes.',
    },
  )
}
