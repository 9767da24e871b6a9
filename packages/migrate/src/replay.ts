import type { Plan } from '@rowferry/plan'
import { finding } from '@rowferry/plan'
import { transactionOutcome } from '@rowferry/postgres'
import type { Report } from '@rowferry/report'
import type { Replay } from '@rowferry/write'
import { openReplay, replaySource } from '@rowferry/write'
import { makeReport } from './account.ts'
import { CrossingError } from './failure.ts'
import type { Opened } from './opened.ts'

/** A crossing of the rows that an earlier one set aside: into tables that hold the others, row by row, and what is still refused stays. */
export async function openReplaying(folder: string, opened: Opened): Promise<{ opened: Opened; replay: Replay }> {
  const session = opened.session!
  const replay = await openReplay(folder, session.label, (xid) => transactionOutcome(session, xid))
  return {
    replay,
    opened: {
      ...opened,
      source: replaySource(opened.source, replay),
      options: {
        ...opened.options,
        tables: replay.files.map(({ table }) => table.name),
        excludeTables: [],
        onExisting: 'append',
        onBadRow: 'quarantine',
        missingTables: 'refuse',
        quarantineDir: folder,
      },
    },
  }
}

/** All rows have arrived, in this run or an earlier one: that is no failure. */
export function nothingToReplay(opened: Opened, folder: string): Report {
  return makeReport({
    ...opened.base,
    outcome: 'done',
    findings: [
      finding({ code: 'REPLAY_EMPTY', severity: 'note', message: `${folder} holds no rows that were set aside` }),
    ],
  })
}

/** Rows are replayed into the tables that they were kept from, which are there. */
export function refuseCreation(plan: Plan): void {
  const table = plan.tables.find(({ mode }) => mode === 'create')
  if (!table) return
  throw new CrossingError(
    'REPLAY_TARGET',
    `the target has no table ${table.target.name} for the rows that were set aside`,
    {
      table: table.source.name,
      remedy: 'give the target into which the other rows went',
    },
  )
}
