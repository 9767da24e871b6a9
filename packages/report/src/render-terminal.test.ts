import { stripVTControlCharacters } from 'node:util'
import fc from 'fast-check'
import stringWidth from 'string-width'
import { expect, test } from 'vitest'
import { finding, report, table } from '../test/reports.ts'
import type { Report } from './report.ts'
import { renderTerminal } from './render-terminal.ts'

const plain = (given: Report, width = 100): string => renderTerminal(given, { color: false, width })

test('a crossing that went well', () => {
  const given = report({
    tables: [
      table({
        source: 'countries',
        target: 'countries',
        mode: 'create',
        read: 12_340,
        written: 12_340,
        cells: 24_680,
        loadMs: 1500,
        verifyMs: 700,
      }),
      table({ changed: [{ column: 'role', rule: 'map', from: 'INDIVIDUAL', count: 3 }] }),
    ],
    sequences: [{ sequence: 'users_id_seq', table: 'users', column: 'id', nextValue: '4' }],
    phases: [
      { name: 'data', ms: 1512, rows: 12_343, rowsPerSecond: 8163 },
      { name: 'verify', ms: 708, rows: 12_343, rowsPerSecond: 17_434 },
      { name: 'commit', ms: 0, rows: null, rowsPerSecond: null },
    ],
  })
  expect(plain(given)).toBe(`\
✔ Done. 2 tables, 12,343 rows: everything arrived, all 24,689 cells read back and equal, committed.
  app.db → postgres://app@db:5432/app (PostgreSQL 18.4) · 1.2 s

table              read  written  rejected  verified       time
───────────────────────────────────────────────────────────────
countries (new)  12,340   12,340         0  equal         2.2 s
users                 3        3         0  equal         20 ms
───────────────────────────────────────────────────────────────
2 tables         12,343   12,343         0  24,689 cells  2.2 s
12,343 read = 12,343 written + 0 rejected

Changed because a rule said so
  · users.role: 3 cells by --map ("INDIVIDUAL")

New rows continue at
  · users.id: 4

data 1.5 s (8,163 rows/s) · verify 708 ms (17,434 rows/s) · commit 0 ms

Next: point the application at PostgreSQL. To compare again at any time, with the same options:
  rowferry verify app.db postgres://app@db:5432/app`)
})

test('a refusal lists what to settle before anything else, with the line that settles it', () => {
  const given = report({
    outcome: 'refused',
    exitCode: 1,
    tables: [table({ written: 0, rejected: 3, verdict: 'not verified', cells: 0, verifyMs: 0 })],
    findings: [
      finding({ severity: 'warning', code: 'VIEW_KEPT', verdict: 'lossy', message: 'a view', remedy: null, keys: [] }),
      finding(),
    ],
    phases: [],
  })
  expect(plain(given)).toBe(`\
✖ Refused. 1 point has to be settled first. Nothing was written; the target is as it was.
  app.db → postgres://app@db:5432/app (PostgreSQL 18.4) · 1.2 s

To settle first
  1. users.role: 3 values cannot become user_role [UNKNOWN_LABEL, impossible]
     rows: id=4, id=9, … (3 in all)
     → --map 'users.role:INDIVIDUAL=STUDENT'

table    rows  do not fit   time
────────────────────────────────
users       3           3  12 ms
────────────────────────────────
1 table     3           3  12 ms

Warnings
  · a view [VIEW_KEPT, lossy]

Next: settle the points above in the source or with the options shown, then run it again.`)
})

test('a difference is told by key, column and both values', () => {
  const mismatches: Report['tables'][number]['mismatches'] = [
    { kind: 'different', key: 'id=2', column: 'name', source: '"a"', target: null },
    { kind: 'missing', key: 'id=3', column: null, source: '("b")', target: null },
    { kind: 'extra', key: 'id=9', column: null, source: null, target: '("c")' },
  ]
  const text = plain(
    report({
      command: 'verify',
      outcome: 'different',
      exitCode: 4,
      tables: [table({ written: 2, verdict: 'different', mismatches })],
    }),
  )
  expect(text).toContain('✖ Different. Source and target do not hold the same.')
  expect(text).toContain('id=2, name: "a" in the source, NULL in the target')
  expect(text).toContain('id=3: not in the target')
  expect(text).toContain('id=9: only in the target')
  expect(text).toMatch(/^table +source +target +verified/m)
})

