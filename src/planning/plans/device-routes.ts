/** `/v1/plans/{id}/devices`: what a plan replaces, and how each is priced. */
import { z } from 'zod'
import { etagOf } from '../../http/etag.ts'
import { type Answer, send } from '../../http/idempotency.ts'
import { DomainError, problems } from '../../http/problems.ts'
import { Id, pageOf, repeatable } from '../../http/schemas.ts'
import type { App } from '../../http/services.ts'
import { type DeviceFilter, filterObject, isAsked } from '../../inventory/queries/device-filter.ts'
import { READERS } from '../../tenancy/auth.ts'
import { listInScope } from '../../tenancy/list-in-scope.ts'
import { PLANNERS } from '../context.ts'
import { change, changeOnce, type PlanningServices } from '../work.ts'
import { planDevicePage } from './lists.ts'
import { planTheseDevices, type Selection, unplanDevices } from './plan-devices.ts'
import { countPlanDevices, planOwner } from './plans.ts'
import { DEVICE_COLUMNS, deviceFilter, PlanDevice, PlanDevicesChanged, PlanDevicesWrite } from './schemas.ts'

export function planDeviceRoutes(app: App, services: PlanningServices): void {
  listRoute(app, services)
  addRoute(app, services)
  removeRoute(app, services)
}

function listRoute(app: App, services: PlanningServices): void {
  listInScope(app, services, {
    url: '/v1/plans/:id/devices',
    operationId: 'listPlanDevices',
    tag: 'replacement',
    summary: 'Devices of a plan and how each is priced, as JSON pages, or CSV or NDJSON by `Accept`',
    config: { roles: READERS, reads: 'plan.devices.read', readsOf: 'plans' },
    params: { id: Id },
    query: { isPriced: z.stringbool().optional(), legalHold: z.stringbool().optional() },
    response: pageOf('PlanDevicePage', PlanDevice),
    problems: ['not-found'],
    rows: { file: 'plan-devices', columns: DEVICE_COLUMNS },
    page: (tx, { params, question }, page) => {
      const terms = { knowledge: services.knowledge(), now: services.now() }
      return planDevicePage(tx, params.id, question, terms, page)
    },
  })
}

function addRoute(app: App, services: PlanningServices): void {
  app.post(
    '/v1/plans/:id/devices',
    {
      config: { roles: PLANNERS },
      schema: {
        operationId: 'addPlanDevices',
        tags: ['replacement'],
        summary: 'Add devices to a plan by filter or list, or set what is given on those it has',
        description:
          'The filter is applied once, now. Devices that are planned or decommissioned are passed by unless its `status` asks for them.',
        security: [{ apiKey: [] }],
        params: z.object({ id: Id }),
        body: PlanDevicesWrite,
        response: {
          200: PlanDevicesChanged,
          ...problems(
            'unauthenticated',
            'forbidden',
            'malformed-body',
            'not-found',
            'precondition-failed',
            'idempotency-key-reused',
            'unsupported-media-type',
          ),
        },
      },
    },
    async (request, reply) => {
      const { id } = request.params
      const { deviceIds, filter, ...wish } = request.body
      const selection = selectionOf(deviceIds, filter)
      const ifMatch = request.headers['if-match']
      const jurisdictionId = await planOwner(services, request.principal, id)
      const answer = await changeOnce(services, request, jurisdictionId, async (work): Promise<Answer> => {
        const { plan, added, changed } = await planTheseDevices(work, id, { selection, wish, ifMatch })
        const devices = await countPlanDevices(work.tx, plan)
        return {
          status: 200,
          etag: etagOf(plan.version),
          body: { added, changed, devices, revision: plan.revision },
        }
      })
      return send(reply, answer)
    },
  )
}

function removeRoute(app: App, services: PlanningServices): void {
  app.delete(
    '/v1/plans/:id/devices',
    {
      config: { roles: PLANNERS },
      schema: {
        operationId: 'removePlanDevices',
        tags: ['replacement'],
        summary: 'Take devices out of a plan, by filter or list; at least one has to be named',
        security: [{ apiKey: [] }],
        params: z.object({ id: Id }),
        querystring: filterObject({ ...deviceFilter, deviceId: repeatable(Id) }),
        response: {
          200: z.object({ removed: z.int(), devices: z.int() }).meta({ id: 'PlanDevicesRemoved' }),
          ...problems('unauthenticated', 'forbidden', 'not-found', 'precondition-failed', 'legal-hold'),
        },
      },
    },
    async (request) => {
      const { id } = request.params
      const { deviceId, ...filter } = request.query
      const selection = selectionToRemove(deviceId, filter)
      const ifMatch = request.headers['if-match']
      const jurisdictionId = await planOwner(services, request.principal, id)
      return change(services, request, jurisdictionId, async (work) => {
        const removed = await unplanDevices(work, id, { selection, ifMatch })
        return { removed, devices: await countPlanDevices(work.tx, { jurisdictionId, id }) }
      })
    },
  )
}

type CityFilter = Omit<DeviceFilter, 'jurisdictionId' | 'state'>

/** Throws `invalid-request` unless either devices or a filter are named: nothing at all would be every device. */
function selectionToRemove(deviceIds: readonly string[], filter: CityFilter): Selection {
  const isFiltered = Object.values(filter).some(isAsked)
  if (isFiltered === deviceIds.length > 0) {
    throw new DomainError('invalid-request', 'Name either devices or filters.', {
      errors: [{ pointer: '?deviceId', code: 'required', message: 'name either deviceId or a filter' }],
    })
  }
  return isFiltered ? selectionOf(undefined, filter) : selectionOf(deviceIds, undefined)
}

function selectionOf(deviceIds: readonly string[] | undefined, filter: CityFilter | undefined): Selection {
  return {
    deviceIds: deviceIds ?? [],
    filter: filter === undefined ? null : { ...filter, jurisdictionId: [], state: [] },
  }
}
