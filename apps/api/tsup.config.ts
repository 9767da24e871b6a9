import { library } from '@rowferry/tsup-preset'

// bin looks at the version of Node.js before it imports anything that a wrong one would crash on: that import must stay one of its own
export default library({ entry: ['src/index.ts', 'src/bin.ts'], splitting: true })
