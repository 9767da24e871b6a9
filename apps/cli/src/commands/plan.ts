import { plan } from '@rowferry/migrate'
import type { Planned } from '@rowferry/migrate'
import { printJson, redactProse } from '../announce.ts'
import { keep } from '../conclude.ts'
import { renderPlan } from '../render-plan/index.ts'
import { prepareFile } from '../result-file.ts'
import type { Shell } from '../shell.ts'
import { printLine, wantsColor, widthOf } from '../shell.ts'
import type { CrossingFlags } from './crossing.ts'
import type { Preface } from './crossing.ts'
import { conduct, prepareCrossing } from './crossing.ts'

export type PlanFlags = CrossingFlags & { readonly out?: string; readonly format?: 'text' | 'sql' }

/** The whole crossing without writing. `--out` keeps the plan also while it is refused, to be read; `migrate` refuses it then. */
export async function runPlan(
  source: string | undefined,
  target: string | undefined,
  flags: PlanFlags,
  outside: Shell,
): Promise<number> {
  const prepared = await prepareCrossing({ source, target }, flags, outside)
  const { shell } = prepared
  const out = prepareFile('--out', flags.out, shell)
  let planned: Planned | null = null
  return conduct(
    prepared,
    flags,
    async (input) => {
      planned = await plan(input)
      if (out && planned.plan)
        keep(out, `${JSON.stringify(redactProse(planned.plan, shell.secrets.redact), null, 2)}\n`, shell)
      return planned.report
    },
    () => show(planned, flags, shell),
  )
}

/** Prints the plan or its statements. Statements are for another program, so the report steps aside. */
function show(planned: Planned | null, flags: PlanFlags, shell: Shell): ReturnType<Preface> {
  const sql = flags.format === 'sql'
  if (planned?.plan && flags.json) printJson(shell, { type: 'plan', plan: planned.plan, ddl: planned.ddl })
  if (planned?.plan && !flags.json && !(flags.quiet && !sql)) {
    const text = sql
      ? planned.ddl.map((statement) => `${statement};\n`).join('')
      : `${renderPlan(planned.plan, redactProse(planned.report, shell.secrets.redact), { color: wantsColor(shell.stdout, flags.color), width: widthOf(shell.stdout) })}\n`
    printLine(shell, 'stdout', text)
  }
  return { stream: sql ? 'stderr' : 'stdout', short: !sql && planned?.plan !== null }
}
