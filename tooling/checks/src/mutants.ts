import { parseArgs } from 'node:util'
import { specimens } from './mutants/databases.ts'
import { random } from './mutants/random.ts'
import { cross, damageOne, falseAlarm } from './mutants/trial.ts'

// pnpm mutants --server postgres://postgres@localhost/postgres: damages crossed databases at random, and says what verification does not find
const { values } = parseArgs({
  options: {
    server: { type: 'string' },
    mutants: { type: 'string', default: '500' },
    clean: { type: 'string', default: '50' },
    seed: { type: 'string', default: '1' },
    only: { type: 'string' },
  },
})
const server = values.server ?? process.env['DATABASE_URL']
if (server === undefined) {
  console.error(
    'usage: pnpm mutants --server <URL of a PostgreSQL server, or DATABASE_URL> [--mutants n] [--clean n] [--seed n]',
  )
  process.exit(64)
}
const chosen = specimens.filter(({ name }) => values.only === undefined || name.includes(values.only))
const numbers = random(Number(values.seed))
const kinds = new Map<string, { done: number; missed: number }>()
let alarms = 0
let clean = 0
let mutants = 0
const perSeed = Math.ceil(Number(values.mutants) / Math.max(1, Number(values.clean)))
for (let seed = Number(values.seed); clean < Number(values.clean) || mutants < Number(values.mutants); seed += 1) {
  const specimen = chosen[seed % chosen.length]!
  await using crossed = await cross(specimen, seed, server)
  const alarm = falseAlarm(await crossed.verify())
  clean += 1
  if (alarm !== null) {
    alarms += 1
    console.log(`FALSE ALARM ${specimen.name}, seed ${seed}: ${alarm}`)
  }
  for (let i = 0; i < perSeed && mutants < Number(values.mutants); i += 1) {
    const trial = await damageOne(crossed, numbers)
    if (trial === null) continue
    mutants += 1
    const { damage, missed } = trial
    const kind = kinds.get(damage.kind) ?? { done: 0, missed: 0 }
    kinds.set(damage.kind, { done: kind.done + 1, missed: kind.missed + (missed === null ? 0 : 1) })
    if (missed !== null) console.log(`MISSED ${specimen.name}, seed ${seed}: ${damage.kind}, ${damage.what}: ${missed}`)
  }
}
for (const [kind, { done, missed }] of [...kinds].toSorted(([a], [b]) => (a < b ? -1 : 1)))
  console.log(`${kind}: ${done - missed} of ${done} found`)
const missed = [...kinds.values()].reduce((sum, kind) => sum + kind.missed, 0)
console.log(`${mutants} mutants, ${missed} missed; ${clean} clean runs, ${alarms} false alarms`)
process.exitCode = missed + alarms > 0 ? 1 : 0
