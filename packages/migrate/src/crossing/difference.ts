import type { TableVerdict } from '@rowferry/verify'

const kinds = { missing: 'only in SQLite', extra: 'only in PostgreSQL', different: 'different' } as const

/** `id=3, total: 5 in SQLite, 6 in PostgreSQL (different)` */
export function describeDifference(of: TableVerdict['mismatches'][number]): string {
  const where = of.column === null ? of.key : `${of.key}, ${of.column}`
  const values =
    of.source === null && of.target === null
      ? ''
      : `: ${of.source ?? 'NULL'} in SQLite, ${of.target ?? 'NULL'} in PostgreSQL`
  return `${where}${values} (${kinds[of.kind]})`
}
