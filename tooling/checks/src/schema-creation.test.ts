import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { plan } from '@rowferry/migrate'
import { sqlite } from '@rowferry/source-sqlite'
import Database from 'better-sqlite3'
import { expect, test } from 'vitest'
import { read } from './workspace.ts'

test('docs/schema-creation.md shows what its source becomes', async () => {
  const page = read('docs/schema-creation.md')
  const block = (name: string) => new RegExp(`<!-- ${name} -->\\s*\`\`\`sql\\n([^]*?)\`\`\``).exec(page)![1]!
  const folder = mkdtempSync(join(tmpdir(), 'rowferry-schema-creation-'))
  try {
    const path = join(folder, 'app.db')
    const file = new Database(path)
    file.exec(block('source'))
    file.close()
    const made = await plan({ source: { adapter: sqlite, options: { path }, label: path }, target: null, options: {} })
    expect(made.report.notCarried).toEqual([])
    expect(made.ddl.map((statement) => `${statement};\n`).join('')).toBe(block('made'))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})
