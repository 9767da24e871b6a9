import { affinityOf } from './pg-type.ts'
import type { Expression } from './syntax.ts'
import { type Term, term } from './term.ts'
import { Refusal } from './translation.ts'

/** `typeof(column) IN (…)`: a column's type tells in which storage classes its values were, NULL apart. */
export function typeofIn(of: Term, names: readonly Expression[]): Term {
  const words = names.map((name) => {
    if (name.kind === 'string') return name.value
    if (name.kind === 'name' && name.quote === '"') return name.name
    throw new Refusal('it compares typeof() with what is no string')
  })
  const wanted = new Set(words)
  const possible = storageClasses(of)
  const whole = possible.every((one) => wanted.has(one))
  const none = !possible.some((one) => wanted.has(one))
  if (!whole && !none)
    throw new Refusal('PostgreSQL does not tell integers from other numbers in a column of that type')
  const takesNull = wanted.has('null')
  if (whole)
    return takesNull ? term('boolean', 'true', { neverFalse: true }) : term('boolean', `(${of.sql} IS NOT NULL)`)
  return takesNull ? term('boolean', `(${of.sql} IS NULL)`) : term('boolean', 'false')
}

function storageClasses(of: Term): readonly string[] {
  const declared = of.column?.declaredType
  const real = declared !== undefined && affinityOf(declared) === 'real'
  switch (of.column && !of.mixed ? of.kind : 'other') {
    case 'boolean':
    case 'integer':
      return [real ? 'real' : 'integer']
    case 'numeric':
    case 'double':
    case 'real':
      return real ? ['real'] : ['integer', 'real']
    case 'text':
    case 'json':
      return ['text']
    case 'bytea':
      return ['blob']
    default:
      throw new Refusal('what typeof() says of it is not known')
  }
}
