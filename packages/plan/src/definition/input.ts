import type { Cast } from '@rowferry/coerce'
import { formatType } from '@rowferry/coerce'
import type { Table } from '@rowferry/introspect'
import type { TableMatch } from '../match.ts'

/** A part of the source's schema that the target will not have, with what might be written instead. */
export interface NotCarried {
  readonly object: string
  readonly definition: string
  readonly why: string
  readonly suggestion: string | null
}

export interface DefinitionInput {
  readonly match: TableMatch
  readonly casts: readonly Cast[]
  /** All matches: parents of foreign keys are looked up here. */
  readonly matches: readonly TableMatch[]
  /** Casts of every created table, by source name. */
  readonly castsOf: (table: Table) => readonly Cast[]
  /** Source columns in which a NULL was stored. */
  readonly holdsNull: ReadonlySet<string>
  /** Names for constraints and indexes, unique in the target schema and at most 63 bytes. */
  readonly allocate: (wanted: string) => string
  readonly notCarried: NotCarried[]
}

export function castOf(input: DefinitionInput, column: string): Cast {
  return input.casts.find((cast) => cast.column === column)!
}

/** The columns as translate wants them. */
export function expressionColumns(input: DefinitionInput) {
  return input.match.columns.map(({ source, name }) => {
    const { type, rules } = castOf(input, source.name)
    return {
      name: source.name,
      type: formatType(type),
      target: name,
      declaredType: source.declaredType,
      ...(source.collation === null ? {} : { collation: source.collation }),
      changed: rules.map !== undefined || rules.epoch !== undefined,
    }
  })
}
