import { SourceError, type SourceErrorCode } from '@rowferry/source'

const remedies: Partial<Record<SourceErrorCode, string>> = {
  SOURCE_UNREACHABLE: 'Check host and port, and that the server listens there: mysql -h host -P port -u user database',
  SOURCE_REFUSED: 'Check user and password, and what the user is granted: SELECT on the database is enough.',
  SOURCE_MISSING: 'Check the name of the database; nothing was created.',
  SOURCE_LOST: 'Run again; if it happens at the same place, look into the log of the server.',
  SOURCE_BUSY: 'Let the other transaction end, then run again.',
  SOURCE_CHANGED: 'Somebody altered a table meanwhile: run again.',
  SOURCE_TLS: 'Check the certificate and ssl-ca, or choose another ssl-mode.',
  SOURCE_VALUE_TOO_LARGE: 'Raise max_allowed_packet on the server, to 1G at most.',
}

const sentences: Partial<Record<SourceErrorCode, string>> = {
  SOURCE_UNREACHABLE: 'the server cannot be reached',
  SOURCE_REFUSED: 'the server refuses the login',
  SOURCE_MISSING: 'there is no such database',
  SOURCE_LOST: 'the connection was lost',
  SOURCE_BUSY: 'another program holds a lock',
  SOURCE_CHANGED: 'a table is no longer what it was',
  SOURCE_TLS: 'no trusted encrypted connection could be made',
  SOURCE_VALUE_TOO_LARGE: 'a row is larger than the server may send',
}

/** What the driver said, in the contract's words. https://dev.mysql.com/doc/mysql-errors/8.4/en/server-error-reference.html */
export function asSourceError(error: unknown, label: string): unknown {
  if (error instanceof SourceError || !(error instanceof Error)) return error
  const code = 'code' in error && typeof error.code === 'string' ? error.code : null
  if (code === null) return error
  const ours = sourceCode(code)
  const remedy = remedies[ours]
  const said = error.message === '' ? code : `${code}: ${error.message}`
  return new SourceError(ours, `${label}: ${sentences[ours] ?? 'it could not be read'} (${said})`, {
    cause: error,
    ...(remedy === undefined ? {} : { remedy }),
  })
}

export function isPlainServer(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'HANDSHAKE_NO_SSL_SUPPORT'
}

const lost = new Set(['PROTOCOL_CONNECTION_LOST', 'ECONNRESET', 'EPIPE', 'ER_SERVER_SHUTDOWN', 'ER_QUERY_INTERRUPTED'])

function sourceCode(code: string): SourceErrorCode {
  if (/^(?:ECONNREFUSED|ETIMEDOUT|ENOTFOUND|EHOSTUNREACH|ENETUNREACH|EAI_AGAIN|ENOENT|EACCES)$/.test(code))
    return 'SOURCE_UNREACHABLE'
  if (
    /^ER_(?:ACCESS_DENIED|DBACCESS_DENIED|HOST_|TABLEACCESS_DENIED|COLUMNACCESS_DENIED|CON_COUNT|NOT_SUPPORTED_AUTH|MUST_CHANGE_PASSWORD|ACCOUNT_)|AUTH_/.test(
      code,
    )
  )
    return 'SOURCE_REFUSED'
  if (code === 'ER_BAD_DB_ERROR') return 'SOURCE_MISSING'
  if (/SSL|CERT|SELF_SIGNED|UNABLE_TO_|ERR_TLS/.test(code)) return 'SOURCE_TLS'
  if (lost.has(code)) return 'SOURCE_LOST'
  if (/^ER_LOCK_(?:WAIT_TIMEOUT|DEADLOCK)$/.test(code)) return 'SOURCE_BUSY'
  if (/^ER_(?:TABLE_DEF_CHANGED|NO_SUCH_TABLE|BAD_FIELD_ERROR|CHECKREAD)$/.test(code)) return 'SOURCE_CHANGED'
  if (/PACKET_TOO_LARGE/.test(code)) return 'SOURCE_VALUE_TOO_LARGE'
  return 'SOURCE_UNREADABLE'
}
