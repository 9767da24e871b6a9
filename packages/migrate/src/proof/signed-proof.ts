import type { Proof, Report } from '@rowferry/report'
import type { ProofTables } from './make-proof.ts'

/** The digests with when, by what and between which databases they were made. */
export function signedProof(report: Report, tables: ProofTables): Proof {
  return {
    version: 1,
    tool: report.tool,
    command: report.command === 'verify' ? 'verify' : 'migrate',
    madeAt: new Date().toISOString(),
    source: report.source,
    target: report.target ?? { label: '', version: null },
    ...tables,
  }
}
