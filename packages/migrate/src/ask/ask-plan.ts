import { goesThroughText } from '@rowferry/coerce'
import { formatTableName } from '@rowferry/introspect'
import type { Catalog, SourceRow } from '@rowferry/introspect'
import type { Finding, ForeignKeyPlan, Plan, TablePlan } from '@rowferry/plan'
import { finding } from '@rowferry/plan'
import type { RowKey, RowRules, Session } from '@rowferry/postgres'
import type { Source } from '@rowferry/source'
import type { Asking, Hashes, Question, RowRequest } from '@rowferry/write'
import { keyColumns, keyHash, occupied, openAsking, rowQuestions } from '@rowferry/write'
import { alreadyUnique } from './already-unique.ts'
import { excludedRows, orphanFinding, repeatedRows } from './conclude.ts'
import type { AskedReference } from './references.ts'
import { askedReferences } from './references.ts'
import { readRules } from './row-rules.ts'

/** Rows among which an EXCLUDE constraint is looked for pair by pair. */
const EXCLUDE_ROWS = 5000
const EXCLUDE_BYTES = 8 * 1024 * 1024

export const CHECKED_BY_SERVER = 'CHECKED_BY_SERVER'

export interface AskInput {
  readonly plan: Plan
  readonly source: Source
  readonly session: Session
  /** Is the source's own comparison right for this foreign key, and its parents all in the source? Then nothing is asked. */
  readonly inSource: (key: ForeignKeyPlan) => boolean
  readonly request: (table: TablePlan) => RowRequest
}

interface AskedTable {
  readonly table: TablePlan
  readonly rules: RowRules
  readonly keys: readonly { readonly key: RowKey; readonly question: Question }[]
  readonly exclusions: readonly RowKey[]
  readonly asking: Asking
  readonly tuples: { ordinal: number; tuple: Uint8Array }[]
  readonly tooMany: () => boolean
  readonly absent: Map<string, Set<number>>
}

/** What the server would say of the rows, asked while `checkTable` reads them: nothing is written, nothing stays locked. */
export interface PlanAsking {
  /** For a table's `checkTable`; undefined where nothing needs to be asked. */
  readonly onRows: (table: TablePlan) => ((batch: readonly SourceRow[], first: number) => Promise<void>) | undefined
  /** Once all tables have been read. */
  finish(): Promise<Finding[]>
}

export async function openPlanAsking(input: AskInput): Promise<PlanAsking> {
  const { plan, session } = input
  const rules = await readRules(session, plan.tables)
  const references: AskedReference[] = []
  for (const [table, its] of rules)
    references.push(...(await askedReferences(session, plan, table, its, input.inSource)))
  let catalog: Promise<Catalog> | null = null
  const readCatalog = () => (catalog ??= input.source.readCatalog())
  const asked = new Map<TablePlan, AskedTable>()
  for (const [table, its] of rules) {
    const one = await openTable(session, table, its, references, readCatalog)
    if (one) asked.set(table, one)
  }
  return {
    onRows(table) {
      const asking = asked.get(table)?.asking
      return asking && ((batch, first) => asking.rows(batch, first))
    },
    async finish() {
      const findings: Finding[] = []
      const hashes = new Map<TablePlan, ReadonlyMap<string, Hashes>>()
      for (const one of asked.values()) {
        const answer = await one.asking.finish()
        const unasked = new Set(answer.unasked.map(({ question }) => question.id))
        const open = answer.unasked.map(({ question, why }) => `${question.subject} (${why})`)
        hashes.set(one.table, new Map([...answer.hashes].filter(([id]) => !unasked.has(id))))
        findings.push(...answer.findings)
        for (const { key, question } of one.keys) {
          const its = hashes.get(one.table)!.get(question.id)
          if (its)
            findings.push(...(await repeatedRows(session, input.request(one.table), one.rules, key, question, its)))
        }
        for (const key of one.exclusions) {
          if (one.tooMany()) open.push(`exclusion constraint ${key.name} (too many rows to compare each with each)`)
          else
            findings.push(
              ...(await excludedRows(session, input.request(one.table), one.asking.casts, one.rules, key, one.tuples)),
            )
        }
        if (open.length > 0) findings.push(onlyByServer(one.table, open))
      }
      for (const reference of references) findings.push(...(await orphans(input, reference, asked, hashes)))
      return findings
    },
  }
}

