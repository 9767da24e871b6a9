import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseDatabase } from '@rowferry/connect'
import { migrate } from '@rowferry/migrate'
import { renderTerminal } from '@rowferry/report'
import { jsonLines } from './adapter.js'

const path = fileURLToPath(new URL('shop', import.meta.url))
const target = parseDatabase(`pglite://${join(mkdtempSync(join(tmpdir(), 'rowferry-example-')), 'postgres')}`)
const report = await migrate({ source: { adapter: jsonLines, options: { path }, label: 'shop' }, target, options: {} })
console.log(report.outcome, report.totals)
if (report.outcome !== 'done') console.log(renderTerminal(report, { color: false, width: 100 }))
