import type { SourceRow, SourceValue } from '@rowferry/introspect'
import { SourceError, type ReadOptions } from '@rowferry/source'
import { recordsOf, type Fields } from './records.ts'
import type { CsvTable } from './table.ts'

const targetCharacters = 128 * 1024
const mostRows = 1024

/** The records of a file in their order, header left out. Its row identifier counts them from 1. */
export async function* readBatches(
  table: CsvTable,
  options: ReadOptions,
  goOn: () => void,
): AsyncGenerator<readonly SourceRow[], void, undefined> {
  goOn()
  const { batchRows = mostRows, after } = options
  if (!(Number.isInteger(batchRows) && batchRows > 0))
    throw new TypeError(`batchRows must be a whole number above 0, not ${batchRows}`)
  if (after !== undefined && after.length !== 1)
    throw new TypeError(`Rows of ${table.description.name} are found by their number, not by ${after.length} values`)
  const read = options.columns.map((name) => valueOf(table, name, options.integers ?? 'auto'))
  const skipped = after === undefined ? 0 : Number(after[0])
  let batch: SourceRow[] = []
  let characters = 0
  let header = table.format.header
  let row = 0
  for await (const fields of recordsOf(table.format, table.columns.length)) {
    if (header) {
      header = false
      continue
    }
    row += 1
    if (row <= skipped) continue
    batch.push(read.map((each) => each(fields, row)))
    for (const field of fields) characters += field?.length ?? 0
    if (batch.length < batchRows && characters < targetCharacters) continue
    goOn()
    yield batch
    goOn()
    batch = []
    characters = 0
  }
  goOn()
  if (batch.length > 0) yield batch
}

type Value = (fields: Fields, row: number) => SourceValue

function valueOf(table: CsvTable, name: string, integers: 'auto' | 'bigint'): Value {
  if (name === table.rowIdentifier) return (_, row) => (integers === 'bigint' ? BigInt(row) : row)
  const at = table.columns.findIndex((column) => column.name === name)
  const column = table.columns[at]
  if (column === undefined)
    throw new SourceError('SOURCE_CHANGED', `${table.format.file} has no column ${JSON.stringify(name)}`)
  const decode = decoders[column.declaredType]
  if (decode === undefined) return (fields) => fields[at] ?? null
  return (fields) => {
    const text = fields[at] ?? null
    return text === null ? null : decode(text, integers)
  }
}

/** What does not read as its type stays the text that it is, for the target's type to judge. */
const decoders: Readonly<Record<string, (text: string, integers: 'auto' | 'bigint') => SourceValue>> = {
  integer(text, integers) {
    if (!/^(?:0|-?[1-9]\d*)$/.test(text)) return text
    const number = Number(text)
    return integers === 'auto' && Number.isSafeInteger(number) ? number : BigInt(text)
  },
  'string:binary'(text) {
    const bytes = Buffer.from(text, 'base64')
    return bytes.toString('base64') === text ? bytes : text
  },
}
