import { z } from '@hono/zod-openapi'

/** RFC 9457, with our stable code. */
export const problemSchema = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.number().int(),
    code: z.string(),
    detail: z.string(),
    remedy: z.string().nullable(),
  })
  .openapi('Problem')

export type Problem = z.infer<typeof problemSchema>

const TITLES: Readonly<Record<number, string>> = {
  400: 'Bad request',
  401: 'Unauthorized',
  404: 'Not found',
  409: 'Conflict',
  413: 'Too large',
  500: 'Internal error',
}

/** Thrown by handlers, answered as problem+json. */
export class ApiProblem extends Error {
  readonly problem: Problem
  constructor(status: 400 | 401 | 404 | 409 | 413 | 500, code: string, detail: string, remedy: string | null = null) {
    super(detail)
    this.problem = { type: 'about:blank', title: TITLES[status] ?? 'Error', status, code, detail, remedy }
  }
}

export function problemResponse(problem: Problem): Response {
  return new Response(JSON.stringify(problem), {
    status: problem.status,
    headers: { 'content-type': 'application/problem+json' },
  })
}
