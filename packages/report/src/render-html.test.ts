import fc from 'fast-check'
import type { DefaultTreeAdapterTypes } from 'parse5'
import { parse } from 'parse5'
import { expect, test } from 'vitest'
import { finding, report, table } from '../test/reports.ts'
import { renderHtml } from './render-html.ts'
import type { Report } from './report.ts'
import { reportSchema } from './report.ts'

type Node = DefaultTreeAdapterTypes.ChildNode
type Element = DefaultTreeAdapterTypes.Element

interface Looked {
  readonly elements: readonly Element[]
  /** Without what the style says. */
  readonly text: string
  /** How an HTML parser had to mend it. */
  readonly faults: readonly string[]
}

function look(html: string): Looked {
  const elements: Element[] = []
  const faults: string[] = []
  let text = ''
  const visit = (node: Node): void => {
    if (node.nodeName === '#text' && 'value' in node) text += node.value
    if (!('tagName' in node)) return
    elements.push(node)
    if (node.tagName !== 'style') node.childNodes.forEach(visit)
  }
  parse(html, { onParseError: ({ code }) => faults.push(code) }).childNodes.forEach((node) => visit(node))
  return { elements, text, faults }
}

const attribute = ({ attrs }: Element, name: string): string | undefined =>
  attrs.find((each) => each.name === name)?.value

const counts = ({ elements }: Looked): Map<string, number> => {
  const found = new Map<string, number>()
  for (const { tagName } of elements) found.set(tagName, (found.get(tagName) ?? 0) + 1)
  return found
}

/** A report that has everything, and in it `text` wherever a text may stand. */
function everywhere(text: string): Report {
  return report({
    outcome: 'partial',
    tool: text,
    runtime: text,
    line: text,
    quarantine: text,
    proof: { file: text, sha256: text },
    differences: { file: text, rows: 3 },
    xid: text,
    foreignKeys: 2,
    source: { kind: text, label: text, fingerprint: text },
    target: { label: text, version: text, fingerprint: text, compression: text },
    startedAt: text,
    phases: [{ name: text, ms: 4, rows: 8, rowsPerSecond: 2000 }],
    tables: [
      table({
        source: text,
        target: `${text}!`,
        mode: 'create',
        method: text,
        verdict: 'different',
        different: 1,
        renamed: [{ column: text, target: text }],
        changed: [{ column: text, rule: 'map', from: text, count: 2 }],
        mismatches: [{ kind: 'different', key: text, column: text, source: text, target: text }],
      }),
    ],
    findings: (['refuse', 'lossy', 'warning', 'note'] as const).map((severity) =>
      finding({
        severity,
        code: text,
        table: text,
        column: text,
        keys: [text],
        storageClasses: [text, text],
        examples: [text],
        message: text,
        remedy: text,
      }),
    ),
    skipped: [{ table: text, rows: 1, why: text }],
    sequences: [{ sequence: text, table: text, column: text, nextValue: text }],
    views: [{ source: text, target: `${text}!`, rows: null, why: text }],
    notCarried: [{ object: text, definition: `${text} `, why: text, suggestion: text }],
    error: { code: text, message: text, table: text, remedy: text },
  })
}

test('the page says what the report says, the verdict first', () => {
  const { text } = look(
    renderHtml(
      report({
        tables: [
          table({ read: 12_340, written: 12_340, cells: 24_680, loadMs: 1500, verifyMs: 700 }),
          table({
            source: 'Old',
            target: 'old',
            renamed: [{ column: 'Zip', target: 'zip_code' }],
            changed: [{ column: 'role', rule: 'lossy', from: null, count: 3 }],
          }),
        ],
        foreignKeys: 4,
        sequences: [{ sequence: 'users_id_seq', table: 'users', column: 'id', nextValue: '4' }],
        skipped: [{ table: 'fts', rows: null, why: 'it is virtual' }],
        notCarried: [
          { object: 'view v', definition: 'CREATE VIEW v\nAS SELECT 1', why: 'no form', suggestion: 'a view' },
        ],
        line: 'rowferry migrate app.db',
      }),
    ),
  )
  for (const said of [
    'Done2 tables, 12,343 rows: everything arrived, all 24,689 cells read back and equal, committed.',
    'with the same options:rowferry verify app.db',
    'Old → old',
    'Old.Zipold.zip_code',
    '12,343 read = 12,343 written + 0 rejected',
    '3 cells changed',
    '--allow-lossy',
    'it is virtual',
    'CREATE VIEW v\nAS SELECT 1',
    'both sides read again, in the order of the load',
    '4 foreign keys: every row meets its parent',
    'users_id_seq',
    'Node.js 24.21.0',
    'rowferry migrate app.db',
  ])
    expect(text).toContain(said)
  expect(text.indexOf('Done')).toBeLessThan(text.indexOf('What was moved'))
})

