import { sameTable } from '@rowferry/introspect'
import { translateTrigger, type TriggerTranslation } from '@rowferry/translate'
import type { PlanInput } from './assemble.ts'
import type { NotCarried } from './definition/input.ts'
import { keepableName, recase } from './names.ts'
import type { TablePlan, TriggerPlan } from './plan.ts'
import { readableTable } from './views.ts'

type Said = Extract<TriggerTranslation, { ok: true }>

/** Triggers of created tables: those that have a form in PostgreSQL, and the others. */
export function planTriggers(
  input: PlanInput,
  tables: readonly TablePlan[],
): { readonly triggers: TriggerPlan[]; readonly notCarried: NotCarried[] } {
  const triggers: TriggerPlan[] = []
  const notCarried: NotCarried[] = []
  const created = input.matching.matches.filter((match) => match.target === null)
  for (const match of created) {
    const table = readableTable(input, match, tables, new Map())
    const accepted: { readonly name: string; readonly said: Said }[] = []
    const refuse = (name: string, definition: string, why: string, suggestion: string | null): void => {
      notCarried.push({ object: `trigger ${name}`, definition, why, suggestion })
    }
    const own = input.source.catalog.triggers
      .filter((trigger) => sameTable(match.source.name, trigger.table))
      .map(({ name, definition }) => {
        // Names of triggers are unique in SQLite, and so are those of the functions made for them
        const target = {
          schema: input.options.schema,
          name: keepableName(recase(name, input.options.case), 'constraint'),
        }
        const said: TriggerTranslation =
          input.source.catalog.dialect === 'sqlite'
            ? translateTrigger(definition, { target, table })
            : { ok: false, reason: 'only triggers of SQLite are translated', suggestion: null }
        return { name, definition, said }
      })
      .toSorted((a, b) => Number(isOfUpdate(b.said)) - Number(isOfUpdate(a.said)))
    for (const { name, definition, said } of own) {
      if (!said.ok) {
        refuse(name, definition, said.reason, said.suggestion)
        continue
      }
      const other = accepted.find((each) => firesOther(said, each.said) || firesOther(each.said, said))
      if (other) refuse(name, definition, `in SQLite one of ${other.name} and ${name} fires the other`, said.sql)
      else {
        accepted.push({ name, said })
        triggers.push({ name, table: match.source.name, definition, sql: said.sql })
      }
    }
  }
  return { triggers, notCarried }
}

function isOfUpdate(said: TriggerTranslation): boolean {
  return said.ok && said.event === 'update'
}

/** In SQLite the UPDATE of one trigger fires another, which changes nothing only if that one was fired already. */
function firesOther(one: Said, other: Said): boolean {
  return other.event === 'update' && (one.event === 'insert' || other.conditional)
}
