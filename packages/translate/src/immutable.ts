/** Of what is said here only two forms follow the session's settings, which PostgreSQL allows in no index and no generated column: to_char(), and text read as a moment. */
export function isImmutable(sql: string): boolean {
  const bare = sql.replaceAll(/'(?:[^']|'')*'|"(?:[^"]|"")*"/g, "''")
  return !/\bto_char\(|::text::timestamp/.test(bare)
}
