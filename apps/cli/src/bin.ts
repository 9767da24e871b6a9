#!/usr/bin/env node
import { setFlagsFromString } from 'node:v8'
import { unsupportedNode } from '@rowferry/migrate/node-version'

const problem = unsupportedNode(process.versions.node)
if (problem === null) {
  // Only now: the SQLite driver brings a program of its own down on a Node.js that is too old
  const { main } = await import('./main.ts')
  // Rows die young, a batch after the other: a nursery that grows with them takes up to 100 MB and saves no time. V8 may drop the flag one day
  if (Number.parseInt(process.versions.node, 10) <= 26) setFlagsFromString('--semi-space-growth-factor=1')
  process.exitCode = await main(process.argv.slice(2))
  for (const stream of [process.stdout, process.stderr])
    await new Promise<void>((resolve) => void stream.write('', () => resolve()))
  // While Node.js tidies up by itself, signals are nobody's any more: what is done would end as killed
  process.exit()
} else {
  process.stderr.write(`error: ${problem} [NODE_UNSUPPORTED]\n`)
  process.exitCode = 1
}
