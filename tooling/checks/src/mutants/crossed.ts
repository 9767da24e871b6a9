import type { Plan, Report } from './ends.ts'
import type pg from 'pg'
import type { Random } from './random.ts'

/** A column of a crossed table, as the server describes it. */
export interface CrossedColumn {
  readonly name: string
  /** The type's name, of a domain that of its base. */
  readonly type: string
  /** As it is written, with its modifier. */
  readonly declared: string
  readonly nullable: boolean
  readonly generated: boolean
  readonly identity: boolean
  readonly hasDefault: boolean
  readonly labels: readonly string[]
}

export interface CrossedTable {
  /** As SQL takes it. */
  readonly sql: string
  /** As a report names it. */
  readonly name: string
  readonly oid: number
  readonly columns: readonly CrossedColumn[]
  /** The source's key: its own name and the target's, empty without one. */
  readonly key: readonly { readonly source: string; readonly target: string }[]
  /** Rows that were there before, as a condition; they are nobody's loss. */
  readonly own: string
  readonly othersAllowed: boolean
  readonly mode: 'existing' | 'create'
  readonly partitioned: boolean
  /** Values up to this were handed out by the source. */
  readonly mark: string | null
}

/** A damage that was done, and what a report must say for it to count as found. */
export interface Damage {
  readonly kind: string
  readonly what: string
  /** Why the report does not tell it; null when it does. */
  missed(report: Report): string | null
}

export interface Scene {
  readonly client: pg.Client
  readonly plan: Plan
  readonly tables: readonly CrossedTable[]
  readonly random: Random
}

/** Does one damage; null when there is nothing here to damage in that way, or the server refused it. */
export type Mutation = (scene: Scene) => Promise<Damage | null>

export const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`

/** The crossed tables as they are now, by the server's own catalog. */
export async function crossedTables(client: pg.Client, plan: Plan): Promise<CrossedTable[]> {
  const tables: CrossedTable[] = []
  for (const table of plan.tables) {
    const sql = `${quoted(table.target.schema)}.${quoted(table.target.name)}`
    const { rows } = await client.query(
      `select a.attname as name, format_type(a.atttypid, a.atttypmod) as declared, coalesce(b.typname, t.typname) as type, not a.attnotnull as nullable, a.attgenerated <> '' as generated,
              a.attidentity <> '' as identity, a.atthasdef and a.attgenerated = '' as "hasDefault", a.attrelid::int as oid,
              array(select enumlabel::text from pg_enum e where e.enumtypid = t.oid order by enumsortorder) as labels
         from pg_attribute a join pg_type t on t.oid = a.atttypid left join pg_type b on b.oid = t.typbasetype
        where a.attrelid = $1::regclass and a.attnum > 0 and not a.attisdropped order by a.attnum`,
      [sql],
    )
    const ours = (column: string): string => table.casts.find((cast) => cast.column === column)?.target ?? column
    tables.push({
      sql,
      name: /^[\p{L}_][\p{L}\p{N}_$ -]*$/u.test(table.target.name)
        ? table.target.name
        : JSON.stringify(table.target.name),
      oid: rows[0]?.oid ?? 0,
      columns: rows as CrossedColumn[],
      key: table.key.map((source) => ({ source, target: ours(source) })),
      own: table.onExisting === 'append' ? (table.target.name === 'a' ? 'id > 100' : "v <> 'before'") : 'true',
      othersAllowed: table.onExisting === 'append',
      mode: table.mode,
      partitioned: table.partitioned,
      mark: table.sequences[0]?.highWaterMark ?? null,
    })
  }
  return tables
}
