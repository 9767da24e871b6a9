import { planJsonSchema } from '@rowferry/plan'
import { proofJsonSchema, reportJsonSchema } from '@rowferry/report'
import { configJsonSchema } from './config-schema.ts'
import { streamJsonSchema } from './stream-schema.ts'

/** JSON Schemas by the file in docs/schema that holds each; a test compares. */
export const schemas: Readonly<Record<string, () => object>> = {
  'config.json': configJsonSchema,
  'events-v1.json': streamJsonSchema,
  'plan-v1.json': planJsonSchema,
  'proof-v1.json': proofJsonSchema,
  'report-v1.json': reportJsonSchema,
}

export function renderSchema(schema: object): string {
  return `${JSON.stringify(schema, null, 2)}\n`
}
