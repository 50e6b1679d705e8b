/** `/v1/custom-fields`: what a city keeps of its devices besides the fields that all have. */
import { z } from 'zod'
import { customFields } from '../../db/schema/index.ts'
import { changesOf } from '../../http/changes.ts'
import { notFound, problems, problemsOfChange } from '../../http/problems.ts'
import { Id, repeatable } from '../../http/schemas.ts'
import type { App } from '../../http/services.ts'
import { ascending, inScope, tablePage } from '../../http/table-pages.ts'
import type { Services } from '../../screening/services.ts'
import { EDITORS, READERS, writeJurisdiction } from '../../tenancy/auth.ts'
import { listInScope } from '../../tenancy/list-in-scope.ts'
import { ownerOf, readRow } from '../../tenancy/stored-rows.ts'
import { answerOnce, created, inWork, removed, tagged } from '../../tenancy/work.ts'
import {
  CustomFieldChange,
  CustomFieldPage,
  CustomFieldShape,
  CustomFieldWrite,
  toCustomField,
} from './schemas.ts'
import { ASKED_OF_LIVE, addCustomField, changeCustomField, removeCustomField } from './store.ts'

const WHAT = 'custom field'
const ORDER = ascending(customFields, 'jurisdictionId', 'name', 'id')

export function customFieldRoutes(app: App, services: Services): void {
  listInScope(app, services, {
    url: '/v1/custom-fields',
    operationId: 'listCustomFields',
    tag: 'register',
    summary: 'Fields that cities add to their devices',
    config: { roles: READERS, reads: 'custom-fields.read' },
    query: { jurisdictionId: repeatable(Id) },
    response: CustomFieldPage,
    page: (tx, { scope }, page) =>
      tablePage(
        tx,
        { table: customFields, order: ORDER, where: [inScope(scope), ASKED_OF_LIVE], item: toCustomField },
        page,
      ),
  })
  createRoute(app, services)
  readRoute(app, services)
  changeRoute(app, services)
  removeRoute(app, services)
}

function createRoute(app: App, services: Services): void {
  app.post(
    '/v1/custom-fields',
    {
      config: { roles: EDITORS },
      schema: {
        operationId: 'createCustomField',
        tags: ['register'],
        summary: 'Add a field to the devices of the city',
        description:
          'Devices hold its values under `custom`; imports read a column of its name or label, exports write `custom.NAME`, and `custom.NAME`, `custom.NAME__contains` and so on are filters. No law reads it, but a text that names a restricted maker raises doubt, as in other fields, and so does the name or the label of a field that does; a label that names one is refused unless the name does.',
        security: [{ apiKey: [] }],
        body: CustomFieldWrite,
        response: {
          201: CustomFieldShape,
          ...problems(
            'unauthenticated',
            'forbidden',
            'malformed-body',
            'not-found',
            'custom-field-taken',
            'idempotency-key-reused',
            'unsupported-media-type',
          ),
        },
      },
    },
    async (request, reply) => {
      const jurisdictionId = writeJurisdiction(request.principal, request.body.jurisdictionId)
      return answerOnce(services, request, reply, jurisdictionId, async (work) => {
        const field = toCustomField(await addCustomField(work, request.body, services.knowledge()))
        return created(`/v1/custom-fields/${field.id}`, field)
      })
    },
  )
}

function readRoute(app: App, services: Services): void {
  app.get(
    '/v1/custom-fields/:id',
    {
      config: { roles: READERS, reads: 'custom-field.read', readsOf: 'custom_fields' },
      schema: {
        operationId: 'getCustomField',
        tags: ['register'],
        summary: 'One field that a city added',
        security: [{ apiKey: [] }],
        params: z.object({ id: Id }),
        querystring: z.strictObject({}),
        response: { 200: CustomFieldShape, ...problems('unauthenticated', 'not-found') },
      },
    },
    async (request, reply) => {
      const row = await readRow(services, request.principal, customFields, request.params.id, WHAT)
      if (row.removedAt !== null) throw notFound(WHAT)
      return tagged(reply, toCustomField(row))
    },
  )
}

function changeRoute(app: App, services: Services): void {
  app.patch(
    '/v1/custom-fields/:id',
    {
      config: { roles: EDITORS },
      schema: {
        operationId: 'changeCustomField',
        tags: ['register'],
        summary: 'Change the label, the choices or the description of a field',
        description:
          'Name and type never change: values and files of past days are read by them. A choice that devices have cannot be taken away.',
        security: [{ apiKey: [] }],
        params: z.object({ id: Id }),
        body: CustomFieldChange,
        response: {
          200: CustomFieldShape,
          ...problemsOfChange('custom-field-taken', 'custom-field-in-use'),
        },
      },
    },
    async (request, reply) => {
      const { id } = request.params
      const changes = changesOf(request.body)
      const ifMatch = request.headers['if-match']
      const owner = await ownerOf(services, request.principal, customFields, id, WHAT)
      const change = await inWork(services, request, owner, (work) =>
        changeCustomField(work, id, changes, ifMatch, services.knowledge()),
      )
      services.trigger('rescreen')
      return tagged(reply, toCustomField(change))
    },
  )
}

function removeRoute(app: App, services: Services): void {
  app.delete(
    '/v1/custom-fields/:id',
    {
      config: { roles: EDITORS },
      schema: {
        operationId: 'removeCustomField',
        tags: ['register'],
        summary: 'Remove a field of which no device has a value',
        description: 'Devices of past days, in their history and with `asOf`, still show what they had.',
        security: [{ apiKey: [] }],
        params: z.object({ id: Id }),
        response: {
          204: z.null().meta({ description: 'removed' }),
          ...problems(
            'unauthenticated',
            'forbidden',
            'not-found',
            'precondition-failed',
            'custom-field-in-use',
          ),
        },
      },
    },
    async (request, reply) => {
      const { id } = request.params
      const owner = await ownerOf(services, request.principal, customFields, id, WHAT)
      await inWork(services, request, owner, (work) =>
        removeCustomField(work, id, request.headers['if-match']),
      )
      return removed(reply)
    },
  )
}
