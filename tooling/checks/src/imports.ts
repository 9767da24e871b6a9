import { parseSync, Visitor } from 'oxc-parser'

export interface Import {
  readonly specifier: string
  /** Whether the import is still there when the program runs. */
  readonly runtime: boolean
}

/** Every module that a TypeScript file names, in whatever way. */
export function readImports(file: string, text: string): readonly Import[] {
  const { program, errors } = parseSync(file, text)
  const [error] = errors
  if (error) throw new Error(`${file}: ${error.message}`)
  const imports: Import[] = []
  const add = (specifier: string, runtime: boolean): void => void imports.push({ specifier, runtime })
  new Visitor({
    ImportDeclaration: ({ source, importKind }) => add(source.value, importKind !== 'type'),
    ExportAllDeclaration: ({ source, exportKind }) => add(source.value, exportKind !== 'type'),
    ExportNamedDeclaration({ source, exportKind }) {
      if (source) add(source.value, exportKind !== 'type')
    },
    ImportExpression({ source }) {
      if (source.type === 'Literal' && typeof source.value === 'string') add(source.value, true)
    },
    TSImportType: ({ source }) => add(source.value, false),
  }).visit(program)
  return imports
}
