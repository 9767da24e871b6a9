import type { CrossingOptions } from '@rowferry/migrate'
import { crossingOptionsSchema } from '@rowferry/migrate'
import { z } from 'zod'

// Everything here follows from the options' own schemas: an option that is added there can be written here, in each of these forms

/** A list of rules by what they are about: `{ 'users.role': { OLD: 'NEW' } }`, `{ 'users.at': 'ms' }`, `{ Old: 'new' }`. */
type ByName<Rule> = Rule extends { column: string; from: string; to: infer To }
  ? Record<string, Record<string, To>>
  : Rule extends { from: string; to: infer To }
    ? Record<string, To>
    : Rule extends { column: string } & (infer More)
      ? Record<string, More[keyof Omit<More, 'column'>]>
      : never

type Written<Option> = Option extends readonly (infer Rule)[]
  ? Rule extends string
    ? readonly Rule[]
    :
        | readonly (
            | Rule
            | (Rule extends { declared: string } ? Omit<Rule, 'declared'> & { declared: RegExp } : never)
          )[]
        | ByName<Rule>
  : Option

/** Of one column: `true` where the option is a list of columns, else what the rule says. */
type OfColumn<Option> = Option extends readonly (infer Rule)[]
  ? Rule extends string
    ? boolean
    : Rule extends { column: string; from: string; to: infer To }
      ? Record<string, To>
      : Rule extends { from: string; to: infer To }
        ? To
        : Rule extends { column: string } & (infer More)
          ? More[keyof Omit<More, 'column'>]
          : never
  : never

/** Lists of tables, which say nothing of a column. */
type OfTables = 'tables' | 'excludeTables' | 'allowCascade' | 'order'
type ColumnOption = {
  [Name in keyof CrossingOptions]: CrossingOptions[Name] extends readonly unknown[] ? Exclude<Name, OfTables> : never
}[keyof CrossingOptions]

interface Places {
  /** Of the JSON form, for editors. */
  readonly $schema: string
  /** A path or a URL. */
  readonly source: string
  readonly target: string
  /** The package of the adapter that reads the source, as `--source` names it. */
  readonly adapter: string
  /** Where the report is kept: a file that ends in `.json`, or in `.html` for a page to read, or several. */
  readonly report: string | readonly string[]
}

/** What `rowferry.config.*` may hold: every option by its long name in camel case, and what concerns one column beside each other in `columns`. */
export type RowferryConfig = Partial<
  Places & { readonly [Name in keyof CrossingOptions]: Written<CrossingOptions[Name]> } & {
    readonly columns: Readonly<Record<string, { readonly [Name in ColumnOption]?: OfColumn<CrossingOptions[Name]> }>>
  }
>

/** The same with every rule in the form that the options have, and nothing that was not written. */
export type Config = Partial<Omit<Places, '$schema'> & CrossingOptions>

interface Rules {
  readonly item: z.ZodObject
  /** Fields that say what a rule is about; the last one says what becomes of it. */
  readonly about: readonly string[]
  readonly value: string
}

const optionSchemas = Object.entries(crossingOptionsSchema.shape).map(([name, schema]): [string, z.ZodType] => [
  name,
  schema instanceof z.ZodDefault ? (schema.unwrap() as z.ZodType) : schema,
])

function itemOf(schema: z.ZodType): z.ZodType | null {
  return schema instanceof z.ZodArray ? (schema.element as z.ZodType) : null
}

function isColumnList(schema: z.ZodType): boolean {
  const item = itemOf(schema)
  return item !== null && item.safeParse('table.column').success && !item.safeParse('table').success
}

function rulesOf(schema: z.ZodType): Rules | null {
  const item = itemOf(schema)
  const objects = item instanceof z.ZodUnion ? item.options : [item]
  const object = objects.find((each): each is z.ZodObject => each instanceof z.ZodObject)
  if (object === undefined) return null
  const fields = Object.keys(object.shape)
  return { item: object, about: fields.slice(0, -1), value: fields.at(-1)! }
}

