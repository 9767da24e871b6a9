import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { postgresVersions } from './binaries.ts'

// pnpm test:pg [version …] [vitest argument …]: the tests that need a server, on each version in turn; all of them without one
const given = process.argv.slice(2)
const rest = given.findIndex((argument) => !postgresVersions.includes(argument))
const split = rest < 0 ? given.length : rest
const chosen = split === 0 ? postgresVersions : given.slice(0, split)
const failed: string[] = []

for (const version of chosen) {
  process.stdout.write(`\nPostgreSQL ${version}\n`)
  const run = spawn('vitest', ['run', '--project', 'postgres', ...given.slice(split)], {
    stdio: 'inherit',
    env: { ...process.env, TEST_POSTGRES_VERSION: version },
  })
  const [code] = (await once(run, 'exit')) as [number | null]
  if (code !== 0) failed.push(version)
}

if (failed.length > 0) process.stderr.write(`\nFailed on PostgreSQL ${failed.join(', ')}\n`)
process.exitCode = failed.length > 0 ? 1 : 0
