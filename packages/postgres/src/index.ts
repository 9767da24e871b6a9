export type { CopyIn, ServerFacts, Session } from './session.ts'
export { PostgresError } from './session.ts'
