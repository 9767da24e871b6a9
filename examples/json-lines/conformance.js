import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describeSource } from '@rowferry/source-conformance'
import { jsonLines } from './adapter.js'

const declaredTypes = { integer: 'integer', real: 'real', text: 'text', bytes: 'bytes' }

const harness = {
  supports: { snapshot: true, aggregates: false, orphans: false, resume: true },
  declaredTypes,
  async seed(tables) {
    const folder = mkdtempSync(join(tmpdir(), 'json-lines-'))
    const fileOf = (table) => join(folder, `${encodeURIComponent(table)}.jsonl`)
    for (const { name, columns, primaryKey, foreignKeys, rows } of tables) {
      const head = {
        columns: columns.map((column) => [column.name, declaredTypes[column.kind], column.nullable]),
        primaryKey,
        references: foreignKeys.map((key) => ({ columns: key.columns, table: key.parent, to: key.parentColumns })),
      }
      writeFileSync(fileOf(name), [JSON.stringify(head), ...rows.map(line), ''].join('\n'))
    }
    return {
      open: () => jsonLines.open({ path: folder }),
      insert: async (table, rows) => appendFileSync(fileOf(table), rows.map((row) => `${line(row)}\n`).join('')),
      remove: async () => rmSync(folder, { recursive: true }),
    }
  },
}

function line(row) {
  return `[${row.map(written).join(',')}]`
}

function written(value) {
  if (typeof value === 'bigint' || Object.is(value, -0)) return Object.is(value, -0) ? '-0' : String(value)
  return JSON.stringify(value instanceof Uint8Array ? Buffer.from(value).toString('base64') : value)
}

// In a project of your own `test` is the runner's: import { test } from 'node:test'
const sentences = []
describeSource({ test: (name, run) => sentences.push({ name, run }), harness })
for (const { name, run } of sentences)
  await run().catch((error) => {
    console.log(`broken: ${name}: ${error.message}`)
    process.exitCode = 1
  })
console.log(`${sentences.length} sentences of the contract`)
