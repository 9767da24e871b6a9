import { expect, test } from 'vitest'
import { listedLabels } from './listed-labels.ts'

test.each([
  ["(role = ANY (ARRAY['admin'::text, 'it''s'::text, 'a, b'::text]))", ['admin', "it's", 'a, b']],
  ["((role)::text = ANY ((ARRAY['a'::character varying, 'b'::character varying])::text[]))", ['a', 'b']],
  ["((\"Role\")::text = ANY (ARRAY[('a'::character varying)::text, ('b'::character varying)::text]))", ['a', 'b']],
  ["(kind = ANY (ARRAY['a'::bpchar, 'b'::bpchar]))", ['a', 'b']],
  ["\"role\" IN ('a', 'b')", ['a', 'b']],
])('%s lists labels', (expression, labels) => {
  expect(listedLabels(expression)).toEqual(labels)
})

test.each([
  "(lower(role) = ANY (ARRAY['a'::text]))",
  "((role = ANY (ARRAY['a'::text])) OR (role IS NULL))",
  '(n = ANY (ARRAY[1, 2]))',
  "(role <> ALL (ARRAY['a'::text]))",
  "(role ~ 'a'::text)",
  "(role = ANY (ARRAY['a'::text, other]))",
])('%s does not', (expression) => {
  expect(listedLabels(expression)).toBeNull()
})
