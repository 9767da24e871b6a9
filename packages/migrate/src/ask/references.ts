import type { Cast } from '@rowferry/coerce'
import { inputType } from '@rowferry/coerce'
import { sameTable } from '@rowferry/introspect'
import type { ForeignKeyPlan, Plan, TablePlan } from '@rowferry/plan'
import type { RowReference, RowRules, Session } from '@rowferry/postgres'
import { antiJoin, quoteIdentifier, quoteTable } from '@rowferry/postgres'
import type { Question } from '@rowferry/write'

/** A foreign key whose parents only the target's own comparison, or the target's own rows, can tell. */
export interface AskedReference {
  readonly id: string
  readonly key: RowReference
  readonly child: TablePlan
  /** Null when the parent is no table of the plan: then its rows are all in the target. */
  readonly parent: TablePlan | null
  /** Rows that meet no row that is in the target now; null where none of those stays. */
  readonly absent: Question | null
  /** The same for child and parent when they meet. */
  readonly childHash: Question | null
  readonly parentHash: Question | null
}

/** The references of one table that `inSource` does not answer, as questions. */
export async function askedReferences(
  session: Session,
  plan: Plan,
  child: TablePlan,
  rules: RowRules,
  inSource: (key: ForeignKeyPlan) => boolean,
): Promise<AskedReference[]> {
  const planned = plan.foreignKeys.filter((key) => sameTable(key.table, child.target))
  const outside = rules.references.filter(
    ({ references }) => !plan.tables.some(({ target }) => sameTable(target, references)),
  )
  const keys: RowReference[] = [
    ...planned
      .filter((key) => !inSource(key))
      .map(({ name, columns, references, referencedColumns, match }) => ({
        name: name ?? `foreign key (${columns.join(', ')})`,
        columns,
        references,
        referencedColumns,
        match,
        period: rules.references.some((each) => each.name === name && each.period),
      })),
    ...outside.filter((key) => !planned.some(({ name }) => name === key.name)),
  ]
  const asked: AskedReference[] = []
  for (const [at, key] of keys.entries()) {
    const carried = key.columns.every((name) => child.casts.some(({ target }) => target === name))
    const parent = plan.tables.find(({ target }) => sameTable(target, key.references)) ?? null
    if (!carried || key.columns.length === 0 || (key.period && parent)) continue
    const id = `reference ${at} ${key.name}`
    const keeps =
      parent === null || parent.onExisting === 'append' || parent.onExisting === 'skip' || parent.onExisting === 'merge'
    const hashes = parent ? hashPair(id, key, child, parent) : null
    if (parent && !hashes) continue
    asked.push({
      id,
      key,
      child,
      parent,
      absent: keeps ? await absentFromTarget(session, id, key, child) : null,
      childHash: hashes?.[0] ?? null,
      parentHash: hashes?.[1] ?? null,
    })
  }
  return asked
}

async function absentFromTarget(session: Session, id: string, key: RowReference, child: TablePlan): Promise<Question> {
  const { where } = await antiJoin(session, { ...key, table: child.target })
  return {
    kind: 'flag',
    id,
    sql: where,
    columns: key.columns,
    code: 'ORPHANS',
    reason: '',
    subject: `foreign key ${key.name}`,
  }
}

const INTEGERS = new Set(['int2', 'int4', 'int8'])
const TEXTS = new Set(['text', 'varchar'])

/** Null where the two types have no hash in common. */
function hashPair(id: string, key: RowReference, child: TablePlan, parent: TablePlan): [Question, Question] | null {
  const types = key.columns.map((name, at) => {
    const mine = child.casts.find(({ target }) => target === name)
    const theirs = parent.casts.find(({ target }) => target === key.referencedColumns[at])
    return mine && theirs ? commonType(mine, theirs) : null
  })
  if (types.includes(null)) return null
  const question = (side: string, columns: readonly string[]): Question => {
    const parts = columns.map((name, at) => `CAST(child.${quoteIdentifier(name)} AS ${types[at]})`)
    return {
      kind: 'hash',
      id: `${id} ${side}`,
      sql: `CASE WHEN ${parts.map((part) => `${part} IS NOT NULL`).join(' AND ')} THEN pg_catalog.hash_record_extended(ROW(${parts.join(', ')}), 0) END`,
      columns,
      code: 'ORPHANS',
      reason: '',
      subject: `foreign key ${key.name}`,
    }
  }
  return [question('child', key.columns), question('parent', key.referencedColumns)]
}

function commonType(a: Cast, b: Cast): string | null {
  const [mine, theirs] = [inputType(a.type), inputType(b.type)]
  const both = (set: ReadonlySet<string>) =>
    [mine, theirs].every(({ schema, name }) => schema === 'pg_catalog' && set.has(name))
  if (both(INTEGERS)) return 'pg_catalog.int8'
  if (both(TEXTS)) return 'pg_catalog.text'
  return mine.schema === theirs.schema && mine.name === theirs.name ? quoteTable(mine) : null
}
