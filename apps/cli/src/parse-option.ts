import { InvalidArgumentError } from '@commander-js/extra-typings'

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
    to: to === String.raw`\N` ? null : to === String.raw`\\N` ? String.raw`\N` : to,
  }
}

const units = ['s', 'ms', 'us'] as const

/** `table.column=s|ms|us`. */
export function parseEpoch(text: string): { column: string; unit: (typeof units)[number] } {
  const at = text.lastIndexOf('=')
  const unit = units.find((known) => known === text.slice(at + 1))
  if (at === -1 || unit === undefined) throw new InvalidArgumentError("Write it as 'table.column=s', with s, ms or us.")
  return { column: columnName(text.slice(0, at)), unit }
}

/** `Old=new` or `Table.Column=new`. */
export function parseRename(text: string): { from: string; to: string } {
  const at = text.indexOf('=')
  const [from, to] = [text.slice(0, Math.max(at, 0)), text.slice(at + 1)]
  if (from === '' || to === '') throw new InvalidArgumentError("Write it as 'Old=new' or 'Table.Column=new'.")
  return { from, to }
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
