import { z } from 'zod'
import type { Plan } from './plan.ts'
import { planSchema } from './plan.ts'

/** A plan file that cannot be used: `PLAN_UNREADABLE` (no JSON, or another shape) or `PLAN_VERSION`. */
export class PlanError extends Error {
  readonly code: 'PLAN_UNREADABLE' | 'PLAN_VERSION'
  readonly remedy: string
  constructor(code: PlanError['code'], message: string, remedy: string) {
    super(message)
    this.name = 'PlanError'
    this.code = code
    this.remedy = remedy
  }
}

/** Reads what `JSON.stringify(plan)` wrote. Throws `PlanError`. */
export function parsePlan(text: string): Plan {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch {
    throw new PlanError(
      'PLAN_UNREADABLE',
      'the plan is no JSON',
      'make it again with: rowferry plan <source> <target> --out plan.json',
    )
  }
  const version = typeof json === 'object' && json !== null && 'version' in json ? json.version : undefined
  if (version !== undefined && version !== 1)
    throw new PlanError(
      'PLAN_VERSION',
      `the plan has version ${JSON.stringify(version)}, this program reads version 1`,
      'make the plan again with this version',
    )
  const parsed = planSchema.safeParse(json)
  if (parsed.success) return parsed.data
  const { issues } = parsed.error
  throw new PlanError(
    'PLAN_UNREADABLE',
    `the plan has not the shape of a plan:\n${z.prettifyError({ issues: issues.slice(0, SHOWN) })}${issues.length > SHOWN ? `\n… and ${issues.length - SHOWN} more` : ''}`,
    'make it again with: rowferry plan <source> <target> --out plan.json',
  )
}

/** A file that is something else altogether would fail at every point. */
const SHOWN = 3
