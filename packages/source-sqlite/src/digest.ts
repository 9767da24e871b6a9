import { createHash } from 'node:crypto'
import fs from 'node:fs'
import { promisify } from 'node:util'

const readFromFile = promisify(fs.read)

/** Of the database alone: a log has been moved into the copy that is read, so a checkpoint by the application changes nothing. */
export async function digestOf(fd: number): Promise<string> {
  const hash = createHash('sha256')
  // One buffer for the whole file: those of a stream would wait for the garbage collector, and the file may be large
  const buffer = Buffer.allocUnsafeSlow(1 << 18)
  for (let at = 0; ;) {
    const { bytesRead } = await readFromFile(fd, buffer, 0, buffer.length, at)
    if (bytesRead === 0) return `sha256:${hash.digest('hex')}`
    hash.update(buffer.subarray(0, bytesRead))
    at += bytesRead
  }
}
