/**
 * `ROWS_LOST`: the server took fewer rows than it was sent. `ROW_MISFIT`: a row does not fit its columns. `INTERRUPTED`: the signal was raised. `QUARANTINE_UNWRITABLE`: nothing can be
 * written into the folder. `REPLAY_UNREADABLE`: a line set aside holds no row that can be read. `REPLAY_CHANGED`: its file was changed while its rows were loaded.
 * `REPLAY_UNDER_WAY`: another replay of the folder has not ended, or nobody can tell whether it did. `QUARANTINE_EXISTS`: it holds the rows of an earlier run. `QUARANTINE_UNREADABLE`: a line in it is not rowferry's.
 */
export type WriteErrorCode =
  | 'ROWS_LOST'
  | 'ROW_MISFIT'
  | 'INTERRUPTED'
  | 'QUARANTINE_UNWRITABLE'
  | 'QUARANTINE_EXISTS'
  | 'QUARANTINE_UNREADABLE'
  | 'REPLAY_UNREADABLE'
  | 'REPLAY_CHANGED'
  | 'REPLAY_UNDER_WAY'

export class WriteError extends Error {
  readonly code: WriteErrorCode
  readonly table: string | null
  readonly remedy: string | null
  constructor(
    code: WriteErrorCode,
    message: string,
    options: { table?: string; remedy?: string; cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = 'WriteError'
    this.code = code
    this.table = options.table ?? null
    this.remedy = options.remedy ?? null
  }
}

export function rowsLost(table: string, sent: number, taken: number): WriteError {
  return new WriteError(
    'ROWS_LOST',
    `${sent} rows of ${table} were sent and the server kept ${taken}: a trigger or rule swallows rows`,
    { table, remedy: '--triggers disable, or drop the rule' },
  )
}
