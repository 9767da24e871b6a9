import { library } from '@rowferry/tsup-preset'

export default library({ entry: ['src/index.ts', 'src/sqlite/index.ts', 'src/postgres/index.ts'] })
