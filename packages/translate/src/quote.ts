/** https://www.postgresql.org/docs/current/sql-syntax-lexical.html: right whatever `standard_conforming_strings` says. */
export function quoteText(text: string): string {
  const quoted = `'${text.replaceAll("'", "''")}'`
  return text.includes('\\') ? `E${quoted.replaceAll('\\', '\\\\')}` : quoted
}

export function quoteName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}

export function quoteBytes(hex: string): string {
  return `decode('${hex}', 'hex')`
}

/** The shortest decimal that is this double, as PostgreSQL's own output is. */
export function formatReal(value: number): string {
  return Object.is(value, -0) ? '0' : String(value)
}
