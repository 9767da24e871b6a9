import { library } from '@rowferry/tsup-preset'

export default library()
