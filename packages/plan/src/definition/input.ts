import type { Cast } from '@rowferry/coerce'
import { formatType } from '@rowferry/coerce'
import type { Table, TableName } from '@rowferry/introspect'
import { formatTableName } from '@rowferry/introspect'
import type { ExpressionColumn } from '@rowferry/translate'
import type { ColumnDecision } from '../assemble.ts'
import type { Finding } from '../finding.ts'
import { finding } from '../finding.ts'
import type { TableMatch } from '../match.ts'
import { nameTrouble } from '../names.ts'
import type { ConditionPlan } from '../plan.ts'
import type { CaseBlind } from '../nocase.ts'

/** A part of the source's schema that the target will not have, with what might be written instead. */
export interface NotCarried {
  readonly object: string
  readonly definition: string
  readonly why: string
  readonly suggestion: string | null
}

export interface DefinitionInput {
  readonly match: TableMatch
  /** The catalog's: what language its expressions are written in. */
  readonly dialect: string
  readonly casts: readonly Cast[]
  /** Does the source have such a table, carried or not? Left out, it has. */
  readonly inSource?: (name: TableName) => boolean
  /** All matches: parents of foreign keys are looked up here. */
  readonly matches: readonly TableMatch[]
  /** Casts of every created table, by source name. */
  readonly castsOf: (table: Table) => readonly Cast[]
  /** Columns that compare without case by themselves; left out, none do. */
  readonly caseBlind?: CaseBlind | null
  /** What else the data told of source columns. */
  readonly stored?: ReadonlyMap<string, Pick<ColumnDecision, 'spelling' | 'onlyText'>>
  /** Source columns in which a NULL was stored. */
  readonly holdsNull: ReadonlySet<string>
  /** Names for what shares the tables' own: indexes, primary keys and unique constraints. Each once in the target schema, at most 63 bytes. */
  readonly allocate: (wanted: string) => string
  readonly notCarried: NotCarried[]
  /** What can be tried on both sides. */
  readonly conditions: ConditionPlan[]
  readonly findings: Finding[]
}

/** The name that the source gives a constraint or an index, or another that is said; `otherwise` where it gives none. */
export function objectName(
  input: DefinitionInput,
  kind: 'index' | 'constraint',
  own: string | null,
  otherwise: () => string,
): string {
  if (own === null) return input.allocate(otherwise())
  const name = input.allocate(own)
  if (name !== own) {
    const trouble = nameTrouble(own, kind)?.message ?? 'that name is taken'
    input.findings.push(
      finding({
        code: 'NAME_CHANGED',
        severity: 'note',
        table: input.match.source.name.name,
        message: `${kind} ${JSON.stringify(own)} of ${formatTableName(input.match.source.name)} becomes ${JSON.stringify(name)}: ${trouble}`,
        remedy: 'to choose another name, change it in the source',
      }),
    )
  }
  return name
}

export function castOf(input: DefinitionInput, column: string): Cast {
  return input.casts.find((cast) => cast.column === column)!
}

/** Whatever a rule does, the values are no longer the source's. */
export function isChanged({ rules, type }: Pick<Cast, 'rules' | 'type'>): boolean {
  return Object.keys(rules).some((rule) => rule !== 'timezone' || type.name.startsWith('timestamp'))
}

/** The columns as translate wants them. */
export function expressionColumns(input: DefinitionInput): ExpressionColumn[] {
  return input.match.columns.map(({ source, name }) => {
    const cast = castOf(input, source.name)
    const { type } = cast
    return {
      name: source.name,
      // What is proven of text does not hold where PostgreSQL compares without case
      type: isCaseBlind(input, source.name) ? 'citext' : formatType(type),
      target: name,
      declaredType: source.declaredType,
      ...(source.collation === null ? {} : { collation: source.collation }),
      changed: isChanged(cast),
      ...input.stored?.get(source.name),
    }
  })
}

export function isCaseBlind(input: DefinitionInput, column: string): boolean {
  return input.caseBlind?.has(input.match.source, column) ?? false
}