test('books that do not balance are told', () => {
  expect(plain(report({ tables: [table({ written: 2 })] }))).toContain(
    'The books do not balance (users): 3 read ≠ 2 written + 0 rejected',
  )
  expect(plain(report({ tables: [table({ written: 1, rejected: 1, kept: 1 })] }))).toContain(
    '3 read = 1 written + 1 rejected + 1 kept',
  )
})

test.each<[Report['outcome'], Partial<Report>, string]>([
  ['rehearsed', {}, 'was rolled back'],
  ['planned', { command: 'plan' }, 'every value fits'],
  ['partial', { tables: [table({ written: 2, rejected: 1 })] }, '1 row was set aside'],
  ['partial', { skipped: [{ table: 'logs', rows: 4, why: 'not in the target' }] }, '1 table with rows was left out'],
  [
    'unknown',
    {
      xid: '77',
      error: { code: 'COMMIT_UNKNOWN', message: 'lost', table: null, remedy: "SELECT pg_xact_status('77')" },
    },
    "pg_xact_status('77')",
  ],
  ['interrupted', { tables: [] }, 'Nothing was written'],
  [
    'failed',
    { tables: [], error: { code: 'TARGET_LOST', message: 'the server went away', table: null, remedy: null } },
    'the server went away [TARGET_LOST]',
  ],
  ['different', {}, 'everything was rolled back'],
  ['done', { tables: [table({ verdict: 'counted' })] }, 'rows counted on both sides'],
  ['done', { tables: [table({ verdict: 'not verified' })] }, 'not verified, as asked'],
])('%s %#', (outcome, given, words) => {
  expect(plain(report({ ...given, outcome }), 200)).toContain(words)
})

test('more findings than asked for are counted', () => {
  const findings = [1, 2, 3].map((n) => finding({ message: `point ${n}` }))
  const text = renderTerminal(report({ outcome: 'refused', findings }), { color: false, width: 100, findings: 2 })
  expect(text).toContain('… and 1 more')
  expect(text).not.toContain('point 3')
})

test('many of one kind are told together, what settles them all in one line, and the line to go on with', () => {
  const one = (n: number) =>
    finding({
      code: 'NOT_A_DATE',
      table: `t${n}`,
      column: 'at',
      verdict: null,
      count: 2,
      keys: [],
      message: `t${n}.at holds numbers`,
      remedy: `--epoch 't${n}.at=ms', or --case snake`,
    })
  const findings = [...Array.from({ length: 11 }, (_, n) => one(n)), finding({ remedy: '--case snake', keys: [] })]
  const text = renderTerminal(
    report({ outcome: 'refused', findings, tables: [], phases: [], line: 'rowferry plan app.db' }),
    {
      color: false,
      width: 100,
    },
  )
  expect(text).toBe(`\
✖ Refused. 12 points have to be settled first. Nothing was written; the target is as it was.
  app.db → postgres://app@db:5432/app (PostgreSQL 18.4) · 1.2 s

To settle first
  1–11. 11 of one kind, in 11 tables, 22 in all [NOT_A_DATE]
        · t0.at holds numbers
        · t1.at holds numbers
        · t2.at holds numbers
        · t3.at holds numbers
        · t4.at holds numbers
        · t5.at holds numbers
        · t6.at holds numbers
        · t7.at holds numbers
        … and 3 more: t8.at, t9.at, t10.at
        → --case snake
  12. users.role: 3 values cannot become user_role [UNKNOWN_LABEL, impossible]
      → --case snake

Next: this settles everything above, and loses nothing:
  rowferry plan app.db --case snake`)
  const [first] = findings
  const other = { ...first!, remedy: null }
  expect(renderTerminal(report({ outcome: 'refused', findings: [...findings, other] }), { color: false, width: 100 }))
    .toContain(`this settles 12 points of 13, and loses nothing:
  rowferry migrate app.db postgres://app@db:5432/app --case snake
  To choose: point 12.`)
})