/** `{ a: { b: c } }` for rules about two things, `{ a: b }` for those about one. */
function byName({ item, about, value }: Rules): z.ZodType<unknown[]> {
  const end = item.shape[value] as z.ZodType
  const [first = '', second] = about
  const rule = (from: string, to: unknown, then: string[]): object => ({
    [first]: from,
    ...(second === undefined ? {} : { [second]: then[0] }),
    [value]: to,
  })
  return second === undefined
    ? z.record(z.string(), end).transform((all) => Object.entries(all).map(([from, to]) => rule(from, to, [])))
    : z
        .record(z.string(), z.record(z.string(), end))
        .transform((all) =>
          Object.entries(all).flatMap(([from, each]) =>
            Object.entries(each).map(([then, to]) => rule(from, to, [then])),
          ),
        )
}

/** A declared type may be a regular expression where there are such. */
const withPattern = z.strictObject({ declared: z.instanceof(RegExp).transform(String), type: z.string().min(1) })

function optionForm(schema: z.ZodType, json: boolean): z.ZodType {
  const rules = rulesOf(schema)
  const item = itemOf(schema)
  if (rules === null || item === null) return schema
  const list = item instanceof z.ZodUnion && !json ? z.array(z.union([item, withPattern])) : schema
  return z.union([byName(rules), list])
}

/** The settings of one column, and the options that each of them is. */
function columnForms(): Map<
  string,
  { readonly form: z.ZodType; readonly toRules: (column: string, said: never) => unknown[] }
> {
  const forms = new Map<string, { form: z.ZodType; toRules: (column: string, said: never) => unknown[] }>()
  for (const [name, schema] of optionSchemas) {
    const rules = rulesOf(schema)
    if (isColumnList(schema)) forms.set(name, { form: z.boolean(), toRules: (column, said) => (said ? [column] : []) })
    if (rules === null) continue
    const { about, value } = rules
    const end = rules.item.shape[value] as z.ZodType
    forms.set(
      name,
      about.length === 1
        ? { form: end, toRules: (column, said) => [{ [about[0]!]: column, [value]: said }] }
        : {
            form: z.record(z.string(), end),
            toRules: (column, said) =>
              Object.entries(said).map(([from, to]) => ({ [about[0]!]: column, [about[1]!]: from, [value]: to })),
          },
    )
  }
  return forms
}

const columns = columnForms()

function objectSchema(json: boolean) {
  const settings = z.strictObject(Object.fromEntries([...columns].map(([name, { form }]) => [name, form]))).partial()
  return z
    .strictObject({
      $schema: z.string(),
      source: z.string().min(1),
      target: z.string().min(1),
      adapter: z.string().min(1),
      report: z.union([z.string().min(1), z.array(z.string().min(1))]),
      columns: z.record(z.string().regex(/^.+\..+$/s, 'write it as table.column'), settings),
      ...Object.fromEntries(optionSchemas.map(([name, schema]) => [name, optionForm(schema, json)])),
    })
    .partial()
}

/** Reads what was written; `columns` is spread over the options, after what stands there. */
export const configSchema = objectSchema(false).transform((written): Config => {
  const {
    $schema: _,
    columns: said = {},
    ...config
  } = written as Record<string, unknown> & { columns?: Record<string, Record<string, never>> }
  const all: Record<string, unknown> = { ...config }
  for (const [column, settings] of Object.entries(said)) {
    for (const [name, value] of Object.entries(settings)) {
      if (value === undefined) continue
      const rules = columns.get(name)!.toRules(column, value)
      all[name] = [...((all[name] as unknown[] | undefined) ?? []), ...rules]
    }
  }
  return all
})

/** Names that may be written, by where: at the top, and of a column. */
export const configNames = {
  top: Object.keys(objectSchema(true).shape),
  column: [...columns.keys()],
}

/** JSON Schema (2020-12) of `rowferry.config.json`. */
export function configJsonSchema(): z.core.JSONSchema.JSONSchema {
  return z.toJSONSchema(objectSchema(true), { io: 'input' })
}
