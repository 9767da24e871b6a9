import type { Kysely } from 'kysely'

/** A Kysely instance over the caller's own handle; which tables it knows by type does not matter. */
// oxlint-disable-next-line typescript/no-explicit-any -- unknown would refuse a Kysely of known tables
export type AnyDatabase = Kysely<any>
