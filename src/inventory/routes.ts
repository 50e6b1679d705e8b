/** Devices over HTTP. */

import { z } from 'zod'
import { devices } from '../db/schema/index.ts'
import { DeviceChange, DeviceWrite } from '../device/schemas.ts'
import { alreadyHas, etagOf } from '../http/etag.ts'
import { linkNext, PRODUCES, sendPage, sendText } from '../http/exports.ts'
import { fieldsQuery } from '../http/fields.ts'
import { PageQuery } from '../http/pages.ts'
import { problems, problemsOfChange } from '../http/problems.ts'
import { Id } from '../http/schemas.ts'
import type { App } from '../http/services.ts'
import { WORKBOOK_TYPE } from '../http/workbook/write.ts'
import { removeDevice } from '../screening/device-writes.ts'
import { readKnownAt } from '../screening/known-at.ts'
import { orWhereItWent } from '../screening/merged-devices.ts'
import { Device, DevicePage } from '../screening/schemas.ts'
import type { Services } from '../screening/services.ts'
import { DEVICE_FIELDS, DeterminationsQuery } from '../screening/shape.ts'
import { EDITORS, READERS, readScope, writeJurisdiction } from '../tenancy/auth.ts'
import { cityDays, NO_CITIES } from '../tenancy/city-days.ts'
import { ownerOf } from '../tenancy/stored-rows.ts'
import { answerOnce, inWork, removed } from '../tenancy/work.ts'
import { sendDevices } from './device-list.ts'
import {
  type PresentedDevice,
  presentDevice,
  presentDeviceAsOf,
  registerDevice,
  reviseDevice,
} from './devices.ts'
import { duplicateRoutes } from './duplicate-routes.ts'
import { historyPage } from './history.ts'
import { AsOfQuery, parseTimes } from './queries/as-of.ts'
import { DeviceFilterQuery, FILTERS_DESCRIPTION, filterObject } from './queries/device-filter.ts'
import { DEVICE_SORTS } from './queries/filter.ts'
import { DeviceHistory } from './schemas.ts'

const LIST_DESCRIPTION = `
By itself a list shows what a table has columns for: ${DEVICE_FIELDS.listed.join(', ')}. Of these, \`identification\` has \`status\`, \`brand\`, \`maker\` and \`confidence\`, \`firmwareRisk\` has \`level\` and \`urgency\`; \`findings\` names, per activity and outcome, the rules whose answer is neither permitted nor out of scope.

\`include=\` adds fields, and shows \`identification\` and \`firmwareRisk\` in full; \`include=determinations\` gives every determination with its reason, facts and citation; \`include=all\` gives each device as \`GET /v1/devices/{id}\` does. \`fields=\` shows only what it names (and \`id\`). A page ends before \`limit\`, with \`nextCursor\`, when it is full: at a kilobyte for each of \`limit\` (100 kB at least), at 4 MB with \`include\`, \`fields\` or \`determinations\`. NDJSON has the same items as JSON. CSV has every stored field and one line a device, without evidence and reasons; \`fields=\` chooses its columns and their order. The workbook has site names, answers and reasons in words, filters, and a second sheet with the citations. Imported again, CSV and workbook change nothing.

${FILTERS_DESCRIPTION}
`.trim()

export function deviceRoutes(app: App, services: Services): void {
  listDevicesRoute(app, services)
  duplicateRoutes(app, services)
  createDeviceRoute(app, services)
  getDeviceRoute(app, services)
  changeDeviceRoute(app, services)
  removeDeviceRoute(app, services)
  listDeviceHistoryRoute(app, services)
}

function listDevicesRoute(app: App, services: Services): void {
  app.get(
    '/v1/devices',
    {
      config: { roles: READERS, reads: 'devices.read' },
      schema: {
        operationId: 'listDevices',
        produces: [...PRODUCES, WORKBOOK_TYPE],
        tags: ['register'],
        summary: 'Devices, as JSON pages, or all of them as CSV, NDJSON or an Excel workbook by `Accept`',
        description: LIST_DESCRIPTION,
        security: [{ apiKey: [] }],
        querystring: filterObject({
          ...PageQuery,
          ...DeviceFilterQuery,
          ...AsOfQuery,
          sort: z
            .string()
            .max(200)
            .optional()
            .meta({
              description: `fields separated by commas, \`-\` for descending: ${Object.keys(DEVICE_SORTS).join(', ')}`,
            }),
          ...fieldsQuery(DEVICE_FIELDS),
          determinations: DeterminationsQuery,
        }),
        response: { 200: DevicePage, ...problems('unauthenticated', 'not-acceptable') },
      },
    },
    async (request, reply) => sendDevices(services, request, request.query, reply),
  )
}

function createDeviceRoute(app: App, services: Services): void {
  app.post(
    '/v1/devices',
    {
      config: { roles: EDITORS },
      schema: {
        operationId: 'createDevice',
        tags: ['register'],
        summary: 'Register a device; a restricted or unknown maker is an answer, not an error',
        security: [{ apiKey: [] }],
        body: DeviceWrite,
        response: {
          201: Device,
          ...problems(
            'unauthenticated',
            'forbidden',
            'malformed-body',
            'not-found',
            'asset-tag-taken',
            'idempotency-key-reused',
            'unsupported-media-type',
          ),
        },
      },
    },
    async (request, reply) => {
      const { jurisdictionId: asked, ...wish } = request.body
      const jurisdictionId = writeJurisdiction(request.principal, asked)
      return answerOnce(services, request, reply, jurisdictionId, async (work) => {
        const presented = await registerDevice({ ...work, knowledge: services.knowledge() }, wish)
        return {
          status: 201,
          location: `/v1/devices/${presented.id}`,
          etag: etagOf(presented.version, presented.stamp),
          body: JSON.parse(presented.text) as unknown,
        }
      })
    },
  )
}

