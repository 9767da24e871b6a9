export type { Finding } from './finding.ts'
export { findingSchema } from './finding.ts'
