import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { writeBenchFile } from './bench-file.ts'
import { bench } from './bench.ts'
import { scenarioNames } from './contender.ts'
import { setNames } from './data-sets.ts'
import { builtCommand } from './rowferry.ts'

const usage = `pnpm bench --server postgres://postgres@127.0.0.1:5432/postgres [options]

  --server <url>       a superuser's; a server that nobody else uses and, for its CPU time, on this machine
  --sets <names>       ${setNames.join(',')} (all)
  --scenarios <names>  ${scenarioNames.join(',')} (all)
  --scale <factor>     of the rows, or of the tables of many (1)
  --runs <n>           of each, in turn; medians are compared (3)
  --no-peers           leave out pgloader, ogr2ogr and sqlite3 | psql, which take part where they are installed
  --latency <ms>       as if the server were so far away, there and back (0)
  --growth             only narrow, at 0.5, 5 and 20 M rows
  --folder <path>      keeps sources and the server's files (rowferry-bench in the system's temporary folder)
  --out <file.json>    the result; the tables go beside it as .md (bench.json in the folder)
`

const { values } = parseArgs({
  args: process.argv.slice(2).filter((word) => word !== '--'),
  allowNegative: true,
  options: {
    server: { type: 'string' },
    sets: { type: 'string', default: setNames.join(',') },
    scenarios: { type: 'string', default: scenarioNames.join(',') },
    scale: { type: 'string', default: '1' },
    runs: { type: 'string', default: '3' },
    peers: { type: 'boolean', default: true },
    latency: { type: 'string', default: '0' },
    growth: { type: 'boolean', default: false },
    folder: { type: 'string', default: join(tmpdir(), 'rowferry-bench') },
    out: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
})

if (values.help || values.server === undefined) {
  process.stdout.write(usage)
  process.exit(values.help ? 0 : 64)
}
const out = values.out ?? join(values.folder, 'bench.json')
const file = await bench({
  server: values.server,
  command: builtCommand,
  sets: chosen('--sets', values.sets, setNames),
  scenarios: chosen('--scenarios', values.scenarios, scenarioNames),
  scale: positive('--scale', values.scale),
  runs: positive('--runs', values.runs),
  folder: values.folder,
  peers: values.peers,
  latencyMs: values.latency === '0' ? 0 : positive('--latency', values.latency),
  growth: values.growth,
  say: (line) => process.stderr.write(`${line}\n`),
})
writeBenchFile(out, file)
process.stderr.write(`${out}\n`)

function chosen<Name extends string>(option: string, given: string, names: readonly Name[]): Name[] {
  return given.split(',').map((word) => {
    const found = names.find((name) => name === word)
    if (found === undefined) throw new TypeError(`${option}: ${word} is none of ${names.join(', ')}`)
    return found
  })
}

function positive(option: string, given: string): number {
  const value = Number(given)
  if (!(value > 0)) throw new TypeError(`${option} must be a number above 0, not ${given}`)
  return value
}
