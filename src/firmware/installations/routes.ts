/** Firmware that was installed on devices: with the license, kept as long as the law asks. */
import { eq, sql } from 'drizzle-orm'
import { z } from 'zod'
import { firmwareInstallations } from '../../db/schema/index.ts'
import { keptUntil, retentionOf } from '../../firmware-risk/retention.ts'
import { type Column, linkNext, negotiate, PRODUCES, sendRows } from '../../http/exports.ts'
import { type Answer, once, send } from '../../http/idempotency.ts'
import { everyPage, PageQuery } from '../../http/pages.ts'
import { DomainError, type FieldProblem, problems } from '../../http/problems.ts'
import { Id, pageOf, repeatable } from '../../http/schemas.ts'
import type { App } from '../../http/services.ts'
import { dayIn } from '../../lib/calendar.ts'
import { uuidv7 } from '../../lib/ids.ts'
import { loadJurisdiction } from '../../screening/context.ts'
import { jurisdictionOfDevice } from '../../screening/device-reads.ts'
import { noteInstalled } from '../../screening/device-writes.ts'
import type { Services } from '../../screening/services.ts'
import { actorOf, record } from '../../tenancy/audit.ts'
import { EDITORS, READERS, readScope } from '../../tenancy/auth.ts'
import { keeperOf, keptPage, keptRow, lockKept } from '../owned-records.ts'
import { unknownVendors } from '../vendor-fields.ts'
import {
  InstallationShape,
  InstallationWrite,
  licenceInForce,
  retained,
  toInstallation,
} from './installations.ts'

type Told = ReturnType<typeof toInstallation>
const COLUMNS: readonly Column<Told>[] = [
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
  ).map((field) => ({ header: field, value: (one: Told) => one[field] })),
  { header: 'licenseNumber', value: ({ license }) => license?.number ?? license?.authority },
  { header: 'licenseId', value: ({ license }) => license?.id },
  { header: 'citation', value: ({ license }) => license?.citation },
  ...(['keptUntil', 'keptBecause', 'note', 'deviceId', 'id', 'jurisdictionId'] as const).map((field) => ({
    header: field,
    value: (one: Told) => one[field],
  })),
]

