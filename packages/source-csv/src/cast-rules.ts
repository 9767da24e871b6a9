import type { CastRule } from '@rowferry/coerce'

const declared = (type: string, ...candidates: readonly string[]): CastRule => ({
  name: `declared ${type}`,
  matches: ({ declaredType }) => declaredType === type,
  candidates,
  numbersInText: true,
})

/**
 * Types for created tables by the fields of a table schema (https://specs.frictionlessdata.io/table-schema/). Without one every column is text: a
 * postcode is no number, however it looks.
 */
export const csvCastRules: readonly CastRule[] = [
  declared('integer', 'int8', 'numeric'),
  declared('number', 'numeric', 'float8'),
  declared('boolean', 'bool'),
  declared('date', 'date'),
  declared('time', 'time'),
  declared('datetime', 'timestamptz', 'timestamp'),
  declared('year', 'int4'),
  declared('duration', 'interval'),
  declared('object', 'jsonb', 'json'),
  declared('array', 'jsonb', 'json'),
  declared('string:uuid', 'uuid'),
  declared('string:binary', 'bytea'),
]
