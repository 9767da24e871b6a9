import type { TableName } from '@rowferry/introspect'
import { renderComment } from '../ddl/render-comment.ts'
import { quoteIdentifier, quoteTable } from '../quote.ts'
import type { Session } from '../session.ts'
import { readIndexFacts, type ConstraintFacts, type Dependent, type IndexFacts } from './read-indexes.ts'
import { readLookingChecks } from './looking-checks.ts'
import { foreignKeyObject, inTablespace, type Drop, type Kept, type Rebuild } from './rebuild.ts'

export interface RebuildOptions {
  /** Only plain secondary indexes: every unique one and every constraint stays and judges rows as they load. Default true. */
  readonly secondaryOnly?: boolean
  /** With `secondaryOnly`: why those stay, as the end of a sentence. Default: `rows are held to it as they load`. */
  readonly because?: string
  /** What is taken away before, of `planForeignKeyRebuild`, and keeps nothing in its place any more. Default nothing. */
  readonly without?: Pick<Rebuild, 'drops'>
  /** All tables that are loaded; where a CHECK of theirs may look rows up while they load, keys stay. Default the tables themselves. */
  readonly loaded?: readonly TableName[]
}

/**
 * Decides, index by index, what a load into these tables may take away: only what can come back exactly, and what nothing else depends on.
 * With `secondaryOnly: false` that includes primary keys, unique and exclusion constraints, whose violations then show when they come back, one at a time;
 * foreign keys that rest on them must have been dropped before (`dropForeignKeys`), or they keep their index. Until they are back rows may only be inserted:
 * of a published table PostgreSQL refuses to update or delete rows without its replica identity. Reads only; inside the crossing's transaction.
 */
export async function planRebuild(
  session: Session,
  tables: readonly TableName[],
  options: RebuildOptions = {},
): Promise<Rebuild> {
  const drops: Drop[] = []
  const kept: Kept[] = []
  const { secondaryOnly = true, because = 'rows are held to it as they load', without, loaded = tables } = options
  const looking = secondaryOnly ? [] : await readLookingChecks(session, loaded)
  for (const index of await readIndexFacts(session, tables)) {
    const table = { schema: index.schema, name: index.table }
    const object = index.constraint ? `constraint ${index.constraint.name}` : `index ${index.name}`
    const isKey = index.constraint !== null || index.unique
    const why =
      (isKey ? reasonToKeepKey(index, secondaryOnly ? because : null, looking) : null) ?? reasonToKeep(index, without)
    if (why === null)
      drops.push({ table, object, ...(index.constraint ? constraintDrop(index, index.constraint) : indexDrop(index)) })
    else kept.push({ table, object, why })
  }
  return { drops, kept }
}

function reasonToKeepKey(index: IndexFacts, because: string | null, looking: readonly string[]): string | null {
  if (because !== null) return because
  if (looking.length > 0) return `${looking.join(', ')} runs for each row, and may look rows up by it`
  if (index.inheritedFrom) return 'other tables inherit from its table'
  if (index.twin) return 'another unique index has the same columns, and a foreign key could come to rest on that one'
  return null
}

function reasonToKeep(index: IndexFacts, without: Pick<Rebuild, 'drops'> | undefined): string | null {
  const { constraint } = index
  if (!index.owned) return 'its table belongs to another role'
  if (!index.mayCreate) return `this role may not create anything in schema ${index.schema}`
  if (!index.mayUseTablespace) return `this role may not create anything in tablespace ${index.tablespace}`
  if (index.partition || index.partitioned || constraint?.inherited) return 'it is part of a partitioned index'
  if (!index.valid) return 'it is not valid, and would come back valid'
  const dependents = index.dependents.filter((each) => !goesBefore(each, without)).map(({ described }) => described)
  if (dependents.length > 0) return `${dependents.join(', ')} ${dependents.length === 1 ? 'depends' : 'depend'} on it`
  if (index.extensions.length > 0) return `it is tied to the extension ${index.extensions.join(', ')}`
  if (index.unstable.length > 0)
    return `${index.unstable.join(', ')} is no longer immutable, so it could not be made again`
  if (constraint?.altered) return 'the trigger behind it was switched by hand'
  if (constraint && constraint.name !== index.name) return 'its index has another name'
  return null
}

function goesBefore({ foreignKey }: Dependent, without: Pick<Rebuild, 'drops'> | undefined): boolean {
  return (
    foreignKey !== null &&
    (without?.drops ?? []).some(
      ({ table, object }) =>
        table.schema === foreignKey.schema &&
        table.name === foreignKey.table &&
        object === foreignKeyObject(foreignKey.name),
    )
  )
}

function indexDrop(index: IndexFacts): Pick<Drop, 'statement' | 'restores'> {
  return {
    statement: `DROP INDEX ${quoteTable(index)}`,
    restores: [...create(index, index.definition), ...marks(index)],
  }
}

/** ADD CONSTRAINT … USING INDEX keeps what the definition of a constraint does not say (fillfactor); it takes btree indexes only. */
function constraintDrop(index: IndexFacts, constraint: ConstraintFacts): Pick<Drop, 'statement' | 'restores'> {
  const table = `ALTER TABLE ONLY ${quoteTable({ schema: index.schema, name: index.table })}`
  const name = quoteIdentifier(constraint.name)
  const kind = constraint.type === 'p' ? 'PRIMARY KEY' : 'UNIQUE'
  const deferral = constraint.deferrable
    ? ` DEFERRABLE INITIALLY ${constraint.deferred ? 'DEFERRED' : 'IMMEDIATE'}`
    : ''
  const whole = constraint.type === 'x' || constraint.period
  return {
    statement: `${table} DROP CONSTRAINT ${name}`,
    restores: [
      ...(whole
        ? create(index, `${table} ADD CONSTRAINT ${name} ${constraint.definition}`)
        : [
            ...create(index, index.definition),
            `${table} ADD CONSTRAINT ${name} ${kind} USING INDEX ${quoteIdentifier(index.name)}${deferral}`,
          ]),
      ...renderComment(
        `CONSTRAINT ${name} ON ${quoteTable({ schema: index.schema, name: index.table })}`,
        constraint.comment,
      ),
      ...marks(index),
    ],
  }
}

function create(index: IndexFacts, statement: string): string[] {
  return index.tablespace === null ? [statement] : [inTablespace(index.tablespace), statement, inTablespace(null)]
}

/** What lives beside the definition and goes with the index. */
function marks(index: IndexFacts): string[] {
  const table = `ALTER TABLE ONLY ${quoteTable({ schema: index.schema, name: index.table })}`
  return [
    ...renderComment(`INDEX ${quoteTable(index)}`, index.comment),
    ...index.statistics.map(
      ({ position, target }) => `ALTER INDEX ${quoteTable(index)} ALTER COLUMN ${position} SET STATISTICS ${target}`,
    ),
    ...(index.clustered ? [`${table} CLUSTER ON ${quoteIdentifier(index.name)}`] : []),
    ...(index.identifies ? [`${table} REPLICA IDENTITY USING INDEX ${quoteIdentifier(index.name)}`] : []),
  ]
}
