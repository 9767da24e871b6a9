import type { Column, Key, Table } from '@rowferry/introspect'
import { SourceError } from '@rowferry/source'
import type { Description, Field } from './description.ts'
import { formatOf, recordsOf, type Format } from './records.ts'

/** One file as a table. */
export interface CsvTable {
  readonly description: Description
  readonly format: Format
  /** In the order of the file. */
  readonly columns: readonly Column[]
  /** What a row's number is called: no column has that name. */
  readonly rowIdentifier: string
}

export async function openTable(description: Description, label: string): Promise<CsvTable> {
  const format = formatOf(description, label)
  const names = await namesOf(description, format)
  const fields = new Map(description.schema?.fields.map((field) => [field.name, field]))
  const required = new Set(description.schema?.primaryKey)
  const strange = [...fields.keys()].filter((name) => !names.includes(name))
  if (strange.length > 0)
    throw new SourceError(
      'SOURCE_UNREADABLE',
      `${format.file} has no column ${strange.join(', ')}, which its schema names`,
    )
  let rowIdentifier = 'row'
  while (names.includes(rowIdentifier)) rowIdentifier += '_'
  return {
    description,
    format,
    rowIdentifier,
    columns: names.map((name, at) => columnOf(name, at, fields.get(name), required)),
  }
}

async function namesOf({ schema }: Description, format: Format): Promise<readonly string[]> {
  if (!format.header) {
    if (schema !== null) return schema.fields.map(({ name }) => name)
    throw new SourceError('SOURCE_UNREADABLE', `${format.file} has no header, and no schema names its columns`)
  }
  const records = recordsOf(format)
  const first = await records.next()
  await records.return()
  if (first.done === true) throw new SourceError('SOURCE_EMPTY', `${format.file} is empty: not even a header is in it`)
  const names = first.value.map((name) => name ?? '')
  const unusable = names.find((name, at) => name === '' || names.indexOf(name) !== at)
  if (unusable === undefined) return names
  throw new SourceError(
    'SOURCE_UNREADABLE',
    `${format.file}: ${unusable === '' ? 'a column has no name' : `two columns are called ${JSON.stringify(unusable)}`}`,
    { remedy: 'Name every column of the first line once.' },
  )
}

function columnOf(name: string, at: number, field: Field | undefined, key: ReadonlySet<string>): Column {
  const { type = '', format = 'default', description, constraints } = field ?? {}
  return {
    name,
    position: at + 1,
    declaredType: format === 'default' || format === 'any' || type === '' ? type : `${type}:${format}`,
    nullable: !(key.has(name) || constraints?.required === true),
    default: null,
    generated: null,
    identity: null,
    sequence: null,
    collation: null,
    type: null,
    comment: description ?? null,
  }
}

const keyOf = (columns: readonly string[]): Key => ({
  name: null,
  columns,
  deferrability: 'not deferrable',
  nullsNotDistinct: false,
})

/** There are no schemas; this one goes unsaid. */
const schemaName = 'main'

export function catalogTable({ description, columns, rowIdentifier }: CsvTable, rows: number): Table {
  const { name, comment, schema } = description
  return {
    name: { schema: schemaName, name },
    kind: 'table',
    columns,
    primaryKey: schema?.primaryKey === undefined ? null : keyOf(schema.primaryKey),
    uniques: (schema?.fields ?? [])
      .filter(({ constraints }) => constraints?.unique === true)
      .map((field) => keyOf([field.name])),
    foreignKeys: (schema?.foreignKeys ?? []).map(({ fields, reference }) => ({
      name: null,
      columns: fields,
      // An empty resource is the table itself
      references: { schema: schemaName, name: reference.resource === '' ? name : reference.resource },
      referencedColumns: reference.fields,
      onDelete: 'no action',
      onUpdate: 'no action',
      match: 'simple',
      deferrability: 'not deferrable',
      validated: true,
    })),
    checks: [],
    exclusions: [],
    indexes: [],
    enforcesTypes: false,
    rowIdentifier,
    rowEstimate: rows,
    highWaterMark: null,
    withoutRowid: false,
    definition: null,
    comment,
    postgres: null,
  }
}