test('it needs nothing else: no script, no request, no style but its own', () => {
  const html = renderHtml(everywhere('x'))
  const { elements, faults } = look(html)
  expect(faults).toEqual([])
  expect(
    elements.filter(({ tagName }) => ['script', 'img', 'iframe', 'object', 'base', 'form'].includes(tagName)),
  ).toEqual([])
  const places = elements.flatMap(({ attrs }) =>
    attrs.filter(({ name }) => ['src', 'href', 'xlink:href', 'style'].includes(name)),
  )
  expect(places.every(({ value }) => value === 'data:,' || value.startsWith('#'))).toBe(true)
  expect(html).not.toMatch(/url\(|@import/)
  const policy = elements.find((each) => attribute(each, 'http-equiv') === 'Content-Security-Policy')
  expect(attribute(policy!, 'content')).toMatch(/^default-src 'none'; img-src data:; style-src 'sha256-/)
})

test('every id is there once, and every anchor leads to one', () => {
  const { elements } = look(renderHtml(everywhere('x')))
  const ids = elements.flatMap((each) => attribute(each, 'id') ?? [])
  expect(new Set(ids).size).toBe(ids.length)
  const anchors = elements.flatMap((each) => attribute(each, 'href')?.match(/^#(.*)/)?.[1] ?? [])
  expect(anchors.length).toBeGreaterThan(10)
  expect(anchors.filter((anchor) => !ids.includes(anchor))).toEqual([])
  const labels = elements.flatMap((each) => attribute(each, 'aria-labelledby') ?? [])
  expect(labels.filter((label) => !ids.includes(label))).toEqual([])
})

const hostile = fc.oneof(
  fc.constantFrom(
    `</style><script>alert(1)</script>`,
    `"><img src=x onerror=alert(1)>`,
    `' onmouseover='alert(1)`,
    '<!-- ',
    ']]>',
    '&lt;b&gt;&amp;#x3c;',
    '\u202Egnp.exe\u2066',
    '\0\u001B[2J\u009B31m\u2028',
    '\uD800',
  ),
  fc.string({ unit: 'grapheme' }),
  fc.string({ unit: 'binary' }),
)

test('no name and no value becomes a part of the page', () => {
  const plain = counts(look(renderHtml(everywhere('x'))))
  fc.assert(
    fc.property(hostile, (text) => {
      // The line feeds of an error's message are meant
      const page = look(renderHtml(everywhere(`x${text.replaceAll('\n', ' ')}x`)))
      expect(page.faults).toEqual([])
      expect(counts(page)).toEqual(plain)
      expect(page.elements.flatMap(({ attrs }) => attrs.filter(({ name }) => name.startsWith('on')))).toEqual([])
      expect(page.text).not.toMatch(/[\p{Cf}\p{Cs}\p{Co}]|(?!\n)\p{Cc}/u)
    }),
    { numRuns: 60 },
  )
})

test('hundreds of tables are folded away, but for those that need a look', () => {
  const all = Array.from({ length: 500 }, (_, n) =>
    table({ source: `t${n}`, target: `t${n}`, read: n + 1, written: n + 1 }),
  )
  all[7] = table({ source: 'troubled', target: 'troubled', read: 3, written: 2, rejected: 1 })
  const html = renderHtml(report({ tables: all }))
  const open = look(html.replaceAll(/<details>.*?<\/details>/gs, ''))
  expect(open.text).toContain('troubled')
  expect(open.text).toContain('t499')
  expect(open.text).not.toContain('t250')
  expect(look(html).text).toContain('t250')
})

test('a run that came to nothing has its page too', () => {
  const { text, faults } = look(
    renderHtml(
      report({
        outcome: 'failed',
        tables: [],
        phases: [],
        target: null,
        error: { code: 'CONNECT_FAILED', message: 'nobody listens\nat all', table: null, remedy: 'start the server' },
      }),
    ),
  )
  expect(faults).toEqual([])
  expect(text).toContain('FailedNothing was written; the target is as it was.')
  expect(text).toContain('start the server')
  expect(text).not.toContain('Proof')
})

test('books that do not balance are told in so many words', () => {
  const { text } = look(renderHtml(report({ tables: [table({ read: 4 })] })))
  expect(text).toContain('The books do not balance: 4 read ≠ 3 written + 0 rejected (users)')
})

test('a report from before there were pages has one all the same', () => {
  const { runtime: _runtime, line: _line, foreignKeys: _keys, quarantine: _folder, ...old } = report()
  expect(look(renderHtml(reportSchema.parse(old))).text).toContain('Done')
})
