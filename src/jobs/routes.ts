/** `/v1/jobs`: long work that was asked for with `Prefer: respond-async`. */

import { Readable } from 'node:stream'
import { z } from 'zod'
import type { Scope } from '../db/database.ts'
import { sendAs } from '../http/exports.ts'
import { DomainError, notFound, problems } from '../http/problems.ts'
import { Id, pageOf, repeatable } from '../http/schemas.ts'
import type { App } from '../http/services.ts'
import { OPERATOR_ID } from '../lib/ids.ts'
import { actorOf, record } from '../tenancy/audit.ts'
import { type Principal, READERS, type Role, readScope } from '../tenancy/auth.ts'
import { listInScope } from '../tenancy/list-in-scope.ts'
import { jobEvents } from './events.ts'
import type { JobServices } from './services.ts'
import { JOB_STATES, Job, type JobNow, JobSummary, toJob, toJobSummary, versionOf } from './shapes.ts'
import { cancel, findJob, inTenant, isEnded, type JobRow, jobPage } from './store.ts'
import { watchers } from './watchers.ts'

/** Who may cancel: whoever may ask for such work. */
const ASKERS: readonly Role[] = ['admin', 'city-admin', 'city-editor', 'city-budget']

export function jobRoutes(app: App, services: JobServices): void {
  const runner = services.jobs
  const find = jobFinder(services)
  listInScope(app, services, {
    url: '/v1/jobs',
    operationId: 'listJobs',
    tag: 'jobs',
    summary: 'Long work of the jurisdiction, newest first',
    config: { roles: READERS, reads: 'jobs.read' },
    query: { jurisdictionId: repeatable(Id), state: repeatable(z.enum(JOB_STATES)) },
    response: pageOf('JobPage', JobSummary),
    page: (tx, { scope, question: { state } }, page) =>
      jobPage(tx, scope, state, page, (row) => toJobSummary(row, runner.live(row.id))),
  })
  getJobRoute(app, find)
  watchJobRoute(app, services, find)
  cancelJobRoute(app, services, find)
}

function getJobRoute(app: App, find: Find): void {
  app.get(
    '/v1/jobs/:id',
    {
      config: { roles: READERS, reads: 'job.read', readsOf: 'jobs' },
      schema: {
        operationId: 'getJob',
        tags: ['jobs'],
        summary: 'How far a job is, and what came of it',
        security: [{ apiKey: [] }],
        params: z.object({ id: Id }),
        querystring: z.strictObject({}),
        response: { 200: Job, ...problems('unauthenticated', 'not-found') },
      },
    },
    async (request, reply) => {
      const found = await find(request.principal, request.params.id)
      if (!found) throw notFound('job')
      if (!isEnded(found.row)) reply.header('retry-after', '1')
      return toJob(found.row, found.live)
    },
  )
}

function watchJobRoute(app: App, { jobs: runner }: JobServices, find: Find): void {
  const watching = watchers<JobNow | null>()
  app.get(
    '/v1/jobs/:id/events',
    {
      config: { roles: READERS, reads: 'job.read', readsOf: 'jobs' },
      schema: {
        operationId: 'watchJob',
        tags: ['jobs'],
        summary: 'The progress of a job as server-sent events, until it has ended',
        description:
          'Each event is the job as `GET /v1/jobs/{id}` gives it: `progress`, and at last `succeeded`, `failed` or `canceled`. With `Last-Event-ID` only what is newer; 204 when there is nothing more to come.',
        produces: ['text/event-stream'],
        security: [{ apiKey: [] }],
        params: z.object({ id: Id }),
        querystring: z.strictObject({}),
        response: {
          200: z.string().meta({ description: 'server-sent events' }),
          204: z.null().meta({ description: 'the job has ended, and this client knows it' }),
          ...problems('unauthenticated', 'not-found'),
        },
      },
    },
    async (request, reply) => {
      const { principal } = request
      const { id } = request.params
      const found = await find(principal, id)
      if (!found) throw notFound('job')
      const known = Number(request.headers['last-event-id'] ?? 0) || 0
      if (isEnded(found.row) && known >= versionOf(found)) return reply.code(204).send(null)
      const gone = new AbortController()
      const leave = watching.enter(principal.keyId)
      const over = () => {
        leave()
        gone.abort()
      }
      // It may have gone while the job was looked up.
      if (reply.raw.destroyed) over()
      else reply.raw.once('close', over)
      const look = () => watching.look(id, () => find(principal, id))
      const events = jobEvents(
        // What runs here is known without asking.
        () => (runner.live(id) ? find(principal, id) : look()),
        known,
        AbortSignal.any([gone.signal, runner.stopping]),
      )
      reply.header('cache-control', 'no-store').header('x-accel-buffering', 'no')
      return sendAs(reply, 'text/event-stream; charset=utf-8', Readable.from(events, { objectMode: false }))
    },
  )
}

