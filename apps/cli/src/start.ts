// The workspace's `pnpm start`: the demonstration, or with arguments rowferry itself, from its sources.
import { demonstrate } from './demonstration.ts'
import { main } from './main.ts'

// pnpm hands its own -- over
const argv = process.argv.slice(process.argv[2] === '--' ? 3 : 2)
process.exitCode = argv.length === 0 ? await demonstrate() : await main(argv)
