import { library } from '@rowferry/tsup-preset'

// Split, so that IntrospectError is one class from whichever entry it comes
export default library({
  entry: ['src/index.ts', 'src/sqlite/index.ts', 'src/postgres/index.ts', 'src/mysql/index.ts'],
  splitting: true,
})
