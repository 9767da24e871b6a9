export { csv } from './adapter.ts'
export { csvCastRules } from './cast-rules.ts'
export { openCsv, type CsvOptions } from './open.ts'
