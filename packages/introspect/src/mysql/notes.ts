import { sql } from 'kysely'
import type { CatalogNote } from '../catalog.ts'
import type { Reading } from './query.ts'
import type { TableRow } from './read.ts'

type Note = (note: CatalogNote) => void

const transactional = new Set(['INNODB', 'ROCKSDB', 'TOKUDB', 'NDBCLUSTER'])

export function noteEngine({ name, kind, engine, options }: TableRow, note: Note): void {
  if (kind === 'SYSTEM VERSIONED') {
    note({
      code: 'HISTORY_NOT_CARRIED',
      object: name,
      message: 'The table keeps former versions of its rows (WITH SYSTEM VERSIONING); only the present ones are read.',
    })
  }
  if (/\bpartitioned\b/i.test(options)) {
    note({
      code: 'PARTITIONS_NOT_CARRIED',
      object: name,
      message: 'The table is partitioned; all of its rows are read as those of one table.',
    })
  }
  if (engine !== null && !transactional.has(engine.toUpperCase())) {
    note({
      code: 'ENGINE_WITHOUT_SNAPSHOT',
      object: name,
      message: `${engine} keeps no snapshots: rows that are written while it is read may be seen or not. Stop the application meanwhile, or ALTER TABLE … ENGINE = InnoDB.`,
    })
  }
}

/** Sequences, routines and events: what a database holds beside tables, views and triggers. */
export async function noteRest(reading: Reading, tables: readonly TableRow[], note: Note): Promise<void> {
  for (const { name } of tables.filter(({ kind }) => kind === 'SEQUENCE'))
    note({
      code: 'SEQUENCE_NOT_CARRIED',
      object: name,
      message: 'A sequence of its own; columns that read it keep their values.',
    })
  const routines = await reading.query(sql<{ name: string; kind: string }>`
    select routine_name as name, lower(routine_type) as kind from information_schema.routines where routine_schema = ${reading.schema}
    union all
    select event_name, 'event' from information_schema.events where event_schema = ${reading.schema} order by 1`)
  for (const { name, kind } of routines)
    note({
      code: 'ROUTINE_NOT_CARRIED',
      object: name,
      message: `A ${kind} written in MySQL's language; it has to be written anew.`,
    })
}
