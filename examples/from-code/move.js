import { mkdtempSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PGlite } from '@electric-sql/pglite'
import { parseDatabase } from '@rowferry/connect'
import { migrate } from '@rowferry/migrate'
import { renderTerminal } from '@rowferry/report'
import { sqlite } from '@rowferry/source-sqlite'
import Database from 'better-sqlite3'

const folder = mkdtempSync(join(tmpdir(), 'rowferry-example-'))
const sql = (name) => readFileSync(new URL(name, import.meta.url), 'utf8')

// The two databases, as an application would have them
const path = join(folder, 'shop.db')
new Database(path).exec(sql('shop.sql')).close()
const postgres = await PGlite.create(join(folder, 'postgres'))
await postgres.exec(sql('target.sql'))
await postgres.close()

const source = { adapter: sqlite, options: { path }, label: 'shop.db' }
const target = parseDatabase(`pglite://${join(folder, 'postgres')}`)

// What the numbers in `placed` mean is for us to say: rowferry does not guess
const refused = await migrate({ source, target, options: {} })
console.log(refused.outcome, refused.findings[0]?.code, refused.findings[0]?.remedy)

const report = await migrate({ source, target, options: { epoch: [{ column: 'orders.placed', unit: 'ms' }] } })
console.log(report.outcome, report.totals)
if (report.outcome !== 'done') console.log(renderTerminal(report, { color: false, width: 100 }))
