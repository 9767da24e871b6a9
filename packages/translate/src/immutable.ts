/** Of what is said here only these are not immutable to PostgreSQL, which allows others in no index and no generated column: to_char() and text read as a moment, which follow the session's settings, and convert_to(). */
export function isImmutable(sql: string): boolean {
  const bare = sql.replaceAll(/'(?:[^']|'')*'|"(?:[^"]|"")*"/g, "''")
  return !/\b(?:to_char|convert_to)\(|::text::timestamp/.test(bare)
}
