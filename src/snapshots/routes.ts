/** `/v1/snapshots`: a question frozen with its answer, signed, the same bytes for ever. */
import { Readable } from 'node:stream'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { alreadyHas } from '../http/etag.ts'
import { sendAs } from '../http/exports.ts'
import { goneSignal } from '../http/gone.ts'
import { send } from '../http/idempotency.ts'
import { listRoute } from '../http/list-route.ts'
import { problems } from '../http/problems.ts'
import { Id, pageOf, repeatable } from '../http/schemas.ts'
import type { App } from '../http/services.ts'
import { answerWithJob, contextOf, wantsJob } from '../jobs/answer.ts'
import type { Operation } from '../jobs/operation.ts'
import { Job } from '../jobs/shapes.ts'
import { READERS } from '../tenancy/auth.ts'
import { understand } from './question.ts'
import { makeSnapshot } from './run.ts'
import { Snapshot, SnapshotSummary, SnapshotWrite } from './schemas.ts'
import type { SnapshotServices } from './services.ts'
import { signingKeyRoutes } from './signing-key-routes.ts'
import { archiveOfSnapshot, findSnapshot, snapshotPage } from './store.ts'

const ARCHIVE_TYPE = 'application/zip'

const DESCRIPTION = `
Freezes a question about devices with its answer: the filters of \`GET /v1/devices\`, the cities, and both clocks, \`asOf\` (whose law) and \`knownAt\` (what was on record). The archive holds the devices as NDJSON and CSV, one line for each finding as CSV, and \`manifest.json\`, signed with the operator's key. It is kept for good and cannot be changed; \`camledger verify\` and the lines in docs/snapshots.md check it without the service.

The manifest's \`question\` is the body that asks the same again: the data files then have the same bytes, also after later versions of the lists.

A large register takes some minutes: \`Prefer: respond-async\` makes a job of it.
`.trim()

export function snapshotRoutes(app: App, services: SnapshotServices): void {
  createRoute(app, services)
  listRoute(app, {
    url: '/v1/snapshots',
    operationId: 'listSnapshots',
    tag: 'snapshots',
    summary: 'Snapshots on record, newest first: the city’s, or those asked for over several cities',
    description:
      'A reviewer sees those that its key has asked for, and those of keys with the same label, while its key may see all of their cities.',
    config: { roles: READERS, reads: 'snapshots.read' },
    query: { jurisdictionId: repeatable(Id) },
    response: pageOf('SnapshotPage', SnapshotSummary),
    page: ({ question: { jurisdictionId }, request }) => {
      const { principal } = request
      return (page) => snapshotPage(services.database, { principal, cities: jurisdictionId }, page)
    },
  })
  getRoute(app, services)
  archiveRoute(app, services)
  signingKeyRoutes(app, services)
}

function createRoute(app: App, services: SnapshotServices): void {
  const operation: Operation<SnapshotWrite> = {
    kind: 'snapshot',
    input: SnapshotWrite,
    run: (asked, context) => makeSnapshot(services, asked, context),
  }
  services.jobs.add(operation)
  app.post(
    '/v1/snapshots',
    {
      config: { roles: READERS, reads: 'snapshot.read' },
      schema: {
        operationId: 'createSnapshot',
        tags: ['snapshots'],
        summary: 'Freeze a question with its answer into a signed archive',
        description: DESCRIPTION,
        security: [{ apiKey: [] }],
        body: SnapshotWrite,
        response: {
          201: Snapshot,
          202: Job,
          ...problems(
            'unauthenticated',
            'malformed-body',
            'snapshot-limit',
            'selection-changed',
            'idempotency-key-reused',
            'unsupported-media-type',
          ),
        },
      },
    },
    async (request, reply) => {
      if (wantsJob(request)) return inJob(services, request, reply, operation)
      const context = contextOf(request, services.now(), { signal: goneSignal(reply) })
      return send(reply, await operation.run(request.body, context))
    },
  )
}

async function inJob(
  services: SnapshotServices,
  request: FastifyRequest,
  reply: FastifyReply,
  operation: Operation<SnapshotWrite>,
): Promise<FastifyReply> {
  const input = request.body as SnapshotWrite
  // A question that cannot be understood is no job.
  await understand(services, request.principal, input, services.now())
  const { jurisdictionId } = request.principal
  return answerWithJob(services, request, reply, operation, { jurisdictionId, input })
}

function getRoute(app: App, services: SnapshotServices): void {
  app.get(
    '/v1/snapshots/:id',
    {
      config: { roles: READERS, reads: 'snapshot.read' },
      schema: {
        operationId: 'getSnapshot',
        tags: ['snapshots'],
        summary: 'One snapshot, with what its archive says of itself',
        security: [{ apiKey: [] }],
        params: z.object({ id: Id }),
        querystring: z.strictObject({}),
        response: { 200: Snapshot, ...problems('unauthenticated', 'not-found') },
      },
    },
    async (request) => findSnapshot(services, request.principal, request.params.id),
  )
}

function archiveRoute(app: App, services: SnapshotServices): void {
  app.get(
    '/v1/snapshots/:id/archive',
    {
      config: { roles: READERS, reads: 'snapshot.archive.read' },
      schema: {
        operationId: 'getSnapshotArchive',
        tags: ['snapshots'],
        summary: 'The archive, the same bytes each time',
        security: [{ apiKey: [] }],
        params: z.object({ id: Id }),
        querystring: z.strictObject({}),
        produces: [ARCHIVE_TYPE],
        response: {
          200: z.string().meta({ description: 'a zip file; its SHA-256 is the entity tag' }),
          304: z.null().meta({ description: 'the caller has it' }),
          ...problems('unauthenticated', 'not-found'),
        },
      },
    },
    async (request, reply) => {
      const { sha256, bytes, name, content } = await archiveOfSnapshot(
        services,
        request.principal,
        request.params.id,
      )
      const etag = `"${sha256}"`
      reply.header('etag', etag)
      if (alreadyHas(request.headers['if-none-match'], etag)) return reply.code(304).send(null)
      reply
        .header('content-disposition', `attachment; filename="${name}"`)
        .header('content-length', String(bytes))
      return sendAs(reply, ARCHIVE_TYPE, Readable.from(content, { objectMode: false }))
    },
  )
}
