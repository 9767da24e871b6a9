/** An identifier as SQLite reads it, whatever it holds. */
export function quoteName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}

/** A column of the table that every statement here calls `t`. Qualified: SQLite would take a lone unknown "name" for a string. */
export function columnOf(name: string, alias = 't'): string {
  return `${alias}.${quoteName(name)}`
}
