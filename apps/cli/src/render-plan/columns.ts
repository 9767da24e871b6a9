import type { Cast } from '@rowferry/coerce'
import { formatType } from '@rowferry/coerce'
import { formatTableName } from '@rowferry/introspect'
import type { ColumnEvidence, Plan, TablePlan } from '@rowferry/plan'
import type { Page, Report } from '@rowferry/report'
import { counted, escapeText, formatCount, prose, renderTable } from '@rowferry/report'
import { title } from './tables.ts'

const LISTED = 60

type Held = Pick<ColumnEvidence, 'integers' | 'reals' | 'texts' | 'blobs'>

/** Types that take values of these storage classes as they are. */
const AS_STORED: readonly (readonly [types: RegExp, classes: readonly (keyof Held)[]])[] = [
  [/^int[248]$/, ['integers']],
  [/^(?:float[48]|numeric)$/, ['integers', 'reals']],
  [/^(?:text|varchar|bpchar|citext|name)$/, ['texts']],
  [/^bytea$/, ['blobs']],
]

/** Columns that are not simply carried: read as something else, changed by a rule, called otherwise, or not as declared. */
export function changedColumns(page: Page, plan: Plan, report: Pick<Report, 'tables'>): string[] {
  const rows = plan.tables.flatMap((table) => {
    const fired = report.tables.find((each) => each.source === formatTableName(table.source))?.changed ?? []
    const filled = table.fills.map((fill) => [
      `  ${escapeText(`${formatTableName(table.source)}.${fill.cast.target}`)}`,
      'not in the source',
      escapeText(`→ ${formatType(fill.cast.type)}`),
      escapeText(`--fill gives every row ${fill.value === null ? 'NULL' : JSON.stringify(fill.value)}`),
    ])
    const carried = [...table.casts, ...table.generated].flatMap((cast) => {
      const evidence = table.evidence?.find((each) => each.column === cast.column)
      const words = reasons(table, cast, evidence, plan, fired)
      if (words === null) return []
      const name = formatTableName(table.source)
      return [
        [
          `  ${escapeText(`${name}.${cast.column}`)}`,
          escapeText(held(evidence)),
          escapeText(`→ ${formatType(cast.type)}`),
          escapeText(words),
        ],
      ]
    })
    return [...carried, ...filled]
  })
  if (rows.length === 0) return []
  const rest = rows.length - LISTED
  return [
    ...title(page, `${counted(rows.length, 'column')} not simply carried`),
    ...renderTable(
      page,
      [{ name: 'column' }, { name: 'holds' }, { name: 'becomes' }, { name: '', wrap: true }],
      rows.slice(0, LISTED),
      { bare: true },
    ),
    ...(rest > 0
      ? prose(page, page.paint('dim', `… and ${formatCount(rest)} more: --out plan.json lists all`), '  ')
      : []),
  ]
}

/** Null for a column of which there is nothing to say. */
function reasons(
  table: TablePlan,
  cast: Cast,
  evidence: ColumnEvidence | undefined,
  plan: Plan,
  fired: Report['tables'][number]['changed'],
): string | null {
  const words: string[] = []
  const note = plan.findings.find(
    (finding) =>
      finding.code === 'DATA_CONTRADICTS_TYPE' && finding.table === table.source.name && finding.column === cast.column,
  )
  // The first that the declaration proposed; the finding names the others
  if (note) words.push(/(?<= becomes [^,]*, )not .*?\)(?=$|, not )/s.exec(note.message)?.[0] ?? note.message)
  const mine = fired.filter(({ column }) => column === cast.column)
  words.push(...Object.entries(cast.rules).flatMap(([rule, value]) => ruleWords(rule, value, evidence, cast, mine)))
  if (table.generated.includes(cast)) words.push('computed by the target, compared afterwards')
  if (plan.options.rename.some(({ from }) => from === `${table.source.name}.${cast.column}`))
    words.push(`called ${cast.target}`)
  const other = evidence !== undefined && !isAsStored(cast, evidence)
  if (other && table.mode === 'create' && cast.rules.epoch === undefined)
    words.push(cast.because.replace(/; holds all [\d,]+ values?$/, ''))
  return other || words.length > 0 ? words.join('; ') : null
}

/** What a rule says, and how often it did. A zone is for times only, since it is said for all columns. */
function ruleWords(
  rule: string,
  value: unknown,
  evidence: ColumnEvidence | undefined,
  cast: Cast,
  fired: Report['tables'][number]['changed'],
): string[] {
  const met = fired.filter((each) => each.rule === rule || (rule === 'allowLossy' && each.rule === 'lossy'))
  const cells = counted(
    met.reduce((sum, { count }) => sum + count, 0),
    'cell',
  )
  if (rule === 'timezone')
    return cast.type.name.startsWith('timestamp') && (evidence?.texts ?? 0) > 0 ? [`zone ${String(value)}`] : []
  if (rule === 'map')
    return [
      `--map: ${met.map(({ from, count }) => `${JSON.stringify(from)} (${formatCount(count)}×)`).join(', ') || 'no cell'}`,
    ]
  if (rule === 'epoch') return [`--epoch ${String(value)}: ${cells}`]
  if (rule === 'mends' && Array.isArray(value))
    return value.map((mend) => {
      const count = fired.reduce((sum, each) => sum + (each.rule === mend ? each.count : 0), 0)
      return `--${String(mend)}: ${counted(count, 'cell')}`
    })
  const name = rule.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
  return [`--${name}${value === true ? '' : ` ${typeof value === 'string' ? value : JSON.stringify(value)}`}: ${cells}`]
}

function isAsStored(cast: Cast, evidence: ColumnEvidence): boolean {
  const classes = AS_STORED.find(([types]) => types.test(cast.type.name))?.[1] ?? []
  return (['integers', 'reals', 'texts', 'blobs'] as const).every(
    (storage) => evidence[storage] === 0 || classes.includes(storage),
  )
}

/** What the column holds, by storage class: of one class only its name, of several each with its count. */
function held(evidence: ColumnEvidence | undefined): string {
  if (!evidence) return ''
  const counts = Object.entries({
    integer: evidence.integers,
    real: evidence.reals,
    text: evidence.texts,
    blob: evidence.blobs,
  }).filter(([, count]) => count > 0)
  if (counts.length === 0) return 'no value'
  if (counts.length === 1) return counts[0]![0]
  return counts.map(([storage, count]) => `${formatCount(count)} ${storage}`).join(', ')
}
