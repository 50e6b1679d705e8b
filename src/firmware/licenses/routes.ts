/** Licenses and waivers. */
import type { FastifyRequest } from 'fastify'
import { z } from 'zod'
import { licenses } from '../../db/schema/index.ts'
import { LICENSE_STATUSES } from '../../firmware-risk/licenses/license.ts'
import { changesOf } from '../../http/changes.ts'
import { once, send } from '../../http/idempotency.ts'
import { listRoute } from '../../http/list-route.ts'
import { problems, problemsOfChange } from '../../http/problems.ts'
import { Day, Id, pageOf, repeatable, someText } from '../../http/schemas.ts'
import type { App } from '../../http/services.ts'
import type { Services } from '../../screening/services.ts'
import { EDITORS, READERS, readScope } from '../../tenancy/auth.ts'
import { cityDays } from '../../tenancy/city-days.ts'
import { scopeOf } from '../../tenancy/list-in-scope.ts'
import { readRow } from '../../tenancy/stored-rows.ts'
import { created, removed, tagged } from '../../tenancy/work.ts'
import { daysOfOwner, inOwnersTransaction, type Owner, ownerOfNew, ownerOfRecord } from '../owned-records.ts'
import { applicationRoutes } from './application-routes.ts'
import {
  addLicense,
  changeLicense,
  type LicenseWork,
  licensePage,
  regimeOfLicense,
  removeLicense,
} from './licenses.ts'
import { LicenseAnswer, LicenseChange, LicenseShape, LicenseWrite, toLicense } from './records.ts'
import { reminderRoutes } from './reminder-routes.ts'
import { assertLawStays, assertUnused } from './uses.ts'

export function licenseRoutes(app: App, services: Services): void {
  const { database } = services
  listRoute(app, {
    url: '/v1/licenses',
    operationId: 'listLicenses',
    tag: 'firmware',
    summary: 'Licenses and waivers: everybody’s and those of the jurisdictions this key may see',
    config: { roles: READERS, reads: 'licenses.read' },
    query: {
      jurisdictionId: repeatable(Id),
      regime: repeatable(someText(100)),
      status: repeatable(z.enum(LICENSE_STATUSES)),
      entity: repeatable(someText(100)).meta({ description: 'vendor id; licenses for any are included' }),
      endsBefore: Day.optional().meta({ description: 'cover ends before this day' }),
    },
    response: pageOf('LicensePage', LicenseShape),
    page: async (asked) => {
      const scope = scopeOf(asked)
      const cities = await cityDays(database, scope)
      return (page) =>
        database.acrossJurisdictions(scope, (tx) => licensePage(tx, asked.question, page, cities))
    },
  })
  createLicenseRoute(app, services)
  getLicenseRoute(app, services)
  changeLicenseRoute(app, services)
  removeLicenseRoute(app, services)
  reminderRoutes(app, services)
  applicationRoutes(app, services)
}

