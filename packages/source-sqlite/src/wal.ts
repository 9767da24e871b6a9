import fs from 'node:fs'

/** The write-ahead log's header, which changes whenever the log starts anew; null when there is none or it is empty. */
export function walHeader(file: string): string | null {
  const bytes = readStart(file, walHeaderSize)
  return bytes.length === 0 ? null : bytes.toString('hex')
}

/**
 * Transactions that were committed to the log and that SQLite will not find, since it stops at the first frame whose checksum is wrong.
 * `valid` is the number of frames that it did find. https://www.sqlite.org/fileformat2.html#walformat
 */
export function lostCommits(file: string, pageSize: number, valid: number): number {
  const fd = fs.openSync(file, 'r')
  try {
    const header = Buffer.alloc(walHeaderSize)
    if (fs.readSync(fd, header, 0, walHeaderSize, 0) < walHeaderSize) return 0
    const frame = Buffer.alloc(frameHeaderSize)
    const { size } = fs.fstatSync(fd)
    let lost = 0
    for (
      let at = walHeaderSize + valid * (frameHeaderSize + pageSize);
      at + frameHeaderSize + pageSize <= size;
      at += frameHeaderSize + pageSize
    ) {
      fs.readSync(fd, frame, 0, frameHeaderSize, at)
      // Frames of an earlier round carry other salts
      if (!frame.subarray(8, 16).equals(header.subarray(16, 24))) break
      if (frame.readUInt32BE(4) > 0) lost += 1
    }
    return lost
  } finally {
    fs.closeSync(fd)
  }
}

const walHeaderSize = 32
const frameHeaderSize = 24

function readStart(file: string, length: number): Buffer {
  if (!fs.existsSync(file)) return Buffer.alloc(0)
  const fd = fs.openSync(file, 'r')
  try {
    const bytes = Buffer.alloc(length)
    return bytes.subarray(0, fs.readSync(fd, bytes, 0, length, 0))
  } finally {
    fs.closeSync(fd)
  }
}
