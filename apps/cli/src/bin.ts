#!/usr/bin/env node
import { unsupportedNode } from '@rowferry/migrate/node-version'

const problem = unsupportedNode(process.versions.node)
if (problem === null) {
  // Only now: the SQLite driver brings a program of its own down on a Node.js that is too old
  const { main } = await import('./main.ts')
  process.exitCode = await main(process.argv.slice(2))
} else {
  process.stderr.write(`error: ${problem} [NODE_UNSUPPORTED]\n`)
  process.exitCode = 1
}
