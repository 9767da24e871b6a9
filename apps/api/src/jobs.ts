import { randomUUID } from 'node:crypto'
import { EventEmitter } from 'node:events'
import type { CrossingEvent } from '@rowferry/migrate'
import type { Report } from '@rowferry/report'

interface Job {
  readonly id: string
  readonly target: string
  readonly createdAt: string
  state: 'running' | 'finished' | 'crashed'
  report: Report | null
  readonly events: CrossingEvent[]
  readonly emitter: EventEmitter<{ event: [CrossingEvent]; end: [] }>
}

/** Migrations of this process, in memory: a restart forgets them (the crossing itself is atomic, so nothing is left half done). */
export interface Jobs {
  /** Null when a migration into the same target is still running. */
  start(target: string, run: (id: string, onEvent: (event: CrossingEvent) => void) => Promise<Report>): Job | null
  find(id: string): Job | null
  /** Resolves when none is running. */
  idle(): Promise<void>
}

const KEPT_EVENTS = 10_000

export function createJobs(keepFinished: number): Jobs {
  const jobs = new Map<string, Job>()
  const running = new Map<string, Promise<void>>()
  const forget = () => {
    const finished = [...jobs.values()].filter((job) => job.state !== 'running')
    for (const job of finished.slice(0, Math.max(0, finished.length - keepFinished))) jobs.delete(job.id)
  }
  return {
    start(target, run) {
      if ([...jobs.values()].some((job) => job.state === 'running' && job.target === target)) return null
      const job: Job = {
        id: randomUUID(),
        target,
        createdAt: new Date().toISOString(),
        state: 'running',
        report: null,
        events: [],
        emitter: new EventEmitter(),
      }
      job.emitter.setMaxListeners(0)
      jobs.set(job.id, job)
      const onEvent = (event: CrossingEvent) => {
        if (job.events.length < KEPT_EVENTS) job.events.push(event)
        job.emitter.emit('event', event)
      }
      const work = async () => {
        try {
          job.report = await run(job.id, onEvent)
          job.state = 'finished'
        } catch (error) {
          job.state = 'crashed'
          process.stderr.write(`migration ${job.id}: ${error instanceof Error ? error.message : 'unknown error'}
`)
        }
        running.delete(job.id)
        job.emitter.emit('end')
        forget()
      }
      running.set(job.id, work())
      return job
    },
    find: (id) => jobs.get(id) ?? null,
    async idle() {
      await Promise.all(running.values())
    },
  }
}
