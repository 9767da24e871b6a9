/** One SELECT of (subject, kind, name, value): a line for each row of `from`, with those properties that are not null as `property=value`. */
export function facts(kind: string, name: string, properties: Readonly<Record<string, string>>, from: string): string {
  const told = Object.entries(properties).map(([property, expression]) => `'${property}=' || (${expression})::text`)
  return `select t.table_name, '${kind}', (${name})::text, concat_ws(' ', ${told.join(', ')}) from target t ${from}`
}

/** The catalogs differ between versions; by way of jsonb a column that is not there is null instead of an error. */
export function optional(row: string, column: string): string {
  return `to_jsonb(${row}) ->> '${column}'`
}

/** `attoptions` in order, without the stamp that some minor releases (15.20) keep there for each column and pg_dump leaves out too. */
export function attributeOptions(row: string): string {
  return `(select array_agg(o.option order by o.option) from unnest(${row}.attoptions) as o(option) where o.option not like 'pg\\_attver=%')`
}

/** −1 up to PostgreSQL 16, null from 17 on: the default. */
export function statisticsTarget(row: string, column: string): string {
  return `nullif(${optional(row, column)}, '-1')`
}
