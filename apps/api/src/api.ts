import { join } from 'node:path'
import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi'
import { crossingOptionsSchema, migrate, plan } from '@rowferry/migrate'
import { renderHtml, reportSchema } from '@rowferry/report'
import { bearerAuth } from 'hono/bearer-auth'
import { bodyLimit } from 'hono/body-limit'
import { HTTPException } from 'hono/http-exception'
import { streamSSE } from 'hono/streaming'
import type { ApiConfigInput } from './config.ts'
import { parseConfig } from './config.ts'
import type { Jobs } from './jobs.ts'
import { createJobs } from './jobs.ts'
import { sourceOf, targetOf } from './places.ts'
import { ApiProblem, problemResponse, problemSchema } from './problem.ts'

// Files are written where the server's configuration says, and nowhere else
const optionsSchema = crossingOptionsSchema
  .omit({ quarantineDir: true, backupDir: true })
  .extend({ backup: z.enum(['none', 'schema']).default('none') })
  .strict()
const planRequest = z
  .strictObject({
    source: z.string().min(1),
    target: z.string().min(1).nullable().default(null),
    options: optionsSchema.prefault({}),
  })
  .openapi('PlanRequest')
const migrationRequest = z
  .strictObject({
    source: z.string().min(1),
    target: z.string().min(1),
    rehearse: z.boolean().default(false),
    options: optionsSchema.prefault({}),
  })
  .openapi('MigrationRequest')
const reportBody = reportSchema.openapi('Report')
const planned = z
  .object({ plan: z.unknown().nullable(), report: reportBody, ddl: z.array(z.string()) })
  .openapi('Planned')
const migration = z
  .object({
    id: z.string(),
    state: z.enum(['running', 'finished', 'crashed']),
    createdAt: z.string(),
    report: reportBody.nullable(),
  })
  .openapi('Migration')

const json = <S extends z.ZodType>(schema: S, description: string) => ({
  content: { 'application/json': { schema } },
  description,
})
const problem = (description: string) => ({
  content: { 'application/problem+json': { schema: problemSchema } },
  description,
})
const problems = { 400: problem('The request is not understood'), 401: problem('The token is missing or wrong') }
const security = [{ bearer: [] }]
const idParam = z.object({ id: z.uuid() })

const routes = {
  plan: createRoute({
    method: 'post',
    path: '/v1/plans',
    summary: 'Plan a crossing: every cell checked, nothing written',
    security,
    request: { body: { required: true, content: { 'application/json': { schema: planRequest } } } },
    responses: { 200: json(planned, 'The plan and its report'), ...problems },
  }),
  start: createRoute({
    method: 'post',
    path: '/v1/migrations',
    summary: 'Start a crossing',
    security,
    request: { body: { required: true, content: { 'application/json': { schema: migrationRequest } } } },
    responses: { 202: json(migration, 'Started'), ...problems, 409: problem('A crossing into this target is running') },
  }),
  read: createRoute({
    method: 'get',
    path: '/v1/migrations/{id}',
    summary: 'State and report of a crossing',
    security,
    request: { params: idParam },
    responses: { 200: json(migration, 'As it stands'), ...problems, 404: problem('No such crossing') },
  }),
  page: createRoute({
    method: 'get',
    path: '/v1/migrations/{id}/report.html',
    summary: 'The report of a crossing that has ended, as a page to read, sign and print',
    security,
    request: { params: idParam },
    responses: {
      200: { content: { 'text/html': { schema: z.string() } }, description: 'A page that needs nothing else' },
      ...problems,
      404: problem('No such crossing, or one that ended without a report'),
      409: problem('The crossing is still running'),
    },
  }),
  events: createRoute({
    method: 'get',
    path: '/v1/migrations/{id}/events',
    summary: 'Events of a crossing as server-sent events; the last one is `report`',
    security,
    request: { params: idParam },
    responses: {
      200: { content: { 'text/event-stream': { schema: z.string() } }, description: 'The events so far, then live' },
      ...problems,
      404: problem('No such crossing'),
    },
  }),
  health: createRoute({
    method: 'get',
    path: '/healthz',
    summary: 'Is the process alive?',
    responses: { 200: json(z.object({ status: z.literal('ok') }), 'It is') },
  }),
}

export interface Api {
  readonly app: OpenAPIHono
  readonly jobs: Jobs
}

