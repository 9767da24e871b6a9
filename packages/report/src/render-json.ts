import { z } from 'zod'
import type { Report } from './report.ts'
import { reportSchema } from './report.ts'

/** The report as JSON with its fields in the schema's order, so that two reports can be compared by line. Throws `ZodError` for what is no report. */
export function renderJson(report: Report): string {
  return JSON.stringify(reportSchema.parse(report), null, 2)
}

/** JSON Schema (2020-12) of what `renderJson` writes. */
export function reportJsonSchema(): z.core.JSONSchema.JSONSchema {
  return z.toJSONSchema(reportSchema)
}
