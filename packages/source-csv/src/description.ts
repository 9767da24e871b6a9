import fs from 'node:fs'
import path from 'node:path'
import { SourceError } from '@rowferry/source'
import { z } from 'zod'

const names = z.union([z.string().transform((name) => [name]), z.array(z.string())])

const fieldSchema = z.object({
  name: z.string(),
  type: z.string().optional(),
  format: z.string().optional(),
  description: z.string().optional(),
  constraints: z.object({ required: z.boolean().optional(), unique: z.boolean().optional() }).optional(),
})

const tableSchema = z.object({
  fields: z.array(fieldSchema),
  primaryKey: names.optional(),
  foreignKeys: z
    .array(z.object({ fields: names, reference: z.object({ resource: z.string(), fields: names }) }))
    .optional(),
  missingValues: z.array(z.string()).optional(),
})

const packageSchema = z.object({
  resources: z.array(
    z.object({
      name: z.string(),
      path: z.string(),
      description: z.string().optional(),
      encoding: z.string().optional(),
      dialect: z
        .object({
          delimiter: z.string().optional(),
          quoteChar: z.string().length(1).optional(),
          header: z.boolean().optional(),
        })
        .optional(),
      schema: tableSchema.optional(),
    }),
  ),
})

export type Field = z.output<typeof fieldSchema>

/** One file, as far as anything is said about it. */
export interface Description {
  readonly name: string
  /** Absolute. */
  readonly file: string
  readonly comment: string | null
  /** Null: by its byte order mark, else UTF-8. */
  readonly encoding: string | null
  /** Null: by its name and its first line. */
  readonly delimiter: string | null
  readonly quote: string
  /** Does the first line name the columns? */
  readonly header: boolean
  readonly schema: z.output<typeof tableSchema> | null
}

const isCsv = (name: string): boolean => /\.(?:csv|tsv)$/i.test(name)

/** The tables of a file or a folder: by its `datapackage.json` (https://specs.frictionlessdata.io/data-package/), else each *.csv and *.tsv in it. */
export function describe(given: string): readonly Description[] {
  const stat = fs.statSync(given, { throwIfNoEntry: false })
  if (stat === undefined) {
    throw new SourceError('SOURCE_MISSING', `${given}: there is no such file or folder`, {
      remedy: 'Check the path; nothing was created.',
    })
  }
  if (!stat.isDirectory()) return [plain(path.resolve(given))]
  const found = fs.readdirSync(given)
  if (found.includes('datapackage.json')) return readPackage(given, path.join(given, 'datapackage.json'))
  const files = found.filter(isCsv).toSorted()
  if (files.length > 0) return files.map((name) => plain(path.resolve(given, name)))
  throw new SourceError('SOURCE_EMPTY', `${given} holds no *.csv or *.tsv file, and no datapackage.json`, {
    remedy: 'Give the folder in which the files are, or one of them.',
  })
}

function plain(file: string): Description {
  const name = path.basename(file).replace(/\.(?:csv|tsv)$/i, '')
  return { name, file, comment: null, encoding: null, delimiter: null, quote: '"', header: true, schema: null }
}

function readPackage(folder: string, file: string): readonly Description[] {
  return parsePackage(file).map(({ name, path: place, description, encoding, dialect = {}, schema }) => {
    const resolved = path.resolve(folder, place)
    if (path.isAbsolute(place) || !resolved.startsWith(path.resolve(folder) + path.sep))
      throw invalid(file, `the path ${JSON.stringify(place)} leads out of the folder`)
    return {
      name,
      file: resolved,
      comment: description ?? null,
      encoding: encoding ?? null,
      delimiter: dialect.delimiter ?? null,
      quote: dialect.quoteChar ?? '"',
      header: dialect.header ?? true,
      schema: schema ?? null,
    }
  })
}

function parsePackage(file: string): z.output<typeof packageSchema>['resources'] {
  let content: unknown
  try {
    content = JSON.parse(fs.readFileSync(file, 'utf8'))
  } catch (error) {
    throw invalid(file, error instanceof Error ? error.message : String(error))
  }
  const parsed = packageSchema.safeParse(content)
  if (!parsed.success) throw invalid(file, z.prettifyError(parsed.error))
  const seen = new Set<string>()
  for (const { name } of parsed.data.resources) {
    if (seen.has(name)) throw invalid(file, `two resources are called ${JSON.stringify(name)}`)
    seen.add(name)
  }
  return parsed.data.resources
}

function invalid(file: string, why: string): SourceError {
  return new SourceError('SOURCE_UNREADABLE', `${file} is no table schema that can be followed: ${why}`, {
    remedy: 'It is written as https://specs.frictionlessdata.io/data-package/ says; without it every column is text.',
  })
}
