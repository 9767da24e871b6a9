import type { SourceValue } from '@rowferry/introspect'
import { agreement } from './agreement.ts'
import { createCopyBuffer, putNull, reserve } from './buffer.ts'
import type { Cast } from './cast.ts'
import type { CellEncoder, CellValue } from './cell.ts'
import { compileCell, resolveDomain } from './compile-cell.ts'
import type { CopyBuffer, RowEncoder } from './encoder.ts'
import type { IntegerMode } from './example.ts'
import { escapeExample, storageClassOf } from './example.ts'
import type { Misfit } from './misfit.ts'
import { unwrapJson } from './mends/json.ts'
import { offersOf } from './mends/offer.ts'
import type { QuickWay } from './quick.ts'
import { noWay, putQuick, quickLength, quickRoom, quickWay } from './quick.ts'
import type { Refusal, Subject } from './refusal.ts'
import { nullNotAllowed } from './refusal.ts'
import type { Tally } from './tally.ts'
import { openTally } from './tally.ts'
import { epochCell, isEpoch } from './types/epoch.ts'
import { durationCell } from './types/interval.ts'
import type { Zone } from './types/zone.ts'
import { openZone } from './types/zone.ts'

export interface EncoderOptions {
  /**
   * How the reader was asked for integers (`ReadOptions.integers`). With `auto` (default) a whole number counts as an integer;
   * with `bigint` every number is a real, so that 1.0 reaches a text column as `1.0`.
   */
  readonly integers?: IntegerMode
}

/** One column, compiled. */
interface ColumnEncoder {
  /** Takes the value as it is stored: mends and map come first, and either may write NULL. */
  readonly encode: (value: SourceValue, out: CopyBuffer) => Refusal | null
  /** The same for what is not NULL. */
  readonly encodeValue: CellEncoder
  /** How the usual values are written where no rule touches them, texts up to `longest`. */
  readonly way: QuickWay
  readonly longest: number
  readonly takesNull: boolean
  readonly allowsLossy: boolean
  /** The value as the mends and the map leave it. */
  readonly judged: (value: SourceValue) => SourceValue
  /** What the last refusal of such a value was about. */
  readonly subject: (judged: SourceValue) => Subject
  /** Mends with which the value as it is stored would fit, as options; null for none. */
  readonly offer: (value: SourceValue) => string | null
}

/**
 * Compiles the encoder of one table: a closure per column, chosen once from its type and rules. Cells that fit allocate nothing on the usual paths.
 * @throws CoerceError `TIMEZONE_UNKNOWN` when a cast's rules name a time zone that does not exist.
 */
export function compileRow(casts: readonly Cast[], options: EncoderOptions = {}): RowEncoder {
  const integers = options.integers ?? 'auto'
  const tally = openTally(casts.length)
  const zones = new Map<string, Zone>()
  const columns = casts.map((cast, index) => compileColumn(cast, index, integers, zones, tally))
  const encoders = columns.map((column) => column.encodeValue)
  const allowsLossy = columns.map((column) => column.allowsLossy)
  const ways = columns.map((column) => column.way)
  const lengths = columns.map((column) => column.longest)
  const takesNull = columns.map((column) => column.takesNull)
  const width = columns.length
  let viewed: Buffer | null = null
  let view: DataView = new DataView(new ArrayBuffer(0))
  const viewOf = (bytes: Buffer): DataView => {
    if (bytes !== viewed) {
      view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
      viewed = bytes
    }
    return view
  }
  let scratch: CopyBuffer | null = null

  return {
    casts,
    encode(row, into) {
      const start = into.position
      reserve(into, 2 + width * quickRoom)
      let { bytes } = into
      let room = viewOf(bytes)
      room.setInt16(start, width)
      let position = start + 2
      for (let i = 0; i < width; i++) {
        const value = row[i] as SourceValue
        let refusal: Refusal | null = nullNotAllowed
        if (value === null) {
          if (takesNull[i] === true) {
            room.setInt32(position, -1)
            position += 4
            continue
          }
        } else {
          const end = putQuick(ways[i] as QuickWay, lengths[i] as number, value, bytes, room, position)
          if (end !== 0) {
            position = end
            continue
          }
          into.position = position
          refusal = (encoders[i] as CellEncoder)(value, into)
          position = into.position
        }
        if (refusal !== null) {
          if (refusal.verdict !== 'lossy' || allowsLossy[i] !== true) {
            into.position = start
            tally.forget()
            return i
          }
          tally.noteLossy(i)
        }
        reserve(into, (width - i) * quickRoom)
        if (into.bytes !== bytes) room = viewOf((bytes = into.bytes))
      }
      into.position = position
      tally.keep()
      return -1
    },
    explain(row) {
      scratch ??= createCopyBuffer(1024)
      const out = scratch
      const misfits = columns.flatMap((column, index): readonly Misfit[] => {
        out.position = 0
        const value = row[index] as SourceValue
        const refusal = column.encode(value, out)
        if (refusal === null || (refusal.verdict === 'lossy' && column.allowsLossy)) return []
        return [describe(refusal, index, value, column, integers)]
      })
      tally.forget()
      return misfits
    },
    counts: () => tally.counts(),
  }
}

