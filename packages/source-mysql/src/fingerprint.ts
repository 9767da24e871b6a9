import { createHash } from 'node:crypto'
import { catalogFingerprint, type Catalog } from '@rowferry/introspect'
import type { Lane } from './connection.ts'
import { tableOf } from './quote.ts'

/**
 * The structure, and of each table the number of its rows and the sum that the server itself makes of them, inside the snapshot: a pass over all rows,
 * on the server. https://mariadb.com/kb/en/checksum-table/
 */
export async function fingerprintOf(lane: Lane, catalog: Catalog): Promise<string> {
  const hash = createHash('sha256').update(catalogFingerprint(catalog))
  for (const { name, highWaterMark } of catalog.tables) {
    const [sum] = await lane.rows(`CHECKSUM TABLE ${tableOf(name)}`)
    const [count] = await lane.rows(`SELECT CAST(COUNT(*) AS CHAR) FROM ${tableOf(name)}`)
    hash.update(JSON.stringify([name.name, String(sum?.[1]), count?.[0], highWaterMark]))
  }
  return hash.digest('hex')
}
