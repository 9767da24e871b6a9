import { expect, test } from 'vitest'
import { report } from '../test/reports.ts'
import { exitCodeOf } from './exit-code.ts'
import { renderJson, reportJsonSchema } from './render-json.ts'
import { reportSchema } from './report.ts'

test('fields come in the order of the schema, whatever order they were given in', () => {
  const given = report()
  const shuffled = Object.fromEntries(Object.entries(given).toReversed()) as typeof given
  expect(renderJson(shuffled)).toBe(renderJson(given))
  expect(Object.keys(JSON.parse(renderJson(shuffled)) as object)).toEqual(Object.keys(reportSchema.shape))
})

test('what is no report is not written', () => {
  expect(() => renderJson({ ...report(), outcome: 'fine' as never })).toThrow(/outcome/)
})

test('the JSON Schema names every field and requires it', () => {
  expect(reportJsonSchema()).toMatchObject({
    type: 'object',
    required: Object.keys(reportSchema.shape),
    properties: { version: { const: 1 } },
  })
})

test('every outcome has its exit code', () => {
  const outcomes = reportSchema.shape.outcome.options
  expect(Object.fromEntries(outcomes.map((outcome) => [outcome, exitCodeOf(outcome)]))).toEqual({
    done: 0,
    rehearsed: 0,
    planned: 0,
    refused: 1,
    failed: 1,
    partial: 2,
    unknown: 3,
    stopped: 3,
    different: 4,
    interrupted: 130,
  })
})