/** The HTTP face of `@rowferry/migrate`: parse, call, answer. Throws `TOKEN_NEEDED` for a configuration open to strangers. */
export function createApi(input: ApiConfigInput): Api {
  const config = parseConfig(input)
  const jobs = createJobs(config.keepFinished)
  const app = new OpenAPIHono({
    defaultHook: (result) => {
      if (!result.success) throw new ApiProblem(400, 'REQUEST_INVALID', z.prettifyError(result.error))
    },
  })
  app.onError((error) => {
    if (error instanceof ApiProblem) return problemResponse(error.problem)
    if (error instanceof HTTPException && error.status === 401)
      return problemResponse(new ApiProblem(401, 'TOKEN_WRONG', 'the bearer token is missing or wrong').problem)
    if (error instanceof SyntaxError || ('status' in error && error.status === 400))
      return problemResponse(new ApiProblem(400, 'REQUEST_INVALID', 'the body is no JSON').problem)
    process.stderr.write(`${error.message}\n`)
    return problemResponse(new ApiProblem(500, 'INTERNAL', 'the server met a fault of its own').problem)
  })
  app.notFound(() => problemResponse(new ApiProblem(404, 'NOT_FOUND', 'there is nothing here').problem))
  app.use(
    '/v1/*',
    bodyLimit({
      maxSize: config.bodyLimit,
      onError: () =>
        problemResponse(new ApiProblem(413, 'BODY_TOO_LARGE', `a body has at most ${config.bodyLimit} bytes`).problem),
    }),
  )
  if (config.token !== null) app.use('/v1/*', bearerAuth({ token: config.token }))
  app.openAPIRegistry.registerComponent('securitySchemes', 'bearer', { type: 'http', scheme: 'bearer' })
  app.doc31('/openapi.json', {
    openapi: '3.1.0',
    info: {
      title: 'rowferry',
      version: '1',
      description: 'Moves an SQLite database into PostgreSQL and proves that nothing was lost.',
    },
  })

  app.openapi(routes.health, (context) => context.json({ status: 'ok' as const }, 200))
  app.openapi(routes.plan, async (context) => {
    const body = context.req.valid('json')
    const source = await sourceOf(config, body.source)
    const target = body.target === null ? null : targetOf(config, body.target)
    const {
      plan: made,
      report,
      ddl,
    } = await plan({ source, target, options: body.options, signal: context.req.raw.signal })
    return context.json({ plan: made, report, ddl: [...ddl] }, 200)
  })
  app.openapi(routes.start, async (context) => {
    const body = context.req.valid('json')
    const source = await sourceOf(config, body.source)
    const target = targetOf(config, body.target)
    const job = jobs.start(target.label, (id, onEvent) =>
      migrate({
        source,
        target,
        rehearse: body.rehearse,
        options: {
          ...body.options,
          quarantineDir: config.quarantineRoot === null ? null : join(config.quarantineRoot, id),
        },
        onEvent,
      }),
    )
    if (!job) throw new ApiProblem(409, 'TARGET_BUSY', 'a crossing into this target is still running')
    return context.json({ id: job.id, state: job.state, createdAt: job.createdAt, report: job.report }, 202, {
      location: `/v1/migrations/${job.id}`,
    })
  })
  const find = (id: string) => {
    const job = jobs.find(id)
    if (!job) throw new ApiProblem(404, 'MIGRATION_UNKNOWN', 'there is no such crossing')
    return job
  }
  app.openapi(routes.read, (context) => {
    const job = find(context.req.valid('param').id)
    return context.json({ id: job.id, state: job.state, createdAt: job.createdAt, report: job.report }, 200)
  })
  app.openapi(routes.page, (context) => {
    const { state, report } = find(context.req.valid('param').id)
    if (state === 'running')
      throw new ApiProblem(409, 'MIGRATION_RUNNING', 'the crossing is still running', 'ask again once it has finished')
    if (report === null) throw new ApiProblem(404, 'REPORT_MISSING', 'the crossing ended without a report')
    return context.html(renderHtml(report), 200, { 'x-content-type-options': 'nosniff' })
  })
  app.openapi(routes.events, (context) => {
    const job = find(context.req.valid('param').id)
    return streamSSE(context, async (stream) => {
      let next = 0
      let wake = () => {}
      const ring = () => wake()
      job.emitter.on('event', ring)
      job.emitter.on('end', ring)
      stream.onAbort(ring)
      try {
        while (!stream.aborted) {
          for (; next < job.events.length; next++)
            await stream.writeSSE({
              id: String(next),
              event: job.events[next]!.type,
              data: JSON.stringify(job.events[next]),
            })
          if (job.state !== 'running') break
          await new Promise<void>((resolve) => {
            wake = resolve
          })
        }
        if (!stream.aborted) await stream.writeSSE({ event: 'report', data: JSON.stringify(job.report) })
      } finally {
        job.emitter.off('event', ring)
        job.emitter.off('end', ring)
      }
    })
  })
  return { app, jobs }
}
