import { expect, test } from 'vitest'
import { openPage } from './page.ts'
import { renderTable } from './table.ts'

const at = (width: number) => openPage({ color: false, width })
const headings = [{ name: 'table' }, { name: 'rows', align: 'right' }] as const

test('wide characters take the room they need', () => {
  expect(
    renderTable(at(40), headings, [
      ['表', '1'],
      ['users', '1,000'],
    ]),
  ).toEqual(['table   rows', '────────────', '表         1', 'users  1,000'])
})

test('the first column gives way in its middle', () => {
  expect(renderTable(at(20), headings, [['a_very_long_table_name_2024', '7']], { bare: true })).toEqual([
    'a_very_…e_2024     7',
  ])
})

test('when that does not help, rows become paragraphs', () => {
  const many = [{ name: 'table' }, ...['read', 'written', 'rejected'].map((name) => ({ name }))]
  expect(renderTable(at(20), many, [['users', '1', '2', '3']])).toEqual([
    'users',
    '    read: 1',
    '    written: 2',
    '    rejected: 3',
  ])
})

test('the last column is broken into lines where that is wanted', () => {
  expect(
    renderTable(
      at(30),
      [{ name: 'c' }, { name: 'because', wrap: true }],
      [['id', 'declared INTEGER and holds all of it']],
      { bare: true },
    ),
  ).toEqual(['id  declared INTEGER and holds', '    all of it'])
})