/** The encoder of a column by itself, without counts. */
export function compileLoneColumn(cast: Cast, integers: IntegerMode): CellEncoder {
  return compileColumn(cast, 0, integers, new Map(), openTally(1)).encode
}

function describe(
  refusal: Refusal,
  index: number,
  value: SourceValue,
  column: ColumnEncoder,
  integers: IntegerMode,
): Misfit {
  const judged = column.judged(value)
  const subject = column.subject(judged)
  const reason = refusal.reason(subject)
  const shown = escapeExample(value)
  return {
    column: index,
    code: refusal.code,
    verdict: refusal.verdict,
    storageClass: storageClassOf(value, integers),
    value: judged,
    reason: subject.value === value ? reason : `in ${shown}: ${reason}`,
    example: judged === value ? shown : `${shown} as ${escapeExample(judged)}`,
    remedy: column.offer(value) ?? remedyOf(refusal, { ...subject, value }, subject.value === judged),
  }
}

/** A JSON string that holds an object or array: it fits, but whoever wrote it meant what is inside. */
function isDoublyEncoded(value: CellValue): boolean {
  return typeof value === 'string' && value.charCodeAt(0) === 34 && unwrapJson(value) !== null
}

/** A map replaces what is stored as a whole and a unit is of a whole number, so that neither mends a part of it. */
function remedyOf(refusal: Refusal, subject: Subject, whole: boolean): string | null {
  const remedy = refusal.remedy(subject)
  return !whole && /^--(?:map|epoch) /.test(remedy ?? '') ? null : remedy
}

const countedTypes = new Map([
  ['date', epochCell],
  ['timestamp', epochCell],
  ['timestamptz', epochCell],
  ['interval', durationCell],
])

function compileColumn(
  cast: Cast,
  index: number,
  integers: IntegerMode,
  zones: Map<string, Zone>,
  tally: Tally,
): ColumnEncoder {
  const { rules } = cast
  const { type, notNull: domainNotNull } = resolveDomain(cast.type)
  const notNull = cast.notNull || domainNotNull
  const settings = { type, integers, zone: rules.timezone === undefined ? null : zoneNamed(rules.timezone, zones) }
  const cell = compileCell(settings)
  let encode: CellEncoder = cell.encode
  const countedCell = type.schema === 'pg_catalog' ? countedTypes.get(type.name) : undefined
  if (rules.epoch !== undefined && countedCell !== undefined) {
    const plain = encode
    const epoch = countedCell(rules.epoch, settings).encode
    encode = (value, out) => {
      if (!isEpoch(value)) return plain(value, out)
      tally.noteEpoch(index)
      return epoch(value, out)
    }
  }
  if (type.schema === 'pg_catalog' && (type.name === 'json' || type.name === 'jsonb')) {
    const plain = encode
    encode = (value, out) => {
      if (isDoublyEncoded(value)) tally.noteWrapped(index)
      return plain(value, out)
    }
  }
  const orNull = acceptNull(encode, notNull)
  const longest = quickLength(type)
  const subject = (value: SourceValue): Subject => (value === null ? null : cell.blame?.()) ?? { value, type }
  const allowsLossy = rules.allowLossy === true
  const offer = offersOf(cast, type, integers, orNull)
  const agreed = agreement(rules, type, integers, {
    mended: (name) => tally.noteMended(index, name),
    mapped: (stored) => tally.noteMapped(index, stored),
  })
  const common = { allowsLossy, subject, offer, longest, takesNull: !notNull }
  if (agreed === null)
    return { ...common, encode: orNull, encodeValue: encode, way: quickWay(type), judged: (value) => value }
  const judged = agreement(rules, type, integers) ?? agreed
  const agreeFirst: ColumnEncoder['encode'] = (value, out) => orNull(agreed(value), out)
  return { ...common, encode: agreeFirst, encodeValue: agreeFirst, way: noWay, judged }
}

/** One zone for all columns that name it, since it remembers offsets. */
function zoneNamed(name: string, zones: Map<string, Zone>): Zone {
  const zone = zones.get(name) ?? openZone(name)
  zones.set(name, zone)
  return zone
}

function acceptNull(encode: CellEncoder, notNull: boolean): ColumnEncoder['encode'] {
  return (value, out) => {
    if (value !== null) return encode(value, out)
    if (notNull) return nullNotAllowed
    putNull(out)
    return null
  }
}
