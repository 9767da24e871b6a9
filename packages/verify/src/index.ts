export type { Expectation, ExpectedColumn, ExpectedTable, ExpectedType, Mismatch, TableVerdict } from './expectation.ts'
