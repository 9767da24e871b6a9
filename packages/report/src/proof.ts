import { z } from 'zod'
import { parseKept } from './parse-kept.ts'

/** Where `proofJsonSchema` is published; proof files name it, for editors. */
const PROOF_SCHEMA_URL = 'https://raw.githubusercontent.com/rowferry/rowferry/main/docs/schema/proof-v1.json'

const sha256 = z.string().regex(/^[0-9a-f]{64}$/)

const proofTable = z.object({
  /** The source's table. */
  source: z.string(),
  schema: z.string(),
  name: z.string(),
  /** The statement whose output was digested. */
  query: z.string(),
  columns: z.array(z.string()),
  /** Columns by which the rows are ordered; empty: by the digests of the rows. */
  key: z.array(z.string()),
  /** Rows of the source; `rows` = `sourceRows` − `rejected`, but for tables that held others before. */
  sourceRows: z.number().int(),
  rejected: z.number().int(),
  rows: z.number().int(),
  /** Of the chunks' digests, one after the other, as bytes. */
  sha256,
  /** `last`: the key of the last row as COPY prints it, its columns between tabs; without a key, the digest of that row (null in older proofs). */
  chunks: z.array(z.object({ rows: z.number().int(), sha256, last: z.string().nullable() })),
})

/**
 * What a target held when it was proven equal to its source: digests of what PostgreSQL prints of each table, which `docs/proof.md` says to the byte.
 * Of the data it holds only the keys at which chunks end. Version 1; fields are added, never renamed, within a version.
 */
const proofSchema = z.object({
  $schema: z.string().exactOptional(),
  version: z.literal(1),
  tool: z.string(),
  /** What proved it: the crossing itself, or a later comparison. */
  command: z.enum(['migrate', 'verify']),
  madeAt: z.string(),
  source: z.object({ kind: z.string(), label: z.string(), fingerprint: z.string().nullable() }),
  target: z.object({ label: z.string(), version: z.string().nullable() }),
  /** What a session must be set to for the statements to print the same. */
  settings: z.record(z.string(), z.string()),
  /** Rows a chunk, the last of a table aside. */
  chunkRows: z.number().int(),
  tables: z.array(proofTable),
  /** Of the tables' digests, one after the other, as bytes. */
  sha256,
  /** The tables' schema, object by object. */
  structure: z.record(z.string(), z.string()),
})

export type Proof = z.output<typeof proofSchema>

/** A proof file that cannot be used: `PROOF_UNREADABLE` (no JSON, or another shape) or `PROOF_VERSION`. */
export class ProofError extends Error {
  readonly code: 'PROOF_UNREADABLE' | 'PROOF_VERSION'
  readonly remedy = 'make one with: rowferry verify <source> <target> --proof proof.json'
  constructor(code: ProofError['code'], message: string) {
    super(message)
    this.name = 'ProofError'
    this.code = code
  }
}

/** Reads what `renderProof` wrote. Throws `ProofError`. */
export function parseProof(text: string): Proof {
  return parseKept(text, proofSchema, 'the proof', (fault, message) => new ProofError(`PROOF_${fault}`, message))
}

export function renderProof(proof: Proof): string {
  return JSON.stringify({ $schema: PROOF_SCHEMA_URL, ...proof }, null, 2)
}

/** JSON Schema (2020-12) of a proof file. */
export function proofJsonSchema(): z.core.JSONSchema.JSONSchema {
  return z.toJSONSchema(proofSchema, { io: 'input' })
}
