import type { PgliteAddress, PostgresAddress } from '@rowferry/connect'
import { planOptionsSchema } from '@rowferry/plan'
import type { SourceAdapter } from '@rowferry/source'
import { z } from 'zod'
import type { EventListener } from './events.ts'

/** All options of a crossing, with their defaults: parse what came from a command line, a file or a request with it. */
export const crossingOptionsSchema = planOptionsSchema.extend({
  /** `full`: every cell is read back and compared before COMMIT. `counts`: rows are counted. `none`: trust. */
  verify: z.enum(['full', 'counts', 'none']).default('full'),
  /** Rows per read, never a commit; null lets the adapter choose 64–256 KiB. */
  batchSize: z.number().int().min(1).max(100_000).nullable().default(null),
  /** Folder for rows that were set aside, as NDJSON; needed with `onBadRow: quarantine`. */
  quarantineDir: z.string().nullable().default(null),
  /** Rows that `truncate` is about to destroy are kept before: by the program pg_dump in a file, or by copies in a schema of the target. */
  backup: z.enum(['none', 'pg_dump', 'schema']).default('none'),
  /** Folder for the file of `backup: pg_dump`; null for the one that the program runs in. */
  backupDir: z.string().nullable().default(null),
  /** `copy`: a file is copied before it is read, so that who writes to it is kept waiting no longer than that. `file`: as the adapter sees fit. */
  snapshot: z.enum(['file', 'copy']).default('file'),
  /** How long to wait for a lock on the target's tables. */
  lockTimeoutMs: z.number().int().min(1).default(10_000),
  /** Silence of the connection to the target while the server is not at work, after which it counts as lost; 0 waits for ever. */
  stallTimeoutMs: z.number().int().min(0).default(60_000),
  /** With `resumable`: rows of a table in one commit, at most; one holds no more than 4 MiB in any case. */
  commitEvery: z.number().int().min(1).max(100_000_000).default(100_000),
  /** With `resumable`: connections that load at once, each holding up to 4 MiB of rows in this process. */
  jobs: z.number().int().min(1).max(64).default(1),
  /** With `resumable`: leave the ledger in the target when all is done, so that `undo` can still take it back. */
  keepLedger: z.boolean().default(false),
})

export type CrossingOptions = z.output<typeof crossingOptionsSchema>
export type CrossingOptionsInput = z.input<typeof crossingOptionsSchema>

/** A source to open: its adapter and what that adapter needs. */
export interface SourceRef<Options = unknown> {
  readonly adapter: SourceAdapter<Options>
  readonly options: Options
  /** How a person named it; shown when it cannot even be opened. Never with a secret. */
  readonly label: string
}

export type TargetAddress = PostgresAddress | PgliteAddress

export interface CrossingInput {
  readonly source: SourceRef
  readonly target: TargetAddress
  readonly options: CrossingOptionsInput
  readonly onEvent?: EventListener
  /** Aborting rolls back and ends with the outcome `interrupted`. */
  readonly signal?: AbortSignal
}
