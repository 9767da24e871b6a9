import type { Column, Table, TableName } from '@rowferry/introspect'
import type { PlanOptions } from './options.ts'

const MAX_BYTES = 63
const SYSTEM_COLUMNS = new Set(['ctid', 'xmin', 'xmax', 'cmin', 'cmax', 'tableoid'])

/** The identity of a table in a Map. */
export function tableId(name: TableName): string {
  return JSON.stringify([name.schema, name.name])
}

/** Camel humps, blanks and signs become single underscores: `OrderDetails` and `Order Details` are `order_details`, `HTTPLog` is `http_log`. */
export function snakeCase(name: string): string {
  return name
    .replace(/(\p{Ll}|\p{N})(\p{Lu})/gu, '$1_$2')
    .replace(/(\p{Lu})(\p{Lu}\p{Ll})/gu, '$1_$2')
    .replace(/[^\p{L}\p{N}]+/gu, '_')
    .toLowerCase()
}

function recase(name: string, style: PlanOptions['case']): string {
  if (style === 'snake') return snakeCase(name)
  return style === 'lower' ? name.toLowerCase() : name
}

/** The name a source table shall have in the target: `rename` first, then `case`. */
export function targetTableName(table: Table, options: PlanOptions): TableName {
  const renamed = options.rename.find((rule) => rule.from === table.name.name)
  return { schema: options.schema, name: renamed?.to ?? recase(table.name.name, options.case) }
}

export function targetColumnName(table: Table, column: Column, options: PlanOptions): string {
  const full = `${table.name.name}.${column.name}`
  return options.rename.find((rule) => rule.from === full)?.to ?? recase(column.name, options.case)
}

/** Two names that differ only in case and punctuation. */
export function nearName(a: string, b: string): boolean {
  const plain = (name: string) => name.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '')
  return plain(a) !== '' && plain(a) === plain(b)
}

/** Why PostgreSQL would not keep this name, or null. https://www.postgresql.org/docs/current/sql-syntax-lexical.html#SQL-SYNTAX-IDENTIFIERS */
export function nameTrouble(name: string, kind: 'table' | 'column'): { code: string; message: string } | null {
  if (name === '') return { code: 'NAME_EMPTY', message: `PostgreSQL has no ${kind}s with an empty name` }
  if (name.includes('\0')) return { code: 'NAME_HAS_NUL', message: 'PostgreSQL names cannot hold a NUL character' }
  const bytes = Buffer.byteLength(name)
  if (bytes > MAX_BYTES)
    return {
      code: 'NAME_TOO_LONG',
      message: `the ${kind} name ${JSON.stringify(name)} has ${bytes} bytes, and PostgreSQL would cut it to ${MAX_BYTES}`,
    }
  if (kind === 'column' && SYSTEM_COLUMNS.has(name))
    return { code: 'NAME_RESERVED', message: `${name} is one of PostgreSQL's own system columns` }
  return null
}

/** Gives out names of at most 63 bytes, each once: a taken or overlong name gets a number. */
export function nameAllocator(taken: Iterable<string>): (wanted: string) => string {
  const used = new Set(taken)
  const cut = (text: string, bytes: number) => {
    let out = text
    while (Buffer.byteLength(out) > bytes) out = [...out].slice(0, -1).join('')
    return out
  }
  return (wanted) => {
    let name = cut(wanted, MAX_BYTES)
    for (let n = 1; used.has(name); n++) name = cut(wanted, MAX_BYTES - String(n).length - 1) + '_' + n
    used.add(name)
    return name
  }
}
