import { InvalidArgumentError } from '@commander-js/extra-typings'
import type { EpochUnit } from '@rowferry/coerce'
import { epochUnits } from '@rowferry/coerce'

export interface MapRule {
  readonly column: string
  readonly from: string
  readonly to: string | null
}

/**
 * `table.column:old=new`. The first `:` ends the column, the first `=` the old value, the rest is the new one: nothing after `=` is the empty
 * string, `\N` alone is SQL's NULL and `\\N` the text `\N`. What cannot be written like that goes into the configuration file.
 */
export function parseMap(text: string): MapRule {
  const match = /^([^:]+):([^=]*)=(.*)$/s.exec(text)
  if (!match) throw new InvalidArgumentError("Write it as 'table.column:old=new'.")
  const [, column = '', from = '', to = ''] = match
  return {
    column: columnName(column),
    from,
    to: textOrNull(to),
  }
}

function textOrNull(text: string): string | null {
  if (text === String.raw`\N`) return null
  return text === String.raw`\\N` ? String.raw`\N` : text
}

/** `table.column=ms`, with a unit of `epochUnits`. */
export function parseEpoch(text: string): { column: string; unit: EpochUnit } {
  const at = text.lastIndexOf('=')
  const unit = epochUnits.find((known) => known === text.slice(at + 1))
  if (at === -1 || unit === undefined)
    throw new InvalidArgumentError(`Write it as 'table.column=s', with one of ${epochUnits.join(', ')}.`)
  return { column: columnName(text.slice(0, at)), unit }
}

/** `table.column=value`. The first `=` ends the column; nothing after it is the empty string, `\N` alone is SQL's NULL and `\\N` the text `\N`. */
export function parseFill(text: string): { column: string; value: string | null } {
  const at = text.indexOf('=')
  if (at === -1) throw new InvalidArgumentError("Write it as 'table.column=value'.")
  return { column: columnName(text.slice(0, at)), value: textOrNull(text.slice(at + 1)) }
}

/** `Old=new` or `Table.Column=new`. */
export function parseRename(text: string): { from: string; to: string } {
  const at = text.indexOf('=')
  const [from, to] = [text.slice(0, Math.max(at, 0)), text.slice(at + 1)]
  if (from === '' || to === '') throw new InvalidArgumentError("Write it as 'Old=new' or 'Table.Column=new'.")
  return { from, to }
}

/** `table.column=type`, or `declared:pattern=type`. */
export function parseCast(text: string): { column: string; type: string } | { declared: string; type: string } {
  const at = text.lastIndexOf('=')
  const [subject, type] = [text.slice(0, Math.max(at, 0)), text.slice(at + 1).trim()]
  const declared = /^declared:(.+)$/s.exec(subject)?.[1]
  if (type === '' || subject === '')
    throw new InvalidArgumentError("Write it as 'table.column=type' or 'declared:MONEY=numeric(12,2)'.")
  return declared === undefined ? { column: columnName(subject), type } : { declared, type }
}

export function parseColumn(text: string): string {
  return columnName(text)
}

export function parseCount(text: string): number {
  const count = /^[0-9]+$/.test(text) ? Number(text) : 0
  if (count < 1 || !Number.isSafeInteger(count)) throw new InvalidArgumentError('Write a whole number from 1 on.')
  return count
}

/** Makes an option repeatable. */
export function each<T>(parse: (text: string) => T): (text: string, previous: T[] | undefined) => T[] {
  return (text, previous) => [...(previous ?? []), parse(text)]
}

function columnName(text: string): string {
  if (/^.+\..+$/s.test(text)) return text
  throw new InvalidArgumentError(`A column is written table.column, and ${JSON.stringify(text)} has no table.`)
}
