import type { BenchFile } from './bench-file.ts'
import { describeMachine } from './bench-file.ts'
import type { Contender, Scenario } from './contender.ts'
import type { SetName } from './data-sets.ts'
import { limit } from './limit.ts'
import { installedPeers } from './peers.ts'
import { rowferry } from './rowferry.ts'
import type { Result } from './run.ts'
import { runBench } from './run.ts'
import { withLatency } from './latency.ts'
import { openServer, type Server } from './server.ts'

export interface BenchRequest {
  readonly server: string
  /** How rowferry is started. */
  readonly command: readonly string[]
  readonly sets: readonly SetName[]
  readonly scenarios: readonly Scenario[]
  readonly scale: number
  readonly runs: number
  readonly folder: string
  readonly peers: boolean
  /** Added to each round trip, in milliseconds. */
  readonly latencyMs: number
  /** Instead of sets and scenarios: `narrow` into its keys and indexes at a tenth, the whole and four times its size. */
  readonly growth: boolean
  readonly say: (line: string) => void
}

const growthSteps = [0.1, 1, 4]

export async function bench(request: BenchRequest): Promise<BenchFile> {
  const startedAt = new Date().toISOString()
  const server = await openServer(request.server)
  const { scale, runs, latencyMs } = request
  const ours = rowferry(request.command)
  const contenders = request.growth
    ? ours.slice(0, 1)
    : [...ours, limit(request.command), ...(request.peers ? installedPeers() : [])]
  const found = await withLatency(server, latencyMs, (away) => resultsOf(request, away, contenders))
  return {
    version: 1,
    startedAt,
    machine: describeMachine(),
    server: server.version,
    scale,
    runs,
    latencyMs,
    contenders: Object.fromEntries(contenders.map(({ name, about }) => [name, about])),
    results: request.growth ? [] : found,
    growth: request.growth ? found : [],
  }
}

async function resultsOf(request: BenchRequest, server: Server, contenders: readonly Contender[]): Promise<Result[]> {
  const { sets, scenarios, scale, runs, folder, say } = request
  const shared = { server, contenders, runs, folder, say }
  if (!request.growth) return runBench({ ...shared, sets, scenarios, scale })
  const results: Result[] = []
  for (const step of growthSteps)
    results.push(...(await runBench({ ...shared, sets: ['narrow'], scenarios: ['existing'], scale: scale * step })))
  return results
}
