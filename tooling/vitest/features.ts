import { inject, type TestContext } from 'vitest'

/** What not every supported PostgreSQL can do, and a statement that works only where it can. */
export const probes = {
  'begin atomic': 'create function pg_temp.probe() returns int begin atomic select 1; end',
  'column lists in publications': 'select prattrs from pg_publication_rel limit 0',
  'constraints without enforcement': 'create temporary table probe (a int, check (a > 0) not enforced)',
  'constraints without overlaps': 'create temporary table probe (a int4range, unique (a without overlaps))',
  'infinite numerics': `select 'infinity'::numeric`,
  multiranges: `select '{}'::int4multirange`,
  'nulls not distinct': 'create temporary table probe (a int unique nulls not distinct)',
  'numeric scales beyond the precision': 'select 1::numeric(3,-2)',
  'record hashes': 'select pg_catalog.hash_record_extended(row(1), 0)',
  'virtual generated columns': 'create temporary table probe (a int, b int generated always as (a) virtual)',
} as const satisfies Record<string, string>

export type Feature = keyof typeof probes

/** Can the server of these tests do that? Without a server, true: then nothing that asks is run. */
export function supports(feature: Feature): boolean {
  const server = inject('postgres')
  return 'missing' in server || !server.lacks.includes(feature)
}

/** Skips the test, and says why, where the server cannot do what it needs: the first thing in a test. */
export function needs(context: TestContext, feature: Feature): void {
  const server = inject('postgres')
  if ('url' in server && server.lacks.includes(feature)) context.skip(`PostgreSQL ${server.version} has no ${feature}`)
}
