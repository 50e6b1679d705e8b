/** `/v1/funding-sources`: whose money there is, what it may pay, and how much in which fiscal year. */
import { z } from 'zod'
import { fundingSources } from '../../db/schema/index.ts'
import { changesOf } from '../../http/changes.ts'
import { etagOf } from '../../http/etag.ts'
import { type Answer, send } from '../../http/idempotency.ts'
import { problems, problemsOfChange } from '../../http/problems.ts'
import { Id, pageOf, repeatable } from '../../http/schemas.ts'
import type { App } from '../../http/services.ts'
import { ascending, inScope, tablePage } from '../../http/table-pages.ts'
import { READERS, readScope, writeJurisdiction } from '../../tenancy/auth.ts'
import { listInScope } from '../../tenancy/list-in-scope.ts'
import { ownerOf } from '../../tenancy/stored-rows.ts'
import { PLANNERS } from '../context.ts'
import { change, changeOnce, type PlanningServices } from '../work.ts'
import {
  FUNDING_COLUMNS,
  FundingSource,
  FundingSourceChange,
  FundingSourceWrite,
  toSource,
} from './schemas.ts'
import { addSource, findSource, removeSource, reviseSource } from './sources.ts'

export function fundingRoutes(app: App, services: PlanningServices): void {
  listRoutes(app, services)
  addRoute(app, services)
  changeRoutes(app, services)
}

function listRoutes(app: App, services: PlanningServices): void {
  listInScope(app, services, {
    url: '/v1/funding-sources',
    operationId: 'listFundingSources',
    tag: 'replacement',
    summary: 'Funding sources in the order in which they pay, as JSON pages, or CSV or NDJSON by `Accept`',
    config: { roles: READERS, reads: 'funding-sources.read' },
    query: { jurisdictionId: repeatable(Id) },
    response: pageOf('FundingSourcePage', FundingSource),
    rows: { file: 'funding-sources', columns: FUNDING_COLUMNS },
    page: (tx, { scope }, page) =>
      tablePage(
        tx,
        {
          table: fundingSources,
          order: ascending(fundingSources, 'jurisdictionId', 'priority', 'id'),
          where: [inScope(scope)],
          item: toSource,
        },
        page,
      ),
  })

  app.get(
    '/v1/funding-sources/:id',
    {
      config: { roles: READERS, reads: 'funding-source.read', readsOf: 'funding_sources' },
      schema: {
        operationId: 'getFundingSource',
        tags: ['replacement'],
        summary: 'One funding source',
        security: [{ apiKey: [] }],
        params: z.object({ id: Id }),
        querystring: z.strictObject({}),
        response: { 200: FundingSource, ...problems('unauthenticated', 'not-found') },
      },
    },
    async (request, reply) => {
      const row = await services.database.acrossJurisdictions(readScope(request.principal), (tx) =>
        findSource(tx, request.params.id),
      )
      reply.header('etag', etagOf(row.version))
      return toSource(row)
    },
  )
}

function addRoute(app: App, services: PlanningServices): void {
  app.post(
    '/v1/funding-sources',
    {
      config: { roles: PLANNERS },
      schema: {
        operationId: 'createFundingSource',
        tags: ['replacement'],
        summary: 'Add a fund, grant or bond with its caps and rules',
        security: [{ apiKey: [] }],
        body: FundingSourceWrite,
        response: {
          201: FundingSource,
          ...problems(
            'unauthenticated',
            'forbidden',
            'malformed-body',
            'not-found',
            'funding-source-name-taken',
            'currency-mismatch',
            'idempotency-key-reused',
            'unsupported-media-type',
          ),
        },
      },
    },
    async (request, reply) => {
      const { jurisdictionId: asked, ...wish } = request.body
      const jurisdictionId = writeJurisdiction(request.principal, asked)
      const answer = await changeOnce(services, request, jurisdictionId, async (work): Promise<Answer> => {
        const row = await addSource(work, wish)
        return {
          status: 201,
          location: `/v1/funding-sources/${row.id}`,
          etag: etagOf(row.version),
          body: toSource(row),
        }
      })
      return send(reply, answer)
    },
  )
}

function changeRoutes(app: App, services: PlanningServices): void {
  app.patch(
    '/v1/funding-sources/:id',
    {
      config: { roles: PLANNERS },
      schema: {
        operationId: 'changeFundingSource',
        tags: ['replacement'],
        summary: 'Change a funding source; schedules made with it stay as they are',
        security: [{ apiKey: [] }],
        params: z.object({ id: Id }),
        body: FundingSourceChange,
        response: {
          200: FundingSource,
          ...problemsOfChange('funding-source-name-taken', 'currency-mismatch'),
        },
      },
    },
    async (request, reply) => {
      const { id } = request.params
      const changes = changesOf(request.body)
      const jurisdictionId = await ownerOf(services, request.principal, fundingSources, id, 'funding source')
      const row = await change(services, request, jurisdictionId, (work) =>
        reviseSource(work, id, changes, request.headers['if-match']),
      )
      reply.header('etag', etagOf(row.version))
      return toSource(row)
    },
  )

  app.delete(
    '/v1/funding-sources/:id',
    {
      config: { roles: PLANNERS },
      schema: {
        operationId: 'removeFundingSource',
        tags: ['replacement'],
        summary: 'Remove a funding source that no plan names and nothing was paid from',
        security: [{ apiKey: [] }],
        params: z.object({ id: Id }),
        response: {
          204: z.null().meta({ description: 'removed' }),
          ...problems(
            'unauthenticated',
            'forbidden',
            'not-found',
            'precondition-failed',
            'funding-source-in-use',
          ),
        },
      },
    },
    async (request, reply) => {
      const { id } = request.params
      const jurisdictionId = await ownerOf(services, request.principal, fundingSources, id, 'funding source')
      await change(services, request, jurisdictionId, (work) =>
        removeSource(work, id, request.headers['if-match']),
      )
      return reply.code(204).send(null)
    },
  )
}
