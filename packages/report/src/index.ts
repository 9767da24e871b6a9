export { exitCodeOf } from './exit-code.ts'
export type { Report, TableReport } from './report.ts'
export { reportSchema } from './report.ts'
