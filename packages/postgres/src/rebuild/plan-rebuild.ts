import type { TableName } from '@rowferry/introspect'
import { renderComment } from '../ddl/render-comment.ts'
import { quoteIdentifier, quoteTable } from '../quote.ts'
import type { Session } from '../session.ts'
import { readIndexFacts, type ConstraintFacts, type IndexFacts } from './read-indexes.ts'
import { inTablespace, type Drop, type Kept, type Rebuild } from './rebuild.ts'

export interface RebuildOptions {
  /** Only plain secondary indexes: every unique one and every constraint stays and judges rows as they load. Default true. */
  readonly secondaryOnly?: boolean
}

/**
 * Decides, index by index, what a load into these tables may take away: only what can come back exactly, and what nothing else depends on.
 * With `secondaryOnly: false` that includes primary keys, unique and exclusion constraints, whose violations then show when they come back, one at a time;
 * foreign keys that rest on them must have been dropped before (`dropForeignKeys`), or they keep their index. Reads only; inside the crossing's transaction.
 */
export async function planRebuild(
  session: Session,
  tables: readonly TableName[],
  options: RebuildOptions = {},
): Promise<Rebuild> {
  const drops: Drop[] = []
  const kept: Kept[] = []
  for (const index of await readIndexFacts(session, tables)) {
    const table = { schema: index.schema, name: index.table }
    const object = index.constraint ? `constraint ${index.constraint.name}` : `index ${index.name}`
    const why = reasonToKeep(index, options.secondaryOnly ?? true)
    if (why === null)
      drops.push({ table, object, ...(index.constraint ? constraintDrop(index, index.constraint) : indexDrop(index)) })
    else kept.push({ table, object, why })
  }
  return { drops, kept }
}

function reasonToKeep(index: IndexFacts, secondaryOnly: boolean): string | null {
  const { constraint } = index
  if (secondaryOnly && constraint) return 'it stands behind a constraint'
  if (secondaryOnly && index.unique) return 'it is unique, and rows are held to it as they load'
  if (!index.owned) return 'its table belongs to another role'
  if (!index.mayCreate) return `this role may not create anything in schema ${index.schema}`
  if (!index.mayUseTablespace) return `this role may not create anything in tablespace ${index.tablespace}`
  if (index.partition || index.partitioned || constraint?.inherited) return 'it is part of a partitioned index'
  if (!index.valid) return 'it is not valid, and would come back valid'
  if (index.published && index.identifies)
    return 'the table is published, and without it updates and deletes would fail'
  if (index.dependents.length > 0) return `${index.dependents.join(', ')} depends on it`
  if (index.extensions.length > 0) return `it is tied to the extension ${index.extensions.join(', ')}`
  if (index.unstable.length > 0)
    return `${index.unstable.join(', ')} is no longer immutable, so it could not be made again`
  if (constraint?.altered) return 'the trigger behind it was switched by hand'
  if (constraint && constraint.name !== index.name) return 'its index has another name'
  return null
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
    ...(index.identifies === 'by index'
      ? [`${table} REPLICA IDENTITY USING INDEX ${quoteIdentifier(index.name)}`]
      : []),
  ]
}
