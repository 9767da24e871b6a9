export type { Cycle, LoadOrder, Reference, TableToOrder, Violation } from './load-order.ts'
export { OrderError } from './load-order.ts'
export type { OrderOptions } from './order-tables.ts'
export { orderTables } from './order-tables.ts'