function cancelJobRoute(app: App, services: JobServices, find: Find): void {
  const { database, jobs: runner, now } = services
  app.post(
    '/v1/jobs/:id/cancel',
    {
      config: { roles: ASKERS },
      schema: {
        operationId: 'cancelJob',
        tags: ['jobs'],
        summary: 'End a job; nothing of what it did is kept',
        description:
          'A job that waits is canceled at once, one that runs ends soon. One that has ended stays as it is: look at its `state`.',
        security: [{ apiKey: [] }],
        params: z.object({ id: Id }),
        body: z.strictObject({}).nullish(),
        response: {
          200: Job.meta({ description: 'it has ended' }),
          202: Job.meta({ description: 'it will end soon' }),
          ...problems('unauthenticated', 'forbidden', 'not-found'),
        },
      },
    },
    async (request, reply) => {
      const { principal } = request
      const { id } = request.params
      const found = await find(principal, id)
      if (!found) throw notFound('job')
      if (!mayAsk(principal.role, found.row.kind)) {
        throw new DomainError('forbidden', `A key with the role ${principal.role} may not cancel this.`)
      }
      const tenant = found.row.jurisdictionId
      // First: on the embedded database the job may have the session that the next line waits for.
      if (found.live) runner.abort(id)
      const row = await inTenant(database, tenant, async (tx) => {
        const canceled = await cancel(tx, tenant, id, now())
        await record(tx, tenant === OPERATOR_ID ? null : tenant, actorOf(request), now(), {
          action: 'job.cancel',
          target: id,
          detail: { kind: found.row.kind },
        })
        return canceled
      })
      if (!row) throw notFound('job')
      if (row.state === 'canceled') runner.forgetQueued(id)
      if (row.state === 'canceled') await runner.files.remove(id)
      return reply.code(isEnded(row) ? 200 : 202).send(toJob(row, runner.live(id)))
    },
  )
}

/** Imports are the editors', plans also the budget officers'. */
function mayAsk(role: Role, kind: string): boolean {
  return role !== 'city-budget' || ['estimate', 'schedule', 'scenario'].includes(kind)
}

type Find = (principal: Principal, id: string) => Promise<JobNow | null>

/** Finds a job as it is now; null when there is none that this key may see. */
function jobFinder({ database, jobs: runner }: JobServices): Find {
  // Work over several cities belongs to the key that asked for it; the operator sees all of it.
  const isVisible = (scope: Scope, principal: Principal, { jurisdictionId: tenant, keyId }: JobRow) =>
    tenant === OPERATOR_ID
      ? principal.role === 'admin' || keyId === principal.keyId
      : scope === 'all' || scope.includes(tenant)
  return async (principal, id) => {
    const scope = readScope(principal)
    const live = runner.live(id)
    // What runs here is known without asking, also while an import has the embedded database to itself.
    const here = live?.row ?? runner.waiting(id)
    if (here) return isVisible(scope, principal, here) ? { row: here, live } : null
    const row =
      (await database.acrossJurisdictions(scope, (tx) => findJob(tx, id))) ??
      (principal.jurisdictionId === null ? await database.asOperator((tx) => findJob(tx, id)) : undefined)
    return row && isVisible(scope, principal, row) ? { row, live: undefined } : null
  }
}
