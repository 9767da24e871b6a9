import {
  translateDefault,
  translateExpression,
  translateGenerated,
  translateMysqlDefault,
  translateMysqlExpression,
  type DefaultTarget,
  type ExpressionContext,
  type GeneratedContext,
  type Translation,
} from '@rowferry/translate'

/** How the source's own language is said in PostgreSQL. */
interface Sayer {
  default(expression: string, target: DefaultTarget): Translation
  expression(expression: string, context: ExpressionContext): Translation
  generated(expression: string, context: GeneratedContext): Translation
}

const sqlite: Sayer = { default: translateDefault, expression: translateExpression, generated: translateGenerated }

const mysql: Sayer = {
  default: translateMysqlDefault,
  expression: (expression, { columns, use }) =>
    use === 'where' ? unknown : translateMysqlExpression(expression, { columns, use }),
  generated: (expression, { columns }) => translateMysqlExpression(expression, { columns, use: 'generated' }),
}

const unknown: Translation = {
  ok: false,
  reason: 'it is written in a language that is not translated',
  suggestion: null,
}
const nobody: Sayer = { default: () => unknown, expression: () => unknown, generated: () => unknown }

/** By the catalog's dialect; of an unknown one nothing is said, and so everything listed. */
export function sayerOf(dialect: string): Sayer {
  return dialect === 'sqlite' ? sqlite : dialect === 'mysql' ? mysql : nobody
}
