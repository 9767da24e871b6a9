import { crossingEventSchema, runStatusSchema, undoneSchema } from '@rowferry/migrate'
import { planSchema } from '@rowferry/plan'
import { reportSchema } from '@rowferry/report'
import { z } from 'zod'

const error = z.object({ code: z.string(), message: z.string(), remedy: z.string().nullable() })

/** Every line that `--json` writes to stdout: events while it runs, and its result last. */
export const streamSchema = z.discriminatedUnion('type', [
  ...crossingEventSchema.options,
  z
    .object({ type: z.literal('plan'), plan: planSchema, ddl: z.array(z.string()) })
    .describe('Of `plan`, before the report: the plan, and the statements that would make what is to be created.'),
  z
    .object({ type: z.literal('inspection'), inspection: z.looseObject({ kind: z.string(), label: z.string() }) })
    .describe('The result of `inspect`.'),
  z
    .object({ type: z.literal('report'), report: reportSchema })
    .describe('The result of every other command; the last line.'),
  z.object({ type: z.literal('status'), status: runStatusSchema }).describe('The result of `status`.'),
  z.object({ type: z.literal('undone'), undone: undoneSchema }).describe('The result of `undo`.'),
  z.object({ type: z.literal('error'), error }).describe('It could not even begin: nothing was read or written.'),
])

const ELSEWHERE: ReadonlyMap<unknown, string> = new Map<unknown, string>([
  [planSchema, 'plan-v1.json'],
  [reportSchema, 'report-v1.json'],
])

/** JSON Schema (2020-12) of one line. Plans and reports have schemas of their own beside it. */
export function streamJsonSchema(): object {
  // What is left of the plan's own parts has no place here
  const { $defs: _parts, ...schema } = z.toJSONSchema(streamSchema, {
    override: ({ zodSchema, jsonSchema }) => {
      const file = ELSEWHERE.get(zodSchema)
      if (file === undefined) return
      for (const key of Object.keys(jsonSchema)) delete jsonSchema[key]
      jsonSchema.$ref = file
    },
  })
  return schema
}