async function openTable(
  session: Session,
  table: TablePlan,
  rules: RowRules,
  references: readonly AskedReference[],
  readCatalog: () => Promise<Catalog>,
): Promise<AskedTable | null> {
  const carried = (key: RowKey) =>
    keyColumns(rules, key).some((name) => table.casts.some(({ target }) => target === name))
  const unique: { key: RowKey; question: Question }[] = []
  for (const key of rules.keys) {
    if (key.exclusion || !carried(key) || alreadyUnique(table, rules, key, await readCatalog())) continue
    unique.push({ key, question: keyHash(rules, key) })
  }
  const exclusions = rules.keys.filter((key) => key.exclusion && carried(key))
  const mine = references.filter(({ child }) => child === table)
  const questions = [
    ...rowQuestions(table, rules),
    ...unique.map(({ question }) => question),
    ...keptRows(table, rules)
      .filter(({ key }) => carried(key))
      .map(({ key, mergedBy }) => occupied(table, rules, key, mergedBy)),
    ...mine.flatMap(({ absent, childHash }) => [absent, childHash]).filter((question) => question !== null),
    ...references
      .filter(({ parent }) => parent === table)
      .flatMap(({ parentHash }) => (parentHash ? [parentHash] : [])),
  ]
  const texts = [...table.casts, ...table.fills.map(({ cast }) => cast)].some(({ type }) => goesThroughText(type))
  if (questions.length === 0 && exclusions.length === 0 && !texts) return null
  const absent = new Map(
    mine.flatMap(({ absent: question }) => (question ? [[question.id, new Set<number>()] as const] : [])),
  )
  const tuples: AskedTable['tuples'] = []
  let bytes = 0
  let tooMany = false
  const asking = await openAsking({
    session,
    table,
    rules,
    questions,
    columns: exclusions.flatMap((key) => keyColumns(rules, key)),
    onFlag: (id, ordinal) => absent.get(id)?.add(ordinal) !== undefined,
    ...(exclusions.length === 0
      ? {}
      : {
          onTuple(ordinal: number, tuple: Uint8Array) {
            if (tooMany) return
            bytes += tuple.length
            tooMany = tuples.length >= EXCLUDE_ROWS || bytes > EXCLUDE_BYTES
            if (tooMany) tuples.length = 0
            else tuples.push({ ordinal, tuple: Uint8Array.from(tuple) })
          },
        }),
  })
  return { table, rules, keys: unique, exclusions, asking, tuples, tooMany: () => tooMany, absent }
}

/** Keys by which a row can meet one that stays in the target. By the primary key, `skip` and `merge` mean it to. */
function keptRows(table: TablePlan, rules: RowRules): { key: RowKey; mergedBy: RowKey | null }[] {
  if (table.onExisting === 'append') return rules.keys.map((key) => ({ key, mergedBy: null }))
  if (table.onExisting !== 'skip' && table.onExisting !== 'merge') return []
  const primary = rules.keys.find((key) => key.primary) ?? null
  return rules.keys.filter((key) => !key.primary).map((key) => ({ key, mergedBy: primary }))
}

async function orphans(
  input: AskInput,
  reference: AskedReference,
  asked: ReadonlyMap<TablePlan, AskedTable>,
  hashes: ReadonlyMap<TablePlan, ReadonlyMap<string, Hashes>>,
): Promise<Finding[]> {
  const { child, parent, absent, childHash, parentHash } = reference
  const notThere = absent ? (asked.get(child)?.absent.get(absent.id) ?? null) : null
  const mine = childHash ? hashes.get(child)?.get(childHash.id) : undefined
  const theirs = parent && parentHash ? hashes.get(parent)?.get(parentHash.id) : undefined
  const unmet = mine && theirs ? mine.absentFrom(theirs) : null
  if (parent && unmet === null) return []
  const found = unmet === null ? [...(notThere ?? [])] : unmet.filter((ordinal) => notThere?.has(ordinal) ?? true)
  return found.length === 0 ? [] : [await orphanFinding(input.request(child), reference, found)]
}

function onlyByServer(table: TablePlan, open: readonly string[]): Finding {
  const name = formatTableName(table.source)
  return finding({
    code: CHECKED_BY_SERVER,
    severity: 'note',
    table: name,
    message: `${name}: the server can judge some of its rules only as it takes the rows in: ${open.join('; ')}`,
    remedy: 'migrate --rehearse asks it and writes nothing',
  })
}
