/** Devices that may be one, and their merging. */
import { z } from 'zod'
import { devices } from '../db/schema/index.ts'
import { etagOf } from '../http/etag.ts'
import { problemsOfChange } from '../http/problems.ts'
import { Id, Instant, pageOf, repeatable } from '../http/schemas.ts'
import type { App } from '../http/services.ts'
import { orWhereItWent } from '../screening/merged-devices.ts'
import { Device } from '../screening/schemas.ts'
import type { Services } from '../screening/services.ts'
import { EDITORS, READERS } from '../tenancy/auth.ts'
import { listInScope } from '../tenancy/list-in-scope.ts'
import { ownerOf } from '../tenancy/stored-rows.ts'
import { answerOnce } from '../tenancy/work.ts'
import { presentDevice } from './devices.ts'
import { duplicatePage } from './duplicates.ts'
import { mergeDevices } from './merge.ts'
import { unmergeDevices } from './unmerge.ts'

const DeviceInPair = z.object({
  id: z.string(),
  assetTag: z.string().nullable(),
  name: z.string().nullable(),
  manufacturer: z.string().nullable(),
  model: z.string().nullable(),
  serialNumber: z.string().nullable(),
  macAddress: z.string().nullable(),
  siteId: z.string().nullable(),
  importSource: z.string().nullable(),
  updatedAt: Instant,
})

const DuplicatePair = z
  .object({
    jurisdictionId: z.string(),
    reasons: z
      .array(z.string())
      .meta({ description: 'the fields that are the same: `assetTag`, `serialNumber`, `macAddress`' }),
    first: DeviceInPair.meta({ description: 'the older of the two' }),
    other: DeviceInPair,
  })
  .meta({
    id: 'DuplicatePair',
    description:
      'Two devices that may be one. Letter case and spaces do not matter. A serial number counts only where maker or model, and the MAC addresses, do not contradict.',
  })

export function duplicateRoutes(app: App, services: Services): void {
  listInScope(app, services, {
    url: '/v1/devices/duplicates',
    operationId: 'listDuplicates',
    tag: 'register',
    summary: 'Pairs of devices that may be one, with the reason',
    config: { roles: READERS, reads: 'devices.duplicates.read' },
    query: { jurisdictionId: repeatable(Id) },
    response: pageOf('DuplicatePage', DuplicatePair),
    page: (tx, { scope }, page) => duplicatePage(tx, scope, page),
  })
  app.post(
    '/v1/devices/:id/merge',
    {
      config: { roles: EDITORS },
      schema: {
        operationId: 'mergeDevices',
        tags: ['register'],
        summary: 'Make a duplicate part of this device',
        description:
          'Blank fields are filled from the duplicate; where the two differ in what identifies them or their maker, its value is added to the notes. Its history stays at its own id, plans and records continue with this device, and files that still list the duplicate find this device. Asked for, the duplicate answers 410 with the id of this one.',
        security: [{ apiKey: [] }],
        params: z.object({ id: Id }),
        body: z
          .strictObject({ duplicateId: Id.meta({ description: 'the device that becomes part of this one' }) })
          .meta({ id: 'DeviceMerge' }),
        response: { 200: Device, ...problemsOfChange('device-merged', 'idempotency-key-reused') },
      },
    },
    async (request, reply) => {
      const { id } = request.params
      return orWhereItWent(services, request.principal, id, async () => {
        const jurisdictionId = await ownerOf(services, request.principal, devices, id, 'device')
        return answerOnce(services, request, reply, jurisdictionId, async (tenancy) => {
          const work = { ...tenancy, knowledge: services.knowledge() }
          await mergeDevices(work, id, request.body.duplicateId, request.headers['if-match'])
          const { text, version, stamp } = await presentDevice(work.tx, id, work.knowledge, work.now)
          return { status: 200, etag: etagOf(version, stamp), body: JSON.parse(text) as unknown }
        })
      })
    },
  )
  unmergeRoute(app, services)
}

const Unmerged = z
  .object({
    id: z.string().meta({ description: 'the device that stayed' }),
    duplicateId: z.string().meta({ description: 'the duplicate, which is on the register again' }),
    restored: z
      .array(z.string())
      .meta({ description: 'fields of the device that stayed that are again as they were' }),
    left: z
      .array(z.object({ what: z.string(), reason: z.string() }))
      .meta({ description: 'what was changed since, and is left as it is' }),
  })
  .meta({ id: 'UndoneMerge' })

function unmergeRoute(app: App, services: Services): void {
  app.post(
    '/v1/devices/:id/merge/undo',
    {
      config: { roles: EDITORS },
      schema: {
        operationId: 'undoMerge',
        tags: ['register'],
        summary: 'Take a merge back: two devices again, each with its own records',
        description:
          'The duplicate is on the register again, under its own id, as it was. The device that stayed gets back what the merge changed of it; what somebody has changed since is left and named. Plans, statements, documents and other records go back to the device that they were made of. Of several merges into one device any can be taken back; a device that is part of a third one by now first has to come back itself.',
        security: [{ apiKey: [] }],
        params: z.object({ id: Id }),
        body: z
          .strictObject({ duplicateId: Id.meta({ description: 'the device that became part of this one' }) })
          .meta({ id: 'MergeUndo' }),
        response: {
          200: Unmerged,
          ...problemsOfChange('device-merged', 'asset-tag-taken', 'idempotency-key-reused'),
        },
      },
    },
    async (request, reply) => {
      const { id } = request.params
      return orWhereItWent(services, request.principal, id, async () => {
        const jurisdictionId = await ownerOf(services, request.principal, devices, id, 'device')
        return answerOnce(services, request, reply, jurisdictionId, async (tenancy) => {
          const work = { ...tenancy, knowledge: services.knowledge() }
          const { duplicateId } = request.body
          return {
            status: 200,
            body: await unmergeDevices(work, id, duplicateId, request.headers['if-match']),
          }
        })
      })
    },
  )
}
