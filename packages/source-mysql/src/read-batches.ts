import type { SourceRow, SourceValue } from '@rowferry/introspect'
import { SourceError, type ReadOptions } from '@rowferry/source'
import type { Cell, Lane } from './connection.ts'
import { conditionForm, type Form } from './forms.ts'
import { rangesAfter } from './keyset.ts'
import { fromClause, orderClause, type Layout } from './layout.ts'

/** One reading of one table. */
export interface Reading {
  readonly lane: Lane
  readonly layout: Layout
  readonly options: ReadOptions
  readonly label: string
  /** Throws `SOURCE_CLOSED`, `SOURCE_ABORTED`. */
  readonly goOn: () => void
  /** Does any row weigh more than 64 KiB in these expressions? */
  readonly isFat: () => Promise<boolean>
}

const targetOctets = 128 * 1024
const firstBatch = 100
const mostRows = 4096

export async function* readBatches(reading: Reading): AsyncGenerator<readonly SourceRow[], void, undefined> {
  reading.goOn()
  refuseOptions(reading)
  const batches = reading.layout.key.length === 0 ? scanBatches(reading) : keysetBatches(reading)
  for await (const batch of batches) {
    yield batch
    reading.goOn()
  }
}

function refuseOptions({ layout, options }: Reading): void {
  const { after, batchRows } = options
  if (after !== undefined && (after.length === 0 || after.length !== layout.primaryKey.length))
    throw new TypeError(`Rows of ${layout.sql} are found by ${layout.primaryKey.length} values, not by ${after.length}`)
  if (batchRows !== undefined && !(Number.isInteger(batchRows) && batchRows > 0))
    throw new TypeError(`batchRows must be a whole number above 0, not ${batchRows}`)
}

function formsOf({ layout, options, label }: Reading): Form[] {
  return options.columns.map((name) => {
    const condition = options.conditions?.get(name)
    if (condition) {
      const { expression, orUnknown } = condition
      return conditionForm(name, `((${expression}\n) IS ${orUnknown ? 'NOT FALSE' : 'TRUE'})`)
    }
    const form = layout.forms.get(name)
    if (form !== undefined) return form
    throw new SourceError('SOURCE_CHANGED', `${label}: the table ${layout.table} has no column ${JSON.stringify(name)}`)
  })
}

/** Each batch one range of the key. */
async function* keysetBatches(reading: Reading): AsyncGenerator<SourceRow[], void, undefined> {
  const { lane, layout, options, goOn } = reading
  const wanted = formsOf(reading)
  const integers = options.integers ?? 'auto'
  const hidden = layout.key.map(({ form }) => form).filter((form) => !wanted.includes(form))
  const forms = [...wanted, ...hidden]
  const keyAt = layout.key.map(({ form }) => forms.indexOf(form))
  const select = selectOf(forms)
  const fat = await reading.isFat()
  const most = options.batchRows ?? mostRows
  let limit = Math.min(firstBatch, most)
  let ranges = rangesAfter(layout, options.after)
  for (;;) {
    const [range] = ranges
    if (range === undefined) return
    const allowed = fat ? await fitting(lane, wanted, range, limit) : limit
    const cells = await lane.rows(`${select} ${range} LIMIT ${allowed}`)
    goOn()
    let octets = 0
    const rows = cells.map((row) => {
      for (const cell of row) octets += weigh(cell)
      return row.map((cell, at) => forms[at]!.decode(cell, integers))
    })
    const last = rows.at(-1)
    if (rows.length < allowed) ranges = ranges.slice(1)
    else if (last !== undefined)
      ranges = rangesAfter(
        layout,
        keyAt.map((at) => last[at]!),
      )
    if (last === undefined) continue
    limit = Math.max(1, Math.min(most, limit * 4, Math.round((targetOctets * rows.length) / octets)))
    if (hidden.length > 0) for (const row of rows) row.length = wanted.length
    yield rows
  }
}

/** How many of the next rows fit in a batch, at least one. */
async function fitting(lane: Lane, forms: readonly Form[], range: string, limit: number): Promise<number> {
  const sizes = await lane.rows(`SELECT ${octetsOf(forms)} ${range} LIMIT ${limit}`)
  let octets = 0
  const over = sizes.findIndex(([size]) => (octets += Number(size)) > targetOctets * 2)
  return over < 0 ? limit : Math.max(1, over)
}

export function octetsOf(forms: readonly Form[]): string {
  const large = forms.filter((form) => form.large)
  return ['0', ...large.map(({ expression }) => `IFNULL(OCTET_LENGTH(${expression}), 0)`)].join(' + ')
}

/** A table without a key to seek by in one statement, whose rows are taken off the wire as they are asked for. */
async function* scanBatches(reading: Reading): AsyncGenerator<SourceRow[], void, undefined> {
  const { lane, layout, options, goOn } = reading
  const wanted = formsOf(reading)
  const integers = options.integers ?? 'auto'
  const keys = options.after === undefined ? [] : layout.primaryKey.map((name) => layout.forms.get(name)!)
  const forms = [...wanted, ...keys]
  const most = options.batchRows ?? mostRows
  let waiting = options.after !== undefined
  let batch: SourceValue[][] = []
  let octets = 0
  for await (const cells of lane.stream(`${selectOf(forms)} ${fromClause(layout)}${orderClause(layout.order)}`)) {
    const row = cells.map((cell, at) => forms[at]!.decode(cell, integers))
    if (waiting) {
      waiting = !sameKey(row.slice(wanted.length), options.after!)
      continue
    }
    row.length = wanted.length
    batch.push(row)
    for (const cell of cells) octets += weigh(cell)
    if (batch.length < most && octets < targetOctets) continue
    goOn()
    yield batch
    batch = []
    octets = 0
  }
  goOn()
  if (waiting)
    throw new SourceError('SOURCE_CHANGED', `No row of ${layout.sql} has the key to go on after`, {
      remedy: 'Read the table from its beginning.',
    })
  if (batch.length > 0) yield batch
}

function selectOf(forms: readonly Form[]): string {
  return `SELECT ${forms.length === 0 ? 'NULL' : forms.map(({ expression }) => expression).join(', ')}`
}

/** What a cell takes in memory, roughly. */
function weigh(cell: Cell): number {
  return cell !== null && typeof cell !== 'number' ? cell.length + 8 : 8
}

function sameKey(found: SourceRow, wanted: SourceRow): boolean {
  return found.every((value, at) => {
    const other = wanted[at]
    if (value instanceof Uint8Array) return other instanceof Uint8Array && Buffer.compare(value, other) === 0
    return value === other || (typeof other === 'number' && typeof value === 'bigint' && value === BigInt(other))
  })
}
