import { library } from '@rowferry/tsup-preset'

// A thread is started from a file of its own
export default library({ entry: ['src/index.ts', 'src/beside-thread.ts'] })
