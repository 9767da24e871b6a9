import fs from 'node:fs'
import os from 'node:os'
import { join } from 'node:path'
import type { SourceRow } from '@rowferry/introspect'
import type { Source } from '@rowferry/source'
import { afterAll, expect, test } from 'vitest'
import { openCsv } from './index.ts'

const root = fs.mkdtempSync(join(os.tmpdir(), 'csv-'))
afterAll(() => fs.rmSync(root, { recursive: true }))

function folder(files: Readonly<Record<string, string | Buffer>>): string {
  const made = fs.mkdtempSync(join(root, 'f-'))
  for (const [name, content] of Object.entries(files)) fs.writeFileSync(join(made, name), content)
  return made
}

async function readAll(source: Source, table: string): Promise<SourceRow[]> {
  const { tables } = await source.readCatalog()
  const { name, columns } = tables.find((each) => each.name.name === table)!
  const rows: SourceRow[] = []
  for await (const batch of source.readBatches(name, { columns: columns.map((column) => column.name) }))
    rows.push(...batch)
  await source.close()
  return rows
}

test('nothing between the delimiters is NULL, quotes with nothing in them are the empty text', async () => {
  const path = folder({ 'a.csv': 'x,y\n,""\n"a ""b""\n,c", d \n\n' })
  expect(await readAll(await openCsv({ path }), 'a')).toEqual([
    [null, ''],
    ['a "b"\n,c', ' d '],
  ])
})

test.each<[string, Record<string, string | Buffer>]>([
  ['semicolons', { 'a.csv': 'x;"y, z"\n1;ä\n' }],
  ['tabs', { 'a.tsv': 'x\ty, z\n1\tä\n' }],
  ['Windows line ends and a byte order mark', { 'a.csv': '\uFEFFx,"y, z"\r\n1,ä\r\n' }],
  ['UTF-16 with a byte order mark', { 'a.csv': Buffer.from('\uFEFFx;"y, z"\n1;ä\n', 'utf16le') }],
  [
    'an encoding, a quote and a delimiter that the schema names',
    {
      'other.txt': Buffer.from("x|'y, z'\n1|ä\n", 'latin1'),
      'datapackage.json': JSON.stringify({
        resources: [
          { name: 'a', path: 'other.txt', encoding: 'windows-1252', dialect: { delimiter: '|', quoteChar: "'" } },
        ],
      }),
    },
  ],
  [
    'no header',
    {
      'a.csv': '1,ä\n',
      'datapackage.json': JSON.stringify({
        resources: [
          {
            name: 'a',
            path: 'a.csv',
            dialect: { header: false },
            schema: { fields: [{ name: 'x' }, { name: 'y, z' }] },
          },
        ],
      }),
    },
  ],
])('%s', async (_, files) => {
  const source = await openCsv({ path: folder(files) })
  const { tables } = await source.readCatalog()
  expect(tables).toMatchObject([{ name: { name: 'a' }, rowEstimate: 1, columns: [{ name: 'x' }, { name: 'y, z' }] }])
  expect(await readAll(source, 'a')).toEqual([['1', 'ä']])
})

test('a schema says types, keys, references and missing values', async () => {
  const path = folder({
    'o.csv': 'id,buyer,total,photo\n1,7,1.10,AP8=\n9007199254740993,-,007,?\n',
    'b.csv': 'id\n7\n',
    'datapackage.json': JSON.stringify({
      resources: [
        {
          name: 'orders',
          path: 'o.csv',
          schema: {
            fields: [
              { name: 'id', type: 'integer' },
              { name: 'buyer', type: 'integer' },
              { name: 'total', type: 'number', description: 'in euros' },
              { name: 'photo', type: 'string', format: 'binary' },
            ],
            primaryKey: 'id',
            foreignKeys: [{ fields: 'buyer', reference: { resource: 'buyers', fields: 'id' } }],
            missingValues: ['-'],
          },
        },
        {
          name: 'buyers',
          path: 'b.csv',
          schema: { fields: [{ name: 'id', type: 'integer', constraints: { unique: true } }] },
        },
      ],
    }),
  })
  const source = await openCsv({ path })
  const { tables } = await source.readCatalog()
  expect(tables[0]).toMatchObject({
    primaryKey: { columns: ['id'] },
    foreignKeys: [{ columns: ['buyer'], references: { name: 'buyers' }, referencedColumns: ['id'] }],
    columns: [
      { nullable: false, declaredType: 'integer' },
      {},
      { comment: 'in euros' },
      { declaredType: 'string:binary' },
    ],
  })
  expect(tables[1]?.uniques).toMatchObject([{ columns: ['id'] }])
  expect(await readAll(source, 'orders')).toEqual([
    [1, 7, '1.10', Buffer.from([0, 255])],
    [9007199254740993n, null, '007', '?'],
  ])
})

test.each<[string, Record<string, string | Buffer>, string, RegExp]>([
  ['no file', {}, 'SOURCE_EMPTY', /no \*\.csv/],
  ['an empty file', { 'a.csv': '' }, 'SOURCE_EMPTY', /not even a header/],
  ['a column twice', { 'a.csv': 'x,y,x\n' }, 'SOURCE_UNREADABLE', /two columns are called "x"/],
  ['a column without a name', { 'a.csv': 'x,\n' }, 'SOURCE_UNREADABLE', /no name/],
  ['a short row', { 'a.csv': 'x,y\n1,2\n3\n' }, 'SOURCE_DAMAGED', /record 3 has 1 fields instead of 2/],
  ['a quote that never ends', { 'a.csv': 'x,y\n1,"2\n' }, 'SOURCE_DAMAGED', /Quote Not Closed/],
  ['bytes that are no text', { 'a.csv': Buffer.from([0x78, 0x0a, 0xff, 0x0a]) }, 'SOURCE_DAMAGED', /no utf-8/],
  [
    'a schema that is none',
    { 'a.csv': 'x\n', 'datapackage.json': '{ "resources": 1 }' },
    'SOURCE_UNREADABLE',
    /resources/,
  ],
  [
    'a way out of the folder',
    { 'datapackage.json': '{ "resources": [{ "name": "a", "path": "../../etc/passwd" }] }' },
    'SOURCE_UNREADABLE',
    /leads out/,
  ],
  [
    'an unknown encoding',
    {
      'a.csv': 'x\n',
      'datapackage.json': '{ "resources": [{ "name": "a", "path": "a.csv", "encoding": "klingon" }] }',
    },
    'SOURCE_UNREADABLE',
    /klingon/,
  ],
])('%s is refused', async (_, files, code, words) => {
  const reading = async (): Promise<void> => void (await (await openCsv({ path: folder(files) })).readCatalog())
  await expect(reading()).rejects.toMatchObject({ code, message: expect.stringMatching(words) })
})

test('a file alone, and one that is not there', async () => {
  const path = `${folder({ 'people.csv': 'id\n1\n' })}/people.csv`
  expect(await readAll(await openCsv({ path }), 'people')).toEqual([['1']])
  await expect(openCsv({ path: `${path}.gone` })).rejects.toMatchObject({ code: 'SOURCE_MISSING' })
})
