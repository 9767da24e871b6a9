import type { Report, TableReport } from '../src/report.ts'

export function table(given: Partial<TableReport> = {}): TableReport {
  return {
    source: 'users',
    target: 'users',
    mode: 'existing',
    read: 3,
    written: 3,
    rejected: 0,
    kept: 0,
    bytes: 90,
    loadMs: 12,
    verifyMs: 8,
    loadRowsPerSecond: 250,
    verifyRowsPerSecond: 375,
    renamed: [],
    changed: [],
    verdict: 'equal',
    method: 'lock-step',
    cells: 9,
    missing: 0,
    extra: 0,
    different: 0,
    mismatches: [],
    ...given,
  }
}

/** A crossing that went well; totals follow the tables. */
export function report(given: Partial<Report> = {}): Report {
  const tables = given.tables ?? [table()]
  const sum = (pick: 'read' | 'written' | 'rejected' | 'kept' | 'cells' | 'bytes'): number =>
    tables.reduce((total, each) => total + each[pick], 0)
  return {
    version: 1,
    tool: 'rowferry 0.0.0',
    runtime: 'Node.js 24.21.0, linux x64',
    line: null,
    command: 'migrate',
    outcome: 'done',
    exitCode: 0,
    source: { kind: 'sqlite', label: 'app.db', fingerprint: 'f' },
    target: { label: 'postgres://app@db:5432/app', version: '18.4', fingerprint: 't', compression: null },
    startedAt: '2026-01-02T03:04:05.000Z',
    ms: 1234,
    phases: [{ name: 'data', ms: 12, rows: 3, rowsPerSecond: 250 }],
    tables,
    totals: {
      read: sum('read'),
      written: sum('written'),
      rejected: sum('rejected'),
      kept: sum('kept'),
      cells: sum('cells'),
      bytes: sum('bytes'),
    },
    skipped: [],
    sequences: [],
    foreignKeys: null,
    quarantine: null,
    resumed: null,
    findings: [],
    views: [],
    notCarried: [],
    error: null,
    proof: null,
    differences: null,
    xid: null,
    ...given,
  }
}

export function finding(given: Partial<Report['findings'][number]> = {}): Report['findings'][number] {
  return {
    code: 'UNKNOWN_LABEL',
    severity: 'refuse',
    table: 'users',
    column: 'role',
    targetType: 'user_role',
    count: 3,
    keys: ['id=4', 'id=9'],
    storageClasses: ['text'],
    examples: ['"INDIVIDUAL" (3×)'],
    verdict: 'impossible',
    message: 'users.role: 3 values cannot become user_role',
    remedy: "--map 'users.role:INDIVIDUAL=STUDENT'",
    ...given,
  }
}
