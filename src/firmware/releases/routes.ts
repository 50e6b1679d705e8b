/** `/v1/firmware-releases`. */
import type { FastifyRequest } from 'fastify'
import { z } from 'zod'
import { firmwareReleases } from '../../db/schema/index.ts'
import { subjectsOfRelease } from '../../firmware-risk/release.ts'
import { changesOf } from '../../http/changes.ts'
import { once, send } from '../../http/idempotency.ts'
import { problems, problemsOfChange } from '../../http/problems.ts'
import { Id, pageOf, repeatable, someText } from '../../http/schemas.ts'
import type { App } from '../../http/services.ts'
import type { Services } from '../../screening/services.ts'
import { EDITORS, READERS } from '../../tenancy/auth.ts'
import { listInScope } from '../../tenancy/list-in-scope.ts'
import { readRow } from '../../tenancy/stored-rows.ts'
import { created, removed, tagged } from '../../tenancy/work.ts'
import { daysOfOwner, inOwnersTransaction, type Owner, ownerOfNew, ownerOfRecord } from '../owned-records.ts'

import {
  addRelease,
  changeRelease,
  findRelease,
  RELEASE_COLUMNS,
  ReleaseAnswer,
  ReleaseChange,
  ReleaseShape,
  type ReleaseWork,
  ReleaseWrite,
  releaseFields,
  releasePage,
  removeRelease,
  subjectsOfChange,
  toRelease,
} from './releases.ts'

export function releaseRoutes(app: App, services: Services): void {
  listInScope(app, services, {
    url: '/v1/firmware-releases',
    operationId: 'listFirmwareReleases',
    tag: 'firmware',
    summary: 'Releases of makers and images that are kept, as JSON pages, CSV or NDJSON by `Accept`',
    config: { roles: READERS, reads: 'firmware-releases.read' },
    query: {
      jurisdictionId: repeatable(Id).meta({
        description: 'images these keep; without it also shared releases',
      }),
      maker: repeatable(someText(100)),
      sha256: repeatable(releaseFields.sha256.unwrap()),
      held: z.stringbool().optional().meta({ description: 'only images that are kept, or only releases' }),
    },
    response: pageOf('FirmwareReleasePage', ReleaseShape),
    rows: { file: 'firmware-releases', columns: RELEASE_COLUMNS },
    page: releasePage,
  })
  createFirmwareReleaseRoute(app, services)
  getFirmwareReleaseRoute(app, services)
  changeFirmwareReleaseRoute(app, services)
  removeFirmwareReleaseRoute(app, services)
}

function createFirmwareReleaseRoute(app: App, services: Services): void {
  app.post(
    '/v1/firmware-releases',
    {
      config: { roles: EDITORS },
      schema: {
        operationId: 'createFirmwareRelease',
        tags: ['firmware'],
        summary: 'Record an image that was obtained and hashed, or (operator) a release that everybody sees',
        security: [{ apiKey: [] }],
        body: ReleaseWrite,
        response: {
          201: ReleaseAnswer,
          ...problems(
            'unauthenticated',
            'forbidden',
            'malformed-body',
            'not-found',
            'release-taken',
            'idempotency-key-reused',
            'unsupported-media-type',
          ),
        },
      },
    },
    async (request, reply) => {
      const { jurisdictionId: asked, ...wish } = request.body
      const owner = ownerOfNew(request.principal, asked)
      const answer = await inReleases(services, request, owner, subjectsOfRelease(wish), (work) =>
        once(work.tx, request, owner, work.now, async () => {
          const release = await addRelease(work, wish)
          return created(`/v1/firmware-releases/${release.id}`, release)
        }),
      )
      return send(reply, answer)
    },
  )
}

function getFirmwareReleaseRoute(app: App, services: Services): void {
  app.get(
    '/v1/firmware-releases/:id',
    {
      config: { roles: READERS, reads: 'firmware-release.read', readsOf: 'firmware_releases' },
      schema: {
        operationId: 'getFirmwareRelease',
        tags: ['firmware'],
        summary: 'One release or image',
        security: [{ apiKey: [] }],
        params: z.object({ id: Id }),
        querystring: z.strictObject({}),
        response: { 200: ReleaseShape, ...problems('unauthenticated', 'not-found') },
      },
    },
    async (request, reply) => {
      const { id } = request.params
      return tagged(
        reply,
        toRelease(await readRow(services, request.principal, firmwareReleases, id, 'release')),
      )
    },
  )
}

function changeFirmwareReleaseRoute(app: App, services: Services): void {
  app.patch(
    '/v1/firmware-releases/:id',
    {
      config: { roles: EDITORS },
      schema: {
        operationId: 'changeFirmwareRelease',
        tags: ['firmware'],
        summary: 'Change a release or image: verified now, kept elsewhere',
        security: [{ apiKey: [] }],
        params: z.object({ id: Id }),
        body: ReleaseChange,
        response: {
          200: ReleaseAnswer,
          ...problemsOfChange('release-taken', 'record-retained'),
        },
      },
    },
    async (request, reply) => {
      const { id } = request.params
      const wish = changesOf(request.body)
      const owner = await ownerOfRecord(services, request.principal, firmwareReleases, id, 'release')
      const [stored] = await services.database.acrossJurisdictions(owner === null ? 'all' : [owner], (tx) =>
        findRelease(tx, id),
      )
      const subjects = subjectsOfChange(stored, wish.maker)
      const release = await inReleases(services, request, owner, subjects, (work) =>
        changeRelease(work, id, wish, request.headers['if-match'], subjects),
      )
      return tagged(reply, release)
    },
  )
}

function removeFirmwareReleaseRoute(app: App, services: Services): void {
  app.delete(
    '/v1/firmware-releases/:id',
    {
      config: { roles: EDITORS },
      schema: {
        operationId: 'removeFirmwareRelease',
        tags: ['firmware'],
        summary: 'Remove a release, or an image that is no longer kept',
        security: [{ apiKey: [] }],
        params: z.object({ id: Id }),
        querystring: z.strictObject({}),
        response: {
          204: z.null().meta({ description: 'removed' }),
          ...problems('unauthenticated', 'forbidden', 'not-found', 'precondition-failed', 'record-retained'),
        },
      },
    },
    async (request, reply) => {
      const { id } = request.params
      const owner = await ownerOfRecord(services, request.principal, firmwareReleases, id, 'release')
      await inReleases(services, request, owner, [], (work) =>
        removeRelease(work, id, request.headers['if-match']),
      )
      return removed(reply)
    },
  )
}

/** Work on releases of an owner, with what they are held against. */
async function inReleases<T>(
  services: Services,
  request: FastifyRequest,
  owner: Owner,
  subjects: readonly string[],
  work: (work: ReleaseWork) => Promise<T>,
): Promise<T> {
  const zone = (await daysOfOwner(services, owner)).zoneOf(owner)
  const knowledge = services.knowledge()
  return inOwnersTransaction(services, request, owner, subjects, (own, noteChange) =>
    work({ ...own, owner, zone, knowledge, noteChange }),
  )
}
