import type { CrossingOptions } from '@rowferry/migrate'
import { crossingOptionsSchema } from '@rowferry/migrate'
import type { Config } from './config-schema.ts'

/** Lists that replace each other instead of being joined: a selection is said whole. */
const WHOLE = new Set(['tables', 'excludeTables', 'order', 'allowCascade'])

/** Of rules that speak of the same thing the first is followed: what is said last must come first. */
const FIRST_WINS = new Set(['cast'])

/**
 * What is said on the command line over what is configured, option by option as their names say: lists of columns and rules are joined,
 * and of rules about the same thing the command line's is kept; everything else is replaced.
 */
export function joinOptions(configured: Config, said: { readonly [name: string]: unknown }): Partial<CrossingOptions> {
  const joined = Object.keys(crossingOptionsSchema.shape).flatMap((name): [string, unknown][] => {
    const [old, now] = [(configured as Record<string, unknown>)[name], said[name]]
    if (now === undefined) return old === undefined ? [] : [[name, Array.isArray(old) ? joinRules([], old) : old]]
    if (!Array.isArray(now) || !Array.isArray(old) || WHOLE.has(name)) return [[name, now]]
    return [[name, FIRST_WINS.has(name) ? joinRules(old, now, true) : joinRules(old, now)]]
  })
  return Object.fromEntries(joined)
}

/** Each rule once, in the order in which it was first said, as it was said last. */
function joinRules(old: readonly unknown[], now: readonly unknown[], first = false): unknown[] {
  const rules = new Map<string, unknown>()
  for (const rule of first ? [...now, ...old] : [...old, ...now]) {
    const name = JSON.stringify(subjectOf(rule))
    if (!first || !rules.has(name)) rules.set(name, rule)
  }
  return [...rules.values()]
}

/** What a rule is about: all but its last field. */
function subjectOf(rule: unknown): unknown {
  if (typeof rule !== 'object' || rule === null) return rule
  return Object.entries(rule).slice(0, -1)
}
