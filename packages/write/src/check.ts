import { createCopyBuffer } from '@rowferry/coerce'
import type { SourceRow } from '@rowferry/introspect'
import type { Finding } from '@rowferry/plan'
import type { Changed } from './changed.ts'
import { changedBy, filledIn, wrappedBy } from './changed.ts'
import { collectFindings } from './findings.ts'
import type { RowRequest } from './reading.ts'
import { encoderOf, keyOf, readingOf, readRows, rowName } from './reading.ts'
import { rewind } from './write-table.ts'

const RESET_AT = 64 * 1024

export interface CheckRequest extends RowRequest {
  /** Every batch as it was read, with the number of its first row, from 1. */
  readonly onRows?: (batch: readonly SourceRow[], first: number) => Promise<void>
}

export interface TableCheck {
  readonly rows: number
  /** Rows with at least one misfit. */
  readonly misfitRows: number
  readonly findings: Finding[]
  /** Of the rows that fit. */
  readonly changed: Changed[]
}

/**
 * The same reading and encoding as a load, without a sink: every misfit of every row, nothing sent anywhere.
 * @throws WriteError `INTERRUPTED`; whatever the source throws.
 */
export async function checkTable(request: CheckRequest): Promise<TableCheck> {
  const reading = readingOf(request.table)
  const encoder = encoderOf(request.table)
  const collector = collectFindings(request.table)
  const buffer = createCopyBuffer(2 * RESET_AT)
  let rows = 0
  let misfitRows = 0
  for await (const batch of readRows(request, reading)) {
    await request.onRows?.(batch, rows + 1)
    for (const row of batch) {
      rows++
      if (encoder.encode(row, buffer) === -1) {
        if (buffer.position > RESET_AT) rewind(buffer)
        continue
      }
      misfitRows++
      const name = rowName(keyOf(reading, row, rows))
      for (const misfit of encoder.explain(row)) collector.misfit(misfit, name)
    }
  }
  const changed = [...changedBy(encoder), ...filledIn(request.table, rows - misfitRows)]
  return { rows, misfitRows, findings: collector.findings(changed, wrappedBy(encoder)), changed }
}