export function installationRoutes(app: App, services: Services): void {
  const { database, knowledge, now, poke } = services

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
            'idempotency-key-reused',
            'unsupported-media-type',
          ),
        },
      },
    },
    async (request, reply) => {
      const { id: deviceId } = request.params
      const { licenseId, installedOn, ...fields } = request.body
      const instant = now()
      const jurisdictionId = await database.acrossJurisdictions(readScope(request.principal), (tx) =>
        jurisdictionOfDevice(tx, deviceId),
      )
      const known = knowledge()
      const answer = await database.inJurisdiction(jurisdictionId, (tx) =>
        once(tx, request, jurisdictionId, instant, async (): Promise<Answer> => {
          const jurisdiction = await loadJurisdiction(tx, jurisdictionId)
          const { timezone } = jurisdiction
          const errors: FieldProblem[] = []
          if (installedOn > dayIn(instant, timezone))
            errors.push({
              pointer: '/installedOn',
              code: 'in-the-future',
              message: 'must not be after today',
            })
          errors.push(...unknownVendors([['/publisher', fields.publisher]], known))
          if (errors.length > 0)
            throw new DomainError('invalid-request', 'The installation cannot be stored.', { errors })
          const licence =
            licenseId === null
              ? null
              : await licenceInForce(tx, licenseId, installedOn, '/licenseId', timezone)
          const [{ latest } = { latest: null }] = await tx
            .select({ latest: sql<string | null>`max(installed_on)::text` })
            .from(firmwareInstallations)
            .where(eq(firmwareInstallations.deviceId, deviceId))
          const work = { tx, jurisdictionId, knowledge: known, actor: actorOf(request), now: instant }
          const isNewest = latest === null || latest <= installedOn
          const version = isNewest ? fields.firmwareVersion : null
          const device = await noteInstalled(work, jurisdiction, deviceId, version)
          const id = uuidv7(instant.getTime())
          const at = instant.toISOString()
          const doc = {
            ...fields,
            ...device,
            license: licence && {
              id: licence.id,
              authority: licence.authority,
              number: licence.number,
              citation: licence.citation,
            },
            keptBecause: licence ? (retentionOf(licence.regime)?.citation ?? null) : null,
          }
          const [row] = await tx
            .insert(firmwareInstallations)
            .values({
              jurisdictionId,
              id,
              deviceId,
              licenceId: licenseId,
              installedOn,
              keptUntil: licence && keptUntil(licence.regime, installedOn),
              doc,
              createdAt: at,
              updatedAt: at,
            })
            .returning()
          await record(tx, jurisdictionId, actorOf(request), instant, {
            action: 'firmware-installation.create',
            target: id,
            detail: { deviceId, installedOn, licenseId, firmwareVersion: fields.firmwareVersion },
          })
          return {
            status: 201,
            location: `/v1/firmware-installations?deviceId=${deviceId}`,
            body: toInstallation(row!),
          }
        }),
      )
      poke('rescreen')
      return send(reply, answer)
    },
  )

  app.get(
    '/v1/firmware-installations',
    {
      config: { roles: READERS, reads: 'firmware-installations.read' },
      schema: {
        operationId: 'listFirmwareInstallations',
        produces: [...PRODUCES],
        tags: ['firmware'],
        summary: 'Firmware that was installed, and under which license; CSV or NDJSON by `Accept`',
        security: [{ apiKey: [] }],
        querystring: z.strictObject({
          ...PageQuery,
          jurisdictionId: repeatable(Id),
          deviceId: repeatable(Id),
          licenseId: repeatable(Id),
        }),
        response: {
          200: pageOf('FirmwareInstallationPage', InstallationShape),
          ...problems('unauthenticated', 'not-acceptable'),
        },
      },
    },
    async (request, reply) => {
      const format = negotiate(request)
      const { limit, cursor, ...question } = request.query
      const { jurisdictionId, deviceId, licenseId } = question
      const scope = readScope(request.principal, jurisdictionId)
      const conditions = [
        ...(deviceId.length > 0 ? [sql`device_id = any (${sql.param(deviceId)}::uuid[])`] : []),
        ...(licenseId.length > 0 ? [sql`licence_id = any (${sql.param(licenseId)}::uuid[])`] : []),
      ]
      const page = (size: number, from: string | undefined) =>
        database.acrossJurisdictions(scope, (tx) =>
          keptPage(
            tx,
            firmwareInstallations,
            conditions,
            { limit: size, cursor: from, question },
            toInstallation,
          ),
        )
      if (format !== 'json')
        return sendRows(reply, format, 'firmware-installations', COLUMNS, everyPage(page))
      const result = await page(limit, cursor)
      linkNext(request, reply, result.nextCursor)
      return result
    },
  )

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
      const instant = now()
      const keeper = await keeperOf(services, request.principal, firmwareInstallations, id, 'installation')
      const jurisdictionId = keeper!
      await database.inJurisdiction(jurisdictionId, async (tx) => {
        const mine = keptRow(firmwareInstallations, jurisdictionId, id)
        const row = await lockKept(tx, firmwareInstallations, mine, undefined, 'installation')
        const { keptUntil: until, doc } = row
        const { timezone } = await loadJurisdiction(tx, jurisdictionId)
        if (until !== null && dayIn(instant, timezone) < until)
          throw retained(until, (doc as { keptBecause: string }).keptBecause)
        await tx.delete(firmwareInstallations).where(mine)
        await record(tx, jurisdictionId, actorOf(request), instant, {
          action: 'firmware-installation.delete',
          target: id,
          detail: { before: { ...toInstallation(row) } },
        })
      })
      return reply.code(204).send(null)
    },
  )
}
