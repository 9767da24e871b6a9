import type { Source } from '@rowferry/source'
import { connect } from './connection.ts'
import { readOptions, type MysqlOptions } from './options.ts'
import { sourceOf } from './source.ts'
import { asSourceError } from './trouble.ts'

/**
 * Connects, and begins one read-only snapshot that all readings see, until `close`. It holds no locks but on the definitions of the tables it has read.
 * Throws `SourceError`: `SOURCE_URL_INVALID`, `SOURCE_UNREACHABLE`, `SOURCE_REFUSED`, `SOURCE_MISSING`, `SOURCE_TLS`.
 */
export async function openMysql(options: MysqlOptions): Promise<Source> {
  const address = readOptions(options)
  try {
    const lane = await connect(address)
    await lane.rows('START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY')
    return sourceOf(lane, address.label)
  } catch (error) {
    throw asSourceError(error, address.label)
  }
}
