import fs from 'node:fs'
import { SourceError } from '@rowferry/source'
import { CsvError, parse } from 'csv-parse'
import type { Description } from './description.ts'

/** A field as it is written: null for a missing value, which stands without quotes. */
export type Fields = (string | null)[]

/** How a file is read, everything settled. */
export interface Format {
  readonly file: string
  readonly encoding: string
  readonly delimiter: string
  readonly quote: string
  readonly header: boolean
  readonly missing: ReadonlySet<string>
}

const delimiters = [',', ';', '\t', '|']

/** What the description leaves open, by the file's first bytes. The delimiter is the one that its first line holds most of. */
export function formatOf(described: Description, label: string): Format {
  const start = readStart(described.file, label)
  const encoding = described.encoding ?? encodingOf(start)
  const [line = ''] = decode(start, encoding, label, described.file).split(/\r\n|\r|\n/, 1)
  const outside = line.replaceAll(/"(?:[^"]|"")*"/g, '')
  const counts = delimiters.map((each) => outside.split(each).length)
  const found = delimiters[counts.indexOf(Math.max(...counts))]!
  return {
    file: described.file,
    encoding,
    delimiter: described.delimiter ?? (/\.tsv$/i.test(described.file) ? '\t' : found),
    quote: described.quote,
    header: described.header,
    missing: new Set(described.schema?.missingValues ?? ['']),
  }
}

function readStart(file: string, label: string): Buffer {
  const bytes = Buffer.alloc(64 * 1024)
  let fd: number
  try {
    fd = fs.openSync(file, 'r')
  } catch (error) {
    const missing = error instanceof Error && 'code' in error && error.code === 'ENOENT'
    throw new SourceError(
      missing ? 'SOURCE_MISSING' : 'SOURCE_UNREADABLE',
      `${label}: ${file} ${missing ? 'is not there' : 'cannot be read'}`,
      { remedy: 'Check the path and who may read it.', cause: error },
    )
  }
  try {
    return bytes.subarray(0, fs.readSync(fd, bytes, 0, bytes.length, 0))
  } finally {
    fs.closeSync(fd)
  }
}

function encodingOf(start: Buffer): string {
  if (start[0] === 0xff && start[1] === 0xfe) return 'utf-16le'
  return start[0] === 0xfe && start[1] === 0xff ? 'utf-16be' : 'utf-8'
}

function decode(bytes: Buffer, encoding: string, label: string, file: string): string {
  try {
    return new TextDecoder(encoding).decode(bytes, { stream: true })
  } catch (error) {
    throw new SourceError(
      'SOURCE_UNREADABLE',
      `${label}: ${file} has the encoding ${JSON.stringify(encoding)}, which is unknown`,
      {
        remedy: 'Name one of https://encoding.spec.whatwg.org/#names-and-labels, such as windows-1252.',
        cause: error,
      },
    )
  }
}

/**
 * The records of a file, header included; a field without quotes that says a missing value is null. `width`: each must have so many fields, but for
 * blank lines, which are passed over. Throws `SourceError` (`SOURCE_DAMAGED`).
 */
export async function* recordsOf(format: Format, width?: number): AsyncGenerator<Fields, void, undefined> {
  const { file, encoding, delimiter, quote, missing } = format
  const parser = parse({
    delimiter,
    quote,
    escape: quote,
    relax_column_count: true,
    cast: (text, { quoting }) => (!quoting && missing.has(text) ? null : text),
  })
  const bytes = fs.createReadStream(file)
  void feed(bytes, encoding, parser)
  try {
    let number = 0
    for await (const record of parser) {
      const fields = record as Fields
      number += 1
      if (width === undefined || fields.length === width) yield fields
      else if (fields.length !== 1 || (fields[0] ?? '') !== '')
        throw new SourceError(
          'SOURCE_DAMAGED',
          `${file}: record ${number} has ${fields.length} fields instead of ${width}: ${JSON.stringify(fields).slice(0, 200)}`,
          { remedy: remedyFor(delimiter) },
        )
    }
  } catch (error) {
    throw inWords(error, format)
  } finally {
    bytes.destroy()
    parser.destroy()
  }
}

/** Decodes strictly: a wrong encoding must not pass as question marks. */
async function feed(bytes: fs.ReadStream, encoding: string, parser: ReturnType<typeof parse>): Promise<void> {
  const decoder = new TextDecoder(encoding, { fatal: true })
  try {
    for await (const piece of bytes) {
      const more = parser.write(decoder.decode(piece as Buffer, { stream: true }))
      if (!more) await new Promise((resolve) => parser.once('drain', resolve).once('close', resolve))
      if (parser.destroyed) return
    }
    parser.end(decoder.decode())
  } catch (error) {
    parser.destroy(error instanceof Error ? error : new Error(String(error)))
  }
}

function remedyFor(delimiter: string): string {
  return `Fields are parted by ${JSON.stringify(delimiter)} and quoted with "…", a quote in them doubled: correct that line, or say in datapackage.json how the file is written.`
}

function inWords(error: unknown, { file, encoding, delimiter }: Format): unknown {
  if (error instanceof CsvError) {
    return new SourceError('SOURCE_DAMAGED', `${file}: ${error.message}`, {
      remedy: remedyFor(delimiter),
      cause: error,
    })
  }
  if (error instanceof TypeError && 'code' in error && error.code === 'ERR_ENCODING_INVALID_ENCODED_DATA') {
    return new SourceError('SOURCE_DAMAGED', `${file} holds bytes that are no ${encoding}`, {
      remedy: 'Say its encoding in datapackage.json, such as "encoding": "windows-1252".',
      cause: error,
    })
  }
  if (error instanceof Error && 'syscall' in error)
    return new SourceError('SOURCE_UNREADABLE', `${file} cannot be read: ${error.message}`, { cause: error })
  return error
}
