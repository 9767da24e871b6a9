import { parseArgs } from 'node:util'
import { keptOf } from './kept/cross.ts'
import type { KeptRow } from './kept/render.ts'
import { renderKept, renderLost } from './kept/render.ts'

// pnpm kept --server postgres://postgres@localhost/postgres app.db …: what of a schema arrives, as both catalogs tell it
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { server: { type: 'string' }, lost: { type: 'boolean', default: false } },
})
const server = values.server ?? process.env['DATABASE_URL']
if (server === undefined || positionals.length === 0) {
  console.error('usage: pnpm kept [--lost] --server <URL of a PostgreSQL server, or DATABASE_URL> <sqlite file>…')
  process.exit(64)
}
const rows: KeptRow[] = []
for (const path of positionals) rows.push(await keptOf(path, server))
console.log(renderKept(rows))
if (values.lost) console.log(`\n${renderLost(rows)}`)
