import { z } from 'zod'
import { licenseApplications } from '../../db/schema/index.ts'
import { changesOf } from '../../http/changes.ts'
import { problems, problemsOfChange } from '../../http/problems.ts'
import { Id, pageOf, repeatable, someText } from '../../http/schemas.ts'
import type { App } from '../../http/services.ts'
import type { Services } from '../../screening/services.ts'
import { EDITORS, READERS, writeJurisdiction } from '../../tenancy/auth.ts'
import { listInScope } from '../../tenancy/list-in-scope.ts'
import { ownerOf, readRow } from '../../tenancy/stored-rows.ts'
import { answerOnce, created, inWork, tagged } from '../../tenancy/work.ts'
import {
  ApplicationChange,
  ApplicationFields,
  ApplicationShape,
  ApplicationWrite,
  addApplication,
  applicationPage,
  changeApplication,
  toApplication,
} from './applications.ts'

export function applicationRoutes(app: App, services: Services): void {
  listInScope(app, services, {
    url: '/v1/license-applications',
    operationId: 'listLicenseApplications',
    tag: 'firmware',
    summary: 'Applications for licenses',
    config: { roles: READERS, reads: 'license-applications.read' },
    query: {
      jurisdictionId: repeatable(Id),
      regime: repeatable(someText(100)),
      status: repeatable(ApplicationFields.status.removeDefault()),
    },
    response: pageOf('LicenseApplicationPage', ApplicationShape),
    page: applicationPage,
  })
  createLicenseApplicationRoute(app, services)
  getLicenseApplicationRoute(app, services)
  changeLicenseApplicationRoute(app, services)
}

function createLicenseApplicationRoute(app: App, services: Services): void {
  const { knowledge, trigger } = services
  app.post(
    '/v1/license-applications',
    {
      config: { roles: EDITORS },
      schema: {
        operationId: 'createLicenseApplication',
        tags: ['firmware'],
        summary: 'Record an application for a license; a pending one covers nothing',
        security: [{ apiKey: [] }],
        body: ApplicationWrite,
        response: {
          201: ApplicationShape,
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
      const jurisdictionId = writeJurisdiction(request.principal, asked)
      const sent = await answerOnce(services, request, reply, jurisdictionId, async (work) => {
        const application = await addApplication({ ...work, knowledge: knowledge() }, fields)
        return created(`/v1/license-applications/${application.id}`, application)
      })
      trigger('rescreen')
      return sent
    },
  )
}

function getLicenseApplicationRoute(app: App, services: Services): void {
  app.get(
    '/v1/license-applications/:id',
    {
      config: { roles: READERS, reads: 'license-application.read', readsOf: 'license_applications' },
      schema: {
        operationId: 'getLicenseApplication',
        tags: ['firmware'],
        summary: 'One application',
        security: [{ apiKey: [] }],
        params: z.object({ id: Id }),
        querystring: z.strictObject({}),
        response: { 200: ApplicationShape, ...problems('unauthenticated', 'not-found') },
      },
    },
    async (request, reply) => {
      const { id } = request.params
      const row = await readRow(services, request.principal, licenseApplications, id, 'application')
      return tagged(reply, toApplication(row))
    },
  )
}

function changeLicenseApplicationRoute(app: App, services: Services): void {
  const { knowledge, trigger } = services
  app.patch(
    '/v1/license-applications/:id',
    {
      config: { roles: EDITORS },
      schema: {
        operationId: 'changeLicenseApplication',
        tags: ['firmware'],
        summary: 'Change an application: file it, note the decision, withdraw it',
        security: [{ apiKey: [] }],
        params: z.object({ id: Id }),
        body: ApplicationChange,
        response: {
          200: ApplicationShape,
          ...problemsOfChange(),
        },
      },
    },
    async (request, reply) => {
      const { id } = request.params
      const changes = changesOf(request.body)
      const ifMatch = request.headers['if-match']
      const owner = await ownerOf(services, request.principal, licenseApplications, id, 'application')
      const application = await inWork(services, request, owner, (work) =>
        changeApplication({ ...work, knowledge: knowledge() }, id, changes, ifMatch),
      )
      trigger('rescreen')
      return tagged(reply, application)
    },
  )
}
