import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import type { SourceRow, SourceValue } from '@rowferry/introspect'
import { describeSource, type SeedTable, type SourceHarness } from '@rowferry/source-conformance'
import { describe, test } from 'vitest'
import { openCsv } from './index.ts'

const declaredTypes = { integer: 'integer', real: 'number', text: 'string', bytes: 'string:binary' } as const

const harness: SourceHarness = {
  supports: { snapshot: true, aggregates: false, orphans: false, resume: true },
  declaredTypes,
  async seed(tables) {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'csv-'))
    const files = new Map(tables.map(({ name }, at) => [name, path.join(folder, `${at}.csv`)]))
    for (const table of tables)
      fs.writeFileSync(files.get(table.name)!, lines([table.columns.map(({ name }) => name), ...table.rows]))
    fs.writeFileSync(
      path.join(folder, 'datapackage.json'),
      JSON.stringify({ resources: tables.map((table, at) => resource(table, `${at}.csv`)) }),
    )
    return {
      open: () => openCsv({ path: folder }),
      insert: async (table, rows) => fs.appendFileSync(files.get(table)!, lines(rows)),
      remove: async () => fs.rmSync(folder, { recursive: true }),
    }
  },
}

function resource(table: SeedTable, file: string): object {
  return {
    name: table.name,
    path: file,
    schema: {
      fields: table.columns.map(({ name, kind, nullable }) => {
        const [type, format] = declaredTypes[kind].split(':')
        return { name, type, ...(format && { format }), ...(!nullable && { constraints: { required: true } }) }
      }),
      ...(table.primaryKey.length > 0 && { primaryKey: table.primaryKey }),
      foreignKeys: table.foreignKeys.map(({ columns, parent, parentColumns }) => ({
        fields: columns,
        reference: { resource: parent, fields: parentColumns },
      })),
    },
  }
}

function lines(rows: readonly SourceRow[]): string {
  return rows.map((row) => `${row.map(field).join(',')}\n`).join('')
}

function field(value: SourceValue): string {
  if (value === null) return ''
  if (value instanceof Uint8Array) return `"${Buffer.from(value).toString('base64')}"`
  if (typeof value === 'object') throw new TypeError('A CSV file holds text')
  return typeof value === 'string' ? `"${value.replaceAll('"', '""')}"` : String(value)
}

describe('a folder of CSV files', () => {
  // A number is the text that is written: as a double it would lose the digits of a decimal
  describeSource({ test, harness, knownGaps: ['rows/reals-exact'] })
})