function getDeviceRoute(app: App, services: Services): void {
  const { database, knowledgeAt, now } = services
  app.get(
    '/v1/devices/:id',
    {
      config: { roles: READERS, reads: 'device.read', readsOf: 'devices' },
      schema: {
        operationId: 'getDevice',
        tags: ['register'],
        summary: 'One device with its evidence and every determination',
        security: [{ apiKey: [] }],
        params: z.object({ id: Id }),
        querystring: z.strictObject(AsOfQuery),
        response: {
          200: Device,
          304: z.null().meta({ description: 'not changed since the ETag in If-None-Match' }),
          ...problems('unauthenticated', 'not-found', 'device-merged'),
        },
      },
    },
    async (request, reply) => {
      const { id } = request.params
      const instant = now()
      const scope = readScope(request.principal)
      const { asOf: asOfText, knownAt } = request.query
      const known = await knowledgeAt(knownAt === undefined ? undefined : readKnownAt(knownAt, instant))
      const cities = asOfText === undefined ? NO_CITIES : await cityDays(database, scope)
      const asOf = parseTimes(request.query, instant, cities)
      if (asOf) {
        const text = await database.acrossJurisdictions(scope, (tx) => presentDeviceAsOf(tx, id, asOf, known))
        return sendText(reply, text)
      }
      const presented = await orWhereItWent(services, request.principal, id, () =>
        database.acrossJurisdictions(scope, (tx) => presentDevice(tx, id, known, instant)),
      )
      const etag = etagOf(presented.version, presented.stamp)
      reply.header('etag', etag)
      if (alreadyHas(request.headers['if-none-match'], etag)) return reply.code(304).send(null)
      return sendText(reply, presented.text)
    },
  )
}

function changeDeviceRoute(app: App, services: Services): void {
  const { knowledge } = services
  app.patch(
    '/v1/devices/:id',
    {
      config: { roles: EDITORS },
      schema: {
        operationId: 'changeDevice',
        tags: ['register'],
        summary: 'Change a device; what it was stays in its history',
        security: [{ apiKey: [] }],
        params: z.object({ id: Id }),
        body: DeviceChange,
        response: {
          200: Device,
          ...problemsOfChange('asset-tag-taken', 'device-merged'),
        },
      },
    },
    async (request, reply) => {
      const { id } = request.params
      const presented: PresentedDevice = await orWhereItWent(services, request.principal, id, async () => {
        const jurisdictionId = await ownerOf(services, request.principal, devices, id, 'device')
        return inWork(services, request, jurisdictionId, (work) =>
          reviseDevice({ ...work, knowledge: knowledge() }, id, request.body, request.headers['if-match']),
        )
      })
      reply.header('etag', etagOf(presented.version, presented.stamp))
      return sendText(reply, presented.text)
    },
  )
}

function removeDeviceRoute(app: App, services: Services): void {
  const { knowledge } = services
  app.delete(
    '/v1/devices/:id',
    {
      config: { roles: EDITORS },
      schema: {
        operationId: 'removeDevice',
        tags: ['register'],
        summary: 'Take a device off the register; its history stays',
        security: [{ apiKey: [] }],
        params: z.object({ id: Id }),
        response: {
          204: z.null().meta({ description: 'removed' }),
          ...problems('unauthenticated', 'forbidden', 'not-found', 'device-merged', 'precondition-failed'),
        },
      },
    },
    async (request, reply) => {
      const { id } = request.params
      await orWhereItWent(services, request.principal, id, async () => {
        const jurisdictionId = await ownerOf(services, request.principal, devices, id, 'device')
        await inWork(services, request, jurisdictionId, (work) =>
          removeDevice({ ...work, knowledge: knowledge() }, id, request.headers['if-match']),
        )
      })
      return removed(reply)
    },
  )
}

function listDeviceHistoryRoute(app: App, { database }: Services): void {
  app.get(
    '/v1/devices/:id/history',
    {
      config: { roles: READERS, reads: 'device.history.read', readsOf: 'devices' },
      schema: {
        operationId: 'listDeviceHistory',
        tags: ['register'],
        summary: 'Every version of a device, newest first; also of one that was removed',
        security: [{ apiKey: [] }],
        params: z.object({ id: Id }),
        querystring: z.strictObject(PageQuery),
        response: { 200: DeviceHistory, ...problems('unauthenticated', 'not-found') },
      },
    },
    async (request, reply) => {
      const { id } = request.params
      const { limit, cursor } = request.query
      const found = await database.acrossJurisdictions(readScope(request.principal), (tx) =>
        historyPage(tx, id, { limit, cursor, question: id }),
      )
      linkNext(request, reply, found.nextCursor)
      return sendPage(reply, found.items, found.nextCursor)
    },
  )
}