test.each([
  [
    'planned',
    'plan',
    "plan app.db pg --map 'a.b:x=it'\\''s' --out 'my plan.json' --trim a.b",
    "migrate app.db pg --map 'a.b:x=it'\\''s' --trim a.b",
  ],
  ['done', 'migrate', 'migrate app.db pg --report=r.json --epoch a.b=s', 'verify app.db pg --epoch a.b=s'],
  [
    'done',
    'migrate',
    "migrate app.db pg --plan p.json --proof q.json --report r.html --report 'my r.json'",
    "verify app.db pg --plan p.json --crossing 'my r.json'",
  ],
  ['done', 'migrate', 'migrate app.db pg --resumable --jobs 4 --trim a.b', 'verify app.db pg --trim a.b'],
  ['stopped', 'migrate', 'migrate app.db pg --resumable --jobs=4', 'migrate app.db pg --resumable --jobs=4'],
] as const)('%s: the next command has the same options', (outcome, command, typed, expected) => {
  const text = plain(report({ outcome, command, findings: [], line: `rowferry ${typed}` }), 100)
  expect(text.split('\n').at(-1)).toBe(`  rowferry ${expected}`)
})

test('columns under another name are told on a bounded number of lines', () => {
  const renamed = Array.from({ length: 10 }, (_, n) => ({ column: `c${n}`, target: `d${n}` }))
  const tables = Array.from({ length: 12 }, (_, n) =>
    table({ source: `t${n}`, renamed: n === 0 ? renamed : renamed.slice(0, 1) }),
  )
  const text = plain(report({ tables }), 120)
  expect(text).toContain('· t0: c0 → d0, c1 → d1, c2 → d2, c3 → d3, c4 → d4, c5 → d5, c6 → d6, c7 → d7 and 2 more')
  expect(text).toContain('· t9: c0 → d0\n  · 2 more tables')
  expect(plain(report(), 120)).not.toContain('another name')
})

test('colour changes nothing but colour', () => {
  const given = report({ findings: [finding({ severity: 'note' })] })
  const colored = renderTerminal(given, { color: true, width: 80 })
  expect(colored).toContain('\u001B[')
  expect(stripVTControlCharacters(colored)).toBe(plain(given, 80))
})

const hostile = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc.constantFrom(
    '\u001B[2J\u001B]0;owned\u0007',
    'a\r\nb',
    '\u202Egnp.exe',
    '\0',
    '\uD800',
    '名前がとても長い表',
    'x'.repeat(300),
  ),
)

const reports = fc
  .record({ name: hostile, value: hostile, message: hostile, count: fc.nat() })
  .map(({ name, value, message, count }) =>
    report({
      outcome: 'partial',
      source: { kind: 'sqlite', label: name, fingerprint: null },
      tables: [
        table({
          source: name,
          target: value,
          read: count,
          renamed: [{ column: value, target: name }],
          changed: [{ column: value, rule: 'map', from: value, count }],
          mismatches: [{ kind: 'different', key: value, column: name, source: value, target: message }],
        }),
      ],
      findings: (['refuse', 'lossy', 'warning', 'note'] as const).map((severity) =>
        finding({ severity, message, examples: [value, value, value, name], keys: [value], remedy: value }),
      ),
      skipped: [{ table: name, rows: count, why: message }],
      notCarried: [{ object: name, definition: value, why: message, suggestion: value }],
      sequences: [{ sequence: name, table: name, column: value, nextValue: '4' }],
      error: { code: 'X', message, table: name, remedy: value },
    }),
  )

test('names and values from a database never reach the terminal as control characters', () => {
  fc.assert(
    fc.property(reports, fc.integer({ min: 20, max: 160 }), (given, width) => {
      expect(plain(given, width)).not.toMatch(/(?!\n)[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u)
    }),
  )
})

test('no line is wider than the page, but for those to be copied', () => {
  fc.assert(
    fc.property(reports, fc.integer({ min: 20, max: 160 }), (given, width) => {
      const wide = plain(given, width)
        .split('\n')
        .filter((line) => stringWidth(line) > width && !/→ --| rowferry /.test(line))
      expect(wide).toEqual([])
    }),
  )
})
