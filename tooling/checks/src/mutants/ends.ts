import type { Planned, verify } from '@rowferry/migrate'

export type Plan = NonNullable<Planned['plan']>
export type Report = Awaited<ReturnType<typeof verify>>
