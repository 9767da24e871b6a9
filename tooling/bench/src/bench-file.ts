import { cpus, totalmem } from 'node:os'
import { writeFileSync } from 'node:fs'
import { renderMarkdown } from './render-markdown.ts'
import type { Result } from './run.ts'

/** All that a bench found, as it is written down. */
export interface BenchFile {
  readonly version: 1
  readonly startedAt: string
  readonly machine: string
  readonly server: string
  readonly scale: number
  /** How many runs each median is of. */
  readonly runs: number
  /** Added to each round trip. */
  readonly latencyMs: number
  readonly contenders: Readonly<Record<string, string>>
  readonly results: readonly Result[]
  /** `narrow` at growing sizes; empty when that was not asked for. */
  readonly growth: readonly Result[]
}

export function describeMachine(): string {
  const processors = cpus()
  const memory = Math.round(totalmem() / 2 ** 30)
  return `${processors.length} × ${processors[0]?.model.trim() ?? 'unknown'}, ${memory} GiB, Node.js ${process.versions.node}`
}

/** `path` ends in `.json`; the tables go beside it. */
export function writeBenchFile(path: string, file: BenchFile): void {
  writeFileSync(path, `${JSON.stringify(file, null, 2)}\n`)
  writeFileSync(path.replace(/\.json$/, '.md'), renderMarkdown(file))
}
