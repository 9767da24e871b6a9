import type { PgType } from '@rowferry/introspect'
import { quoteIdentifier, quoteLiteral, quoteTable } from '../quote.ts'
import { PostgresError } from '../session.ts'

/** CREATE TYPE … AS ENUM and CREATE DOMAIN; what a domain is made of comes before it. */
export function renderTypes(types: readonly PgType[]): string[] {
  return types
    .toSorted((a, b) => depth(a) - depth(b))
    .map((type) => {
      if (type.kind === 'enum')
        return `CREATE TYPE ${quoteTable(type)} AS ENUM (${(type.labels ?? []).map(quoteLiteral).join(', ')})`
      if (type.kind === 'domain' && type.base) return renderDomain(type, type.base)
      throw new PostgresError('TYPE_NOT_RENDERED', `${type.schema}.${type.name} is neither an enum nor a domain`, {
        remedy: 'Create the type in the target before the crossing.',
      })
    })
}

function depth(type: PgType): number {
  const inner = type.base ?? type.element
  return inner ? depth(inner) + 1 : 0
}

function renderDomain(type: PgType, base: PgType): string {
  return [
    `CREATE DOMAIN ${quoteTable(type)} AS ${renderType({ ...base, typmod: base.typmod === -1 ? type.typmod : base.typmod })}`,
    ...(type.notNull ? ['NOT NULL'] : []),
    ...(type.checks ?? []),
  ].join(' ')
}

function renderType(type: PgType): string {
  if (type.kind === 'array' && type.element) return `${renderType({ ...type.element, typmod: type.typmod })}[]`
  return `${quoteIdentifier(type.schema)}.${quoteIdentifier(type.name)}${renderModifier(type)}`
}

/** `atttypmod` said as it is written; the numbers are those of each type's own `typmodout` function. */
function renderModifier({ schema, name, kind, typmod }: PgType): string {
  // A domain over a domain repeats the modifier that the inner one has already
  if (typmod === -1 || kind === 'domain') return ''
  switch (schema === 'pg_catalog' ? name : '') {
    case 'varchar':
    case 'bpchar':
      return `(${typmod - 4})`
    case 'bit':
    case 'varbit':
    case 'time':
    case 'timetz':
    case 'timestamp':
    case 'timestamptz':
      return `(${typmod})`
    case 'numeric': {
      const packed = typmod - 4
      // The scale has 11 bits and a sign since PostgreSQL 15
      return `(${packed >> 16}, ${((packed & 0x7ff) ^ 1024) - 1024})`
    }
    default:
      throw new PostgresError('TYPE_NOT_RENDERED', `The modifier ${typmod} of ${schema}.${name} is not known here`, {
        remedy: 'Create the type in the target before the crossing.',
      })
  }
}
