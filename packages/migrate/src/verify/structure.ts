import type { Catalog } from '@rowferry/introspect'
import { formatTableName, sameTable } from '@rowferry/introspect'
import { readPostgresCatalog } from '@rowferry/introspect/postgres'
import type { Finding, Plan } from '@rowferry/plan'
import { finding } from '@rowferry/plan'
import {
  checkForeignKeys,
  checkSequences,
  findRuleBreakers,
  findSilentConstraints,
  readRowRules,
  type SequenceVerdict,
  type Session,
} from '@rowferry/postgres'
import { plannedSchema } from './planned-schema.ts'
import { sourceSchema } from './source-schema.ts'

export interface StructureInput {
  readonly session: Session
  readonly source: Catalog
  /** Made just now, for the target as it is. */
  readonly plan: Plan
  /** The plan of the crossing, where it was kept. */
  readonly planned: Plan | null
  /** `planned` is without what the crossing left off. */
  readonly asCrossed: boolean
}

export interface StructureVerdict {
  readonly findings: Finding[]
  /** Of which every row meets its parent. */
  readonly foreignKeys: number
}

/** All but the cells: what every rule of the target says of its rows, by reading them, and whether the rules themselves are still there. Reads only. */
export async function verifyStructure({
  session,
  source,
  plan,
  planned,
  asCrossed,
}: StructureInput): Promise<StructureVerdict> {
  const now = await readPostgresCatalog(session.kysely, { schemas: [plan.options.schema] })
  const references = await readReferences(session, plan)
  return {
    foreignKeys: references.foreignKeys,
    findings: [
      ...references.findings,
      ...(await rowRules(session, plan, now)),
      ...(await sequences(session, plan)),
      ...(planned === null ? sourceSchema(plan, source, now) : plannedSchema(planned, now, asCrossed)),
    ],
  }
}

async function readReferences(session: Session, plan: Plan): Promise<StructureVerdict> {
  const tables = plan.tables.map((table) => table.target)
  const keys = await checkForeignKeys(session, tables)
  const broken = keys.filter((key) => key.orphans > 0)
  const silent = await findSilentConstraints(session, tables)
  const findings = [
    ...broken.map((key) =>
      finding({
        code: 'FOREIGN_KEY_VIOLATION',
        severity: 'refuse',
        table: formatTableName(key.table),
        count: key.orphans,
        message: `${key.orphans} rows of ${formatTableName(key.table)} meet no parent through ${key.name}`,
      }),
    ),
    ...silent.map(({ table, constraint }) =>
      finding({
        code: 'CONSTRAINT_SWITCHED_OFF',
        severity: 'refuse',
        table: formatTableName(table),
        message: `nobody enforces ${constraint} of ${formatTableName(table)}: its triggers are switched off`,
        remedy: 'ALTER TABLE … ENABLE TRIGGER ALL, on both of its tables',
      }),
    ),
  ]
  return { findings, foreignKeys: keys.length - broken.length }
}

const ruleCodes = { 'not null': 'NOT_NULL_VIOLATION', check: 'CHECK_VIOLATION', unique: 'UNIQUE_VIOLATION' } as const

async function rowRules(session: Session, plan: Plan, now: Catalog): Promise<Finding[]> {
  const targets = plan.tables.map((table) => table.target)
  const all = await readRowRules(session, targets)
  const ruled = targets.flatMap((table, at) => {
    const rules = all[at] ?? null
    const there = now.tables.find((each) => sameTable(each.name, table))
    if (rules === null || !there) return []
    return [{ table, rules, notNull: there.columns.filter(({ nullable }) => !nullable).map(({ name }) => name) }]
  })
  const broken = await findRuleBreakers(session, ruled)
  const findings: Finding[] = []
  for (const [at, { table: target }] of ruled.entries()) {
    const table = formatTableName(target)
    for (const { rule, name, count } of broken[at] ?? []) {
      const said = {
        'not null': `${count} rows of ${table} hold NULL in ${name}, which is NOT NULL`,
        check: `${count} rows of ${table} break its check ${name}`,
        unique: `${count} values of ${table} are there more than once, against ${name}`,
      }
      findings.push(
        finding({
          code: ruleCodes[rule],
          severity: 'refuse',
          table,
          column: rule === 'not null' ? name : null,
          count,
          message: said[rule],
        }),
      )
    }
  }
  return findings
}

async function sequences(session: Session, plan: Plan): Promise<Finding[]> {
  const columns = plan.tables.flatMap((table) =>
    table.sequences.flatMap(({ column, sequence, highWaterMark }) =>
      sequence ? [{ table: table.target, column, sequence, highWaterMark, owned: table.owned }] : [],
    ),
  )
  if (columns.length === 0) return []
  return (await checkSequences(session, columns)).flatMap(judge)
}

function judge(verdict: SequenceVerdict): Finding[] {
  const column = `${formatTableName(verdict.table)}.${verdict.column}`
  const sequence = formatTableName(verdict.sequence)
  const say = (code: string, severity: Finding['severity'], message: string, remedy: string | null): Finding[] => [
    finding({ code, severity, table: formatTableName(verdict.table), column: verdict.column, message, remedy }),
  ]
  // At the largest id that there is, the source has no next one either
  if (verdict.nextValue === null)
    return say('SEQUENCE_EXHAUSTED', 'warning', `${sequence} has no value left for ${column}`, null)
  const behind = (why: string): Finding[] =>
    say('SEQUENCE_BEHIND', 'refuse', why, 'move it with setval past the largest value')
  if (!verdict.free) return behind(`the next value of ${sequence} is already used in ${column}`)
  return verdict.past
    ? []
    : behind(
        `${sequence} goes on at ${verdict.nextValue}, and ${column} holds values past that, or the source has given them`,
      )
}
