/** `/v1/import-mappings`: how a list that comes again is read. */

import { z } from 'zod'
import { importMappings } from '../../db/schema/index.ts'
import { problems, problemsOfChange } from '../../http/problems.ts'
import { Id, repeatable, someText } from '../../http/schemas.ts'
import type { App, HttpServices } from '../../http/services.ts'
import { EDITORS, READERS, writeJurisdiction } from '../../tenancy/auth.ts'
import { listInScope } from '../../tenancy/list-in-scope.ts'
import { ownerOf, readRow } from '../../tenancy/stored-rows.ts'
import { answerOnce, created, inWork, removed, tagged } from '../../tenancy/work.ts'
import { MappingChange, MappingPage, MappingShape, MappingWrite, toMapping } from './schemas.ts'
import { addMapping, changeMapping, mappingPage, removeMapping } from './store.ts'

const WHAT = 'saved mapping'

export function mappingRoutes(app: App, services: HttpServices): void {
  listInScope(app, services, {
    url: '/v1/import-mappings',
    operationId: 'listImportMappings',
    tag: 'imports',
    summary: 'Saved mappings of columns and words',
    config: { roles: READERS, reads: 'import-mappings.read' },
    query: { jurisdictionId: repeatable(Id), source: someText(100).optional() },
    response: MappingPage,
    page: (tx, { scope, question: { source } }, page) => mappingPage(tx, scope, source, page),
  })
  createRoute(app, services)
  readRoute(app, services)
  changeRoute(app, services)
  removeRoute(app, services)
}

function createRoute(app: App, services: HttpServices): void {
  app.post(
    '/v1/import-mappings',
    {
      config: { roles: EDITORS },
      schema: {
        operationId: 'createImportMapping',
        tags: ['imports'],
        summary: 'Save a mapping of columns, and what the words of a list mean',
        description:
          '`mapping=NAME` at an import uses it; what the request states besides wins. `GET /v1/uploads/{id}/columns` names those that suit a file.',
        security: [{ apiKey: [] }],
        body: MappingWrite,
        response: {
          201: MappingShape,
          ...problems(
            'unauthenticated',
            'forbidden',
            'malformed-body',
            'not-found',
            'mapping-name-taken',
            'idempotency-key-reused',
            'unsupported-media-type',
          ),
        },
      },
    },
    async (request, reply) => {
      const jurisdictionId = writeJurisdiction(request.principal, request.body.jurisdictionId)
      return answerOnce(services, request, reply, jurisdictionId, async (work) => {
        const mapping = toMapping(await addMapping(work, request.body))
        return created(`/v1/import-mappings/${mapping.id}`, mapping)
      })
    },
  )
}

function readRoute(app: App, services: HttpServices): void {
  app.get(
    '/v1/import-mappings/:id',
    {
      config: { roles: READERS, reads: 'import-mapping.read', readsOf: 'import_mappings' },
      schema: {
        operationId: 'getImportMapping',
        tags: ['imports'],
        summary: 'One saved mapping',
        security: [{ apiKey: [] }],
        params: z.object({ id: Id }),
        querystring: z.strictObject({}),
        response: { 200: MappingShape, ...problems('unauthenticated', 'not-found') },
      },
    },
    async (request, reply) =>
      tagged(
        reply,
        toMapping(await readRow(services, request.principal, importMappings, request.params.id, WHAT)),
      ),
  )
}

function changeRoute(app: App, services: HttpServices): void {
  app.patch(
    '/v1/import-mappings/:id',
    {
      config: { roles: EDITORS },
      schema: {
        operationId: 'changeImportMapping',
        tags: ['imports'],
        summary: 'Change a saved mapping: its name, columns, or what words of the list mean',
        description:
          '`mapping` and `values` are replaced as a whole where they are given; what is left out stays. Imports that used it stay as they are.',
        security: [{ apiKey: [] }],
        params: z.object({ id: Id }),
        body: MappingChange,
        response: { 200: MappingShape, ...problemsOfChange('mapping-name-taken') },
      },
    },
    async (request, reply) => {
      const { id } = request.params
      const owner = await ownerOf(services, request.principal, importMappings, id, WHAT)
      const changed = await inWork(services, request, owner, (work) =>
        changeMapping(work, id, request.body, request.headers['if-match']),
      )
      return tagged(reply, toMapping(changed))
    },
  )
}

function removeRoute(app: App, services: HttpServices): void {
  app.delete(
    '/v1/import-mappings/:id',
    {
      config: { roles: EDITORS },
      schema: {
        operationId: 'removeImportMapping',
        tags: ['imports'],
        summary: 'Forget a saved mapping; imports that used it stay as they are',
        security: [{ apiKey: [] }],
        params: z.object({ id: Id }),
        response: {
          204: z.null().meta({ description: 'removed' }),
          ...problems('unauthenticated', 'forbidden', 'not-found', 'precondition-failed'),
        },
      },
    },
    async (request, reply) => {
      const { id } = request.params
      const owner = await ownerOf(services, request.principal, importMappings, id, WHAT)
      await inWork(services, request, owner, (work) => removeMapping(work, id, request.headers['if-match']))
      return removed(reply)
    },
  )
}
