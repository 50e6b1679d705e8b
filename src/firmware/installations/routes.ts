import { z } from 'zod'
import { devices, firmwareInstallations } from '../../db/schema/index.ts'
import type { Column } from '../../http/exports.ts'
import { problems } from '../../http/problems.ts'
import { Id, pageOf, repeatable } from '../../http/schemas.ts'
import type { App } from '../../http/services.ts'
import { orWhereItWent } from '../../screening/merged-devices.ts'
import type { Services } from '../../screening/services.ts'
import { EDITORS, READERS } from '../../tenancy/auth.ts'
import { listInScope } from '../../tenancy/list-in-scope.ts'
import { ownerOf, readRow } from '../../tenancy/stored-rows.ts'
import { answerOnce, inWork, removed } from '../../tenancy/work.ts'
import {
  addInstallation,
  InstallationShape,
  InstallationWrite,
  installationPage,
  removeInstallation,
  type toInstallation,
} from './installations.ts'

type PresentedInstallation = ReturnType<typeof toInstallation>
const COLUMNS: readonly Column<PresentedInstallation>[] = [
  ...(
    [
      'installedOn',
      'assetTag',
      'model',
      'before',
      'firmwareVersion',
      'channel',
      'publisher',
      'sha256',
    ] as const
  ).map((field) => ({ header: field, value: (one: PresentedInstallation) => one[field] })),
  { header: 'licenseNumber', value: ({ license }) => license?.number ?? license?.authority },
  { header: 'licenseId', value: ({ license }) => license?.id },
  { header: 'citation', value: ({ license }) => license?.citation },
  ...(['keptUntil', 'keptBecause', 'note', 'deviceId', 'id', 'jurisdictionId'] as const).map((field) => ({
    header: field,
    value: (one: PresentedInstallation) => one[field],
  })),
]

export function installationRoutes(app: App, services: Services): void {
  createFirmwareInstallationRoute(app, services)
  listInScope(app, services, {
    url: '/v1/firmware-installations',
    operationId: 'listFirmwareInstallations',
    tag: 'firmware',
    summary: 'Firmware that was installed, and under which license; CSV or NDJSON by `Accept`',
    config: { roles: READERS, reads: 'firmware-installations.read' },
    query: { jurisdictionId: repeatable(Id), deviceId: repeatable(Id), licenseId: repeatable(Id) },
    response: pageOf('FirmwareInstallationPage', InstallationShape),
    rows: { file: 'firmware-installations', columns: COLUMNS },
    page: installationPage,
  })
  removeFirmwareInstallationRoute(app, services)
}

function createFirmwareInstallationRoute(app: App, services: Services): void {
  const { knowledge, trigger } = services
  app.post(
    '/v1/devices/:id/firmware-installations',
    {
      config: { roles: EDITORS },
      schema: {
        operationId: 'createFirmwareInstallation',
        tags: ['firmware'],
        summary: 'Record firmware that was installed, with its license; the device gets the version',
        description:
          'Of several installations the one of the latest day gives the version of the device. Under a license of OFAC the record is kept for ten years (31 CFR 501.601), under one of BIS for five (15 CFR 762.6).',
        security: [{ apiKey: [] }],
        params: z.object({ id: Id }),
        body: InstallationWrite,
        response: {
          201: InstallationShape,
          ...problems(
            'unauthenticated',
            'forbidden',
            'malformed-body',
            'not-found',
            'device-merged',
            'idempotency-key-reused',
            'unsupported-media-type',
          ),
        },
      },
    },
    async (request, reply) => {
      const { id: deviceId } = request.params
      const { jurisdictionId } = await orWhereItWent(services, request.principal, deviceId, () =>
        readRow(services, request.principal, devices, deviceId, 'device'),
      )
      const sent = await answerOnce(services, request, reply, jurisdictionId, async (work) => ({
        status: 201,
        location: `/v1/firmware-installations?deviceId=${deviceId}`,
        body: await addInstallation({ ...work, knowledge: knowledge() }, deviceId, request.body),
      }))
      trigger('rescreen')
      return sent
    },
  )
}

function removeFirmwareInstallationRoute(app: App, services: Services): void {
  app.delete(
    '/v1/firmware-installations/:id',
    {
      config: { roles: EDITORS },
      schema: {
        operationId: 'removeFirmwareInstallation',
        tags: ['firmware'],
        summary: 'Remove a record of an installation that need not be kept; the version of the device stays',
        security: [{ apiKey: [] }],
        params: z.object({ id: Id }),
        querystring: z.strictObject({}),
        response: {
          204: z.null().meta({ description: 'removed' }),
          ...problems('unauthenticated', 'forbidden', 'not-found', 'record-retained'),
        },
      },
    },
    async (request, reply) => {
      const { id } = request.params
      const owner = await ownerOf(services, request.principal, firmwareInstallations, id, 'installation')
      await inWork(services, request, owner, (work) => removeInstallation(work, id))
      return removed(reply)
    },
  )
}
