import { library } from '@rowferry/tsup-preset'

export default library({ entry: ['src/index.ts', 'src/node-version.ts'] })
