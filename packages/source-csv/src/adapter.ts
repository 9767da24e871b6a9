import type { SourceAdapter } from '@rowferry/source'
import { csvCastRules } from './cast-rules.ts'
import { openCsv, type CsvOptions } from './open.ts'

/** A folder of CSV files, or one of them, as a source. */
export const csv: SourceAdapter<CsvOptions> = { name: 'csv', castRules: csvCastRules, open: openCsv }
