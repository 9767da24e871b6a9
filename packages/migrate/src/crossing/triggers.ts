import { formatTableName } from '@rowferry/introspect'
import type { Finding, Plan } from '@rowferry/plan'
import { finding } from '@rowferry/plan'
import { PostgresError } from '@rowferry/postgres'
import type { CrossingContext } from './context.ts'

/** The plan's triggers, made once all rows are there; one that the server refuses is listed. */
export async function makeTriggers({
  plan,
  session,
}: CrossingContext): Promise<{ readonly findings: Finding[]; readonly notCarried: Plan['notCarried'] }> {
  const findings: Finding[] = []
  const notCarried: Plan['notCarried'] = []
  for (const { name, table, definition, sql } of plan.triggers) {
    await session.query('SAVEPOINT trigger')
    try {
      await session.query(sql)
      findings.push(
        finding({
          code: 'TRIGGER_TRANSLATED',
          severity: 'note',
          table: formatTableName(table),
          message: `trigger ${name} writes the moment into the row before it is stored, where SQLite wrote it afterwards`,
        }),
      )
    } catch (error) {
      if (!(error instanceof PostgresError) || !/^(?:42|0A)/.test(error.code)) throw error
      await session.query('ROLLBACK TO SAVEPOINT trigger')
      notCarried.push({
        object: `trigger ${name}`,
        definition,
        why: `PostgreSQL refuses it: ${error.message}`,
        suggestion: sql,
      })
    }
    await session.query('RELEASE SAVEPOINT trigger')
  }
  return { findings, notCarried }
}
