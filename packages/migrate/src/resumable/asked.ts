import { createHash } from 'node:crypto'
import type { Plan, PlanOptions } from '@rowferry/plan'
import { planOptionsSchema } from '@rowferry/plan'
import type { Source } from '@rowferry/source'
import { sourceChanges } from '../drift.ts'
import { CrossingError } from '../failure.ts'
import type { CrossingOptions } from '../options.ts'
import { TOOL } from '../tool.ts'

/** What a run was begun with. Going on needs the same, or committed rows and later ones would not belong together. */
export interface Asked {
  readonly tool: string
  /** SHA-256 of the plan that was given; null where it was made for the run. */
  readonly plan: string | null
  readonly options: PlanOptions
}

export function askedFor(options: CrossingOptions, plan: Plan | null): Asked {
  return {
    tool: TOOL,
    plan: plan && createHash('sha256').update(JSON.stringify(plan)).digest('hex'),
    options: planOptionsSchema.parse(plan?.options ?? options),
  }
}

/** Throws `RUN_DIFFERS` or `SOURCE_CHANGED`, saying everything that is not as it was when the run began. */
export async function refuseAnother(began: Asked, now: Asked, plan: Plan, source: Source): Promise<void> {
  const changes: string[] = []
  if (began.tool !== now.tool) changes.push(`the run was begun by ${began.tool}, this is ${now.tool}`)
  const names = Object.keys(planOptionsSchema.shape) as (keyof PlanOptions)[]
  const options = names.flatMap((name) => {
    const [was, is] = [began.options[name], now.options[name]].map((value) => JSON.stringify(value))
    return was === is ? [] : [`  ${optionName(name)} was ${was}, is ${is}`]
  })
  if (options.length > 0) changes.push('other options were given', ...options)
  else if (began.plan !== now.plan) changes.push('another plan was given')
  const moved = (await source.fingerprint()) !== plan.source.fingerprint
  if (moved) changes.push('the source has changed since the run began', ...(await sourceChanges(plan, source)))
  if (changes.length === 0) return
  throw new CrossingError(
    moved ? 'SOURCE_CHANGED' : 'RUN_DIFFERS',
    `the target holds a run that is not finished: ${changes.join('\n')}`,
    {
      remedy: moved
        ? 'with the source as it was, the same command goes on; to begin again: rowferry undo <target>'
        : 'give what was given then and it goes on; to begin again: rowferry undo <target>',
    },
  )
}

function optionName(name: string): string {
  return `--${name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`
}
