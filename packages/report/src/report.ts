import { z } from 'zod'

const finding = z.object({
  code: z.string(),
  severity: z.enum(['refuse', 'lossy', 'warning', 'note']),
  table: z.string().nullable(),
  column: z.string().nullable(),
  targetType: z.string().nullable(),
  count: z.number().int().nullable(),
  keys: z.array(z.string()),
  storageClasses: z.array(z.string()),
  examples: z.array(z.string()),
  /** `safe`: nothing is lost. `lossy`: values would arrive changed, or something is left behind. `impossible`: cannot arrive. Null where no value is concerned. */
  verdict: z.enum(['safe', 'lossy', 'impossible']).nullable(),
  message: z.string(),
  remedy: z.string().nullable(),
})

const mismatch = z.object({
  kind: z.enum(['missing', 'extra', 'different']),
  key: z.string(),
  column: z.string().nullable(),
  source: z.string().nullable(),
  target: z.string().nullable(),
})

const tableReport = z.object({
  source: z.string(),
  target: z.string(),
  mode: z.enum(['existing', 'create']),
  read: z.number().int(),
  written: z.number().int(),
  /** Rows set aside: `read = written + rejected + kept`. */
  rejected: z.number().int(),
  /** Rows whose key was there already and stayed as it was (`--on-existing skip`). */
  kept: z.number().int(),
  bytes: z.number().int(),
  loadMs: z.number(),
  verifyMs: z.number(),
  /** Null where nothing was timed, or in less than a millisecond. */
  loadRowsPerSecond: z.number().int().nullable(),
  verifyRowsPerSecond: z.number().int().nullable(),
  /** Columns that have another name in the target. */
  renamed: z.array(z.object({ column: z.string(), target: z.string() })).default([]),
  /** Cells changed because a rule said so. */
  changed: z.array(
    z.object({
      column: z.string(),
      /** The option that says so, without its dashes; `lossy` is `--allow-lossy`. */
      rule: z.enum([
        'replace-invalid',
        'decode-jsonb',
        'decode-text',
        'strip-nul',
        'trim',
        'empty-as-null',
        'zero-date-as-null',
        'json-unwrap',
        'map',
        'epoch',
        'timezone',
        'lossy',
        'fill',
      ]),
      from: z.string().nullable(),
      count: z.number().int(),
    }),
  ),
  verdict: z.enum(['equal', 'counted', 'different', 'not verified']),
  method: z.string().nullable(),
  cells: z.number().int(),
  /** Rows that are not in the target, only in the target, or differ; all of them, however many are listed. */
  missing: z.number().int().default(0),
  extra: z.number().int().default(0),
  different: z.number().int().default(0),
  /** The first of them. */
  mismatches: z.array(mismatch),
})

/** The whole account of a run. Version 1; fields are added, never renamed, within a version. Never holds a secret. */
export const reportSchema = z.object({
  version: z.literal(1),
  tool: z.string(),
  /** What the tool ran on: `Node.js 24.21.0, linux x64`. */
  runtime: z.string().nullable().default(null),
  /** What was typed, without secrets, as it could be typed again; null for a run that nobody typed. */
  line: z.string().nullable().default(null),
  command: z.enum(['plan', 'migrate', 'verify']),
  /**
   * `done`: committed and everything proven. `rehearsed`: the same, rolled back on purpose. `planned`: nothing was to be written.
   * `refused`: findings, target untouched. `failed`: a fault, target untouched. `partial`: committed, rows set aside or tables skipped.
   * `unknown`: COMMIT's answer was lost. `different`: verification found a difference. `interrupted`: stopped by the user, target untouched.
   * `stopped`: a load in parts that ended before its end, whatever the reason; what is committed stays, and the same command goes on.
   */
  outcome: z.enum([
    'done',
    'rehearsed',
    'planned',
    'refused',
    'failed',
    'partial',
    'unknown',
    'different',
    'interrupted',
    'stopped',
  ]),
  exitCode: z.number().int(),
  source: z.object({ kind: z.string(), label: z.string(), fingerprint: z.string().nullable() }),
  /** `fingerprint`: of the schema that the plan was made for. */
  target: z
    .object({
      label: z.string(),
      version: z.string().nullable(),
      fingerprint: z.string().nullable().default(null),
      /** What long values were compressed with (`lz4`, `pglz`); null where the server has no choice, or nobody asked it. */
      compression: z.string().nullable().default(null),
    })
    .nullable(),
  startedAt: z.string(),
  ms: z.number(),
  /** One after the other, from the opening of both databases to the end. `rows`: of all tables, null in steps that go through none. */
  phases: z.array(
    z.object({
      name: z.string(),
      ms: z.number(),
      rows: z.number().int().nullable(),
      rowsPerSecond: z.number().int().nullable(),
    }),
  ),
  tables: z.array(tableReport),
  totals: z.object({
    read: z.number().int(),
    written: z.number().int(),
    rejected: z.number().int(),
    kept: z.number().int(),
    cells: z.number().int(),
    bytes: z.number().int(),
  }),
  /** Tables of the source that were not carried, with why. */
  skipped: z.array(z.object({ table: z.string(), rows: z.number().int().nullable(), why: z.string() })),
  sequences: z.array(
    z.object({
      sequence: z.string(),
      table: z.string(),
      column: z.string(),
      /** Null when the sequence has none left. */ nextValue: z.string().nullable(),
    }),
  ),
  /** Foreign keys of which every row was found to meet its parent, by anti-join; null when nobody looked. */
  foreignKeys: z.number().int().nullable().default(null),
  /** The file that keeps digests of what was proven, and the digest of them all; null when none was asked for, or nothing was proven. */
  proof: z.object({ file: z.string(), sha256: z.string() }).nullable().default(null),
  /** The file that lists every row that differs, a line each; null when none was asked for. */
  differences: z.object({ file: z.string(), rows: z.number().int() }).nullable().default(null),
  /** Where rows that were set aside are kept; null when none were to be. */
  quarantine: z.string().nullable().default(null),
  /** Of a load that was committed in parts; null for every other. */
  resumed: z
    .object({
      began: z.string(),
      /** How often it was begun or gone on with. */
      attempts: z.number().int(),
      /** Rows that earlier attempts had committed. */
      rowsBefore: z.number().int(),
      /** Is the account of it still in the target? */
      ledger: z.enum(['kept', 'dropped']),
    })
    .nullable()
    .default(null),
  findings: z.array(finding),
  /** Views that were made. `rows`: how many there are, the same on both sides; null where they were not compared, and `why`. */
  views: z
    .array(
      z.object({
        source: z.string(),
        target: z.string(),
        rows: z.number().int().nullable(),
        why: z.string().nullable(),
      }),
    )
    .default([]),
  /** Things of the source's schema that the target does not have, as text. */
  notCarried: z.array(
    z.object({ object: z.string(), definition: z.string(), why: z.string(), suggestion: z.string().nullable() }),
  ),
  error: z
    .object({ code: z.string(), message: z.string(), table: z.string().nullable(), remedy: z.string().nullable() })
    .nullable(),
  /** The transaction's id when the COMMIT's answer was lost. */
  xid: z.string().nullable(),
})

export type Report = z.infer<typeof reportSchema>
export type TableReport = z.infer<typeof tableReport>