function createLicenseRoute(app: App, services: Services): void {
  app.post(
    '/v1/licenses',
    {
      config: { roles: EDITORS },
      schema: {
        operationId: 'createLicense',
        tags: ['firmware'],
        summary: 'Record a license or waiver; what it covers is evaluated again',
        security: [{ apiKey: [] }],
        body: LicenseWrite,
        response: {
          201: LicenseAnswer,
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
      const { jurisdictionId: asked, ...fields } = request.body
      const owner = ownerOfNew(request.principal, asked)
      const answer = await inLicenses(services, request, owner, [`regime:${fields.regime}`], (work) =>
        once(work.tx, request, owner, work.now, async () => {
          const license = await addLicense(work, fields)
          return created(`/v1/licenses/${license.id}`, license)
        }),
      )
      return send(reply, answer)
    },
  )
}

function getLicenseRoute(app: App, services: Services): void {
  const { database } = services
  app.get(
    '/v1/licenses/:id',
    {
      config: { roles: READERS, reads: 'license.read', readsOf: 'licenses' },
      schema: {
        operationId: 'getLicense',
        tags: ['firmware'],
        summary: 'One license',
        security: [{ apiKey: [] }],
        params: z.object({ id: Id }),
        querystring: z.strictObject({}),
        response: { 200: LicenseShape, ...problems('unauthenticated', 'not-found') },
      },
    },
    async (request, reply) => {
      const row = await readRow(services, request.principal, licenses, request.params.id, 'license')
      const cities = await cityDays(database, readScope(request.principal))
      return tagged(reply, toLicense(row, cities))
    },
  )
}

function changeLicenseRoute(app: App, services: Services): void {
  const { database } = services
  app.patch(
    '/v1/licenses/:id',
    {
      config: { roles: EDITORS },
      schema: {
        operationId: 'changeLicense',
        tags: ['firmware'],
        summary: 'Change a license: its status, a condition that is met, a longer window',
        security: [{ apiKey: [] }],
        params: z.object({ id: Id }),
        body: LicenseChange,
        response: {
          200: LicenseAnswer,
          ...problemsOfChange('license-in-use'),
        },
      },
    },
    async (request, reply) => {
      const { id } = request.params
      const changes = changesOf(request.body)
      const owner = await ownerOfRecord(services, request.principal, licenses, id, 'license')
      // Records of cities rest on a license for everybody, and the transaction of the operator does not see them.
      if (owner === null) await database.acrossJurisdictions('all', (tx) => assertLawStays(tx, id, changes))
      const subjects = [
        ...(await subjectsOf(services, owner, id)),
        ...(changes.regime === undefined ? [] : [`regime:${changes.regime}`]),
      ]
      const license = await inLicenses(services, request, owner, subjects, (work) =>
        changeLicense(work, id, changes, request.headers['if-match'], subjects),
      )
      return tagged(reply, license)
    },
  )
}

function removeLicenseRoute(app: App, services: Services): void {
  const { database } = services
  app.delete(
    '/v1/licenses/:id',
    {
      config: { roles: EDITORS },
      schema: {
        operationId: 'removeLicense',
        tags: ['firmware'],
        summary: 'Remove a license that was recorded by mistake; one in use is ended by its status',
        security: [{ apiKey: [] }],
        params: z.object({ id: Id }),
        querystring: z.strictObject({}),
        response: {
          204: z.null().meta({ description: 'removed' }),
          ...problems('unauthenticated', 'forbidden', 'not-found', 'precondition-failed', 'license-in-use'),
        },
      },
    },
    async (request, reply) => {
      const { id } = request.params
      const owner = await ownerOfRecord(services, request.principal, licenses, id, 'license')
      const subjects = await subjectsOf(services, owner, id)
      // A license for everybody is used by cities that the transaction of the operator does not see.
      if (owner === null) await database.acrossJurisdictions('all', (tx) => assertUnused(tx, id))
      await inLicenses(services, request, owner, subjects, (work) =>
        removeLicense(work, id, request.headers['if-match'], subjects),
      )
      return removed(reply)
    },
  )
}

async function subjectsOf({ database }: Services, owner: Owner, id: string): Promise<string[]> {
  const regime = await database.acrossJurisdictions(owner === null ? 'all' : [owner], (tx) =>
    regimeOfLicense(tx, id),
  )
  return regime === undefined ? [] : [`regime:${regime}`]
}

/** Work on licenses of an owner, with what they are held against. */
async function inLicenses<T>(
  services: Services,
  request: FastifyRequest,
  owner: Owner,
  subjects: readonly string[],
  work: (work: LicenseWork) => Promise<T>,
): Promise<T> {
  const cities = await daysOfOwner(services, owner)
  const knowledge = services.knowledge()
  return inOwnersTransaction(services, request, owner, subjects, (own, noteChange) =>
    work({ ...own, owner, cities, knowledge, noteChange }),
  )
}
