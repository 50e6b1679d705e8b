/** `/v1/sites`: places with devices; an install crew is sent to a site. */
import { z } from 'zod'
import { sites } from '../db/schema/index.ts'
import { changesOf } from '../http/changes.ts'
import type { Column } from '../http/exports.ts'
import { problems, problemsOfChange } from '../http/problems.ts'
import { Id, repeatable, someText } from '../http/schemas.ts'
import type { App, HttpServices } from '../http/services.ts'
import { EDITORS, READERS, writeJurisdiction } from '../tenancy/auth.ts'
import { listInScope } from '../tenancy/list-in-scope.ts'
import { ownerOf, readRow } from '../tenancy/stored-rows.ts'
import { answerOnce, created, inWork, removed, tagged } from '../tenancy/work.ts'
import { Site, SiteChange, SitePage, SiteWrite } from './schemas.ts'
import { addSite, changeSite, removeSite, sitePage, toSite } from './sites.ts'

const COLUMNS: readonly Column<z.infer<typeof Site>>[] = (
  [
    'id',
    'jurisdictionId',
    'name',
    'address',
    'department',
    'latitude',
    'longitude',
    'notes',
    'createdAt',
    'updatedAt',
  ] as const
).map((field) => ({ header: field, value: (site) => site[field] }))

export function siteRoutes(app: App, services: HttpServices): void {
  listInScope(app, services, {
    url: '/v1/sites',
    operationId: 'listSites',
    tag: 'register',
    summary: 'Sites, as JSON pages, or all of them as CSV or NDJSON by `Accept`',
    config: { roles: READERS, reads: 'sites.read' },
    query: {
      jurisdictionId: repeatable(Id),
      name: repeatable(someText(200)).meta({ description: 'exact, letter case ignored' }),
    },
    response: SitePage,
    rows: { file: 'sites', columns: COLUMNS },
    page: sitePage,
  })
  createRoute(app, services)
  readRoute(app, services)
  changeRoute(app, services)
  removeRoute(app, services)
}

function createRoute(app: App, services: HttpServices): void {
  app.post(
    '/v1/sites',
    {
      config: { roles: EDITORS },
      schema: {
        operationId: 'createSite',
        tags: ['register'],
        summary: 'Add a site',
        security: [{ apiKey: [] }],
        body: SiteWrite,
        response: {
          201: Site,
          ...problems(
            'unauthenticated',
            'forbidden',
            'malformed-body',
            'not-found',
            'site-name-taken',
            'idempotency-key-reused',
            'unsupported-media-type',
          ),
        },
      },
    },
    async (request, reply) => {
      const { jurisdictionId: asked, ...fields } = request.body
      const jurisdictionId = writeJurisdiction(request.principal, asked)
      return answerOnce(services, request, reply, jurisdictionId, async (work) => {
        const site = await addSite(work, fields)
        return created(`/v1/sites/${site.id}`, site)
      })
    },
  )
}

function readRoute(app: App, services: HttpServices): void {
  app.get(
    '/v1/sites/:id',
    {
      config: { roles: READERS, reads: 'site.read', readsOf: 'sites' },
      schema: {
        operationId: 'getSite',
        tags: ['register'],
        summary: 'One site',
        security: [{ apiKey: [] }],
        params: z.object({ id: Id }),
        querystring: z.strictObject({}),
        response: { 200: Site, ...problems('unauthenticated', 'not-found') },
      },
    },
    async (request, reply) =>
      tagged(reply, toSite(await readRow(services, request.principal, sites, request.params.id, 'site'))),
  )
}

function changeRoute(app: App, services: HttpServices): void {
  app.patch(
    '/v1/sites/:id',
    {
      config: { roles: EDITORS },
      schema: {
        operationId: 'changeSite',
        tags: ['register'],
        summary: 'Change a site',
        security: [{ apiKey: [] }],
        params: z.object({ id: Id }),
        body: SiteChange,
        response: {
          200: Site,
          ...problemsOfChange('site-name-taken'),
        },
      },
    },
    async (request, reply) => {
      const { id } = request.params
      const changes = changesOf(request.body)
      const ifMatch = request.headers['if-match']
      const owner = await ownerOf(services, request.principal, sites, id, 'site')
      return tagged(
        reply,
        await inWork(services, request, owner, (work) => changeSite(work, id, changes, ifMatch)),
      )
    },
  )
}

function removeRoute(app: App, services: HttpServices): void {
  app.delete(
    '/v1/sites/:id',
    {
      config: { roles: EDITORS },
      schema: {
        operationId: 'removeSite',
        tags: ['register'],
        summary: 'Remove a site that has no devices',
        security: [{ apiKey: [] }],
        params: z.object({ id: Id }),
        response: {
          204: z.null().meta({ description: 'removed' }),
          ...problems('unauthenticated', 'forbidden', 'not-found', 'precondition-failed', 'site-in-use'),
        },
      },
    },
    async (request, reply) => {
      const { id } = request.params
      const owner = await ownerOf(services, request.principal, sites, id, 'site')
      await inWork(services, request, owner, (work) => removeSite(work, id, request.headers['if-match']))
      return removed(reply)
    },
  )
}
