import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Contender, Job, Outcome } from './contender.ts'
import { measureCommand } from './measure.ts'

/** The command as it is built. */
export const builtCommand: readonly string[] = [
  process.execPath,
  fileURLToPath(new URL('../../../apps/cli/dist/bin.js', import.meta.url)),
]

/** The crossing as it is by default, without its proof, and the plan alone. */
export function rowferry(command: readonly string[]): readonly Contender[] {
  return [
    contender('rowferry', 'the crossing, every cell proven', (job) => crossing(command, job, 'full')),
    contender('rowferry, unproven', '--verify none', (job) => crossing(command, job, 'none')),
    {
      ...contender('rowferry plan', 'every cell checked, nothing written', (job) =>
        report(job, [...command, 'plan'], []),
      ),
      takesPart: (_, scenario) => scenario !== 'bare',
    },
  ]
}

/** The target as a load leaves it, for what can only be made from there. */
export async function load(command: readonly string[], job: Job): Promise<void> {
  await crossing(command, job, 'none')
}

function contender(name: string, about: string, run: Contender['run']): Contender {
  return { name, about, run, takesPart: () => true }
}

function crossing(command: readonly string[], job: Job, verify: 'full' | 'none'): Promise<Outcome> {
  return report(job, [...command, 'migrate'], ['--verify', verify])
}

async function report(job: Job, command: readonly string[], options: readonly string[]): Promise<Outcome> {
  const file = join(job.folder, 'report.json')
  const measured = await measureCommand(job.server, [
    ...command,
    job.source,
    job.url,
    ...options,
    '--quiet',
    '--report',
    file,
  ])
  const { phases } = JSON.parse(readFileSync(file, 'utf8')) as { phases: { name: string; ms: number }[] }
  return { ...measured, phases: Object.fromEntries(phases.map(({ name, ms }) => [name, ms])) }
}
