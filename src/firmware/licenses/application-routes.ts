/** Applications for licences. */
import { inArray } from 'drizzle-orm'
import { z } from 'zod'
import { licenceApplications } from '../../db/schema/index.ts'
import { UPDATE_CHANNELS } from '../../device/schemas.ts'
import type { LicenceApplication } from '../../firmware-risk/licenses/license.ts'
import { modelPatterns } from '../../firmware-risk/model-fields.ts'
import { changesOf } from '../../http/changes.ts'
import { etagOf } from '../../http/etag.ts'
import { linkNext } from '../../http/exports.ts'
import { type Answer, once, send } from '../../http/idempotency.ts'
import { PageQuery } from '../../http/pages.ts'
import { DomainError, type FieldProblem, problems } from '../../http/problems.ts'
import { Day, Id, Instant, pageOf, repeatable, someText, toInstant } from '../../http/schemas.ts'
import type { App } from '../../http/services.ts'
import { isPlainDate } from '../../lib/calendar.ts'
import { uuidv7 } from '../../lib/ids.ts'
import { loadJurisdiction } from '../../screening/context.ts'
import type { Knowledge } from '../../screening/knowledge.ts'
import type { Services } from '../../screening/services.ts'
import { actorOf, record } from '../../tenancy/audit.ts'
import { EDITORS, READERS, readScope, writeJurisdiction } from '../../tenancy/auth.ts'
import { keeperOf, keptPage, keptRow, lockKept, readKept } from '../owned-records.ts'
import { noteOwn } from '../store.ts'
import { entityFields, unknownVendors } from '../vendor-fields.ts'

const ApplicationFields = {
  regime: someText(100),
  programme: someText(100).nullable().default(null),
  status: z.enum(['draft', 'pending', 'returned', 'denied', 'granted', 'withdrawn']).default('draft'),
  filedOn: Day.nullable().default(null),
  decisionOn: Day.nullable().default(null),
  scope: someText(2000).nullable().default(null),
  entities: z
    .union([z.literal('any'), z.array(someText(100)).min(1).max(500)])
    .default('any')
    .meta({ description: 'vendor ids it asks for' }),
  models: z
    .union([z.literal('any'), modelPatterns(someText).min(1)])
    .default('any')
    .meta({ description: 'model patterns it asks for' }),
  channels: z.union([z.literal('any'), z.array(z.enum(UPDATE_CHANNELS)).min(1).max(20)]).default('any'),
  activities: z
    .union([z.literal('any'), z.array(someText(100)).min(1).max(50)])
    .default('any')
    .meta({ description: 'what is asked for, such as `firmware-update`' }),
}
const ApplicationWrite = z
  .strictObject({ jurisdictionId: Id.optional(), ...ApplicationFields })
  .meta({ id: 'NewLicenseApplication' })
const ApplicationChange = z
  .strictObject({
    programme: someText(100).nullable().optional(),
    status: ApplicationFields.status.removeDefault().optional(),
    filedOn: Day.nullable().optional(),
    decisionOn: Day.nullable().optional(),
    scope: someText(2000).nullable().optional(),
    entities: ApplicationFields.entities.removeDefault().optional(),
    models: ApplicationFields.models.removeDefault().optional(),
    channels: ApplicationFields.channels.removeDefault().optional(),
    activities: ApplicationFields.activities.removeDefault().optional(),
  })
  .meta({ id: 'LicenseApplicationChange' })
const ApplicationShape = z
  .object({
    id: z.string(),
    jurisdictionId: z.string(),
    regime: z.string(),
    programme: z.string().nullable(),
    status: z.string(),
    filedOn: z.string().nullable(),
    decisionOn: z.string().nullable(),
    scope: z.string().nullable(),
    entities: z.union([z.string(), z.array(z.string())]),
    models: z.union([z.string(), z.array(z.string())]),
    channels: z.union([z.string(), z.array(z.string())]),
    activities: z.union([z.string(), z.array(z.string())]),
    version: z.int(),
    createdAt: Instant,
    updatedAt: Instant,
  })
  .meta({ id: 'LicenseApplication' })

type ApplicationRow = typeof licenceApplications.$inferSelect

function toApplication(row: ApplicationRow) {
  return {
    entities: 'any',
    models: 'any',
    channels: 'any',
    activities: 'any',
    ...(row.doc as Omit<LicenceApplication, 'id'>),
    id: row.id,
    jurisdictionId: row.jurisdictionId,
    version: row.version,
    createdAt: toInstant(row.createdAt),
    updatedAt: toInstant(row.updatedAt),
  }
}

function checkApplication(application: Omit<LicenceApplication, 'id'>, knowledge: Knowledge): void {
  const { regime, status, filedOn, decisionOn } = application
  const errors: FieldProblem[] = []
  const add = (pointer: string, code: string, message: string) => errors.push({ pointer, code, message })
  if (!knowledge.reference.regimes.some(({ id }) => id === regime)) {
    add('/regime', 'unknown-regime', `${regime} is not a regime; see /v1/regimes`)
  }
  if (status !== 'draft' && filedOn === null) add('/filedOn', 'required', `is required of a ${status} one`)
  if ((status === 'denied' || status === 'granted') && decisionOn === null)
    add('/decisionOn', 'required', `is required of a ${status} one`)
  if (filedOn !== null && decisionOn !== null && isPlainDate(decisionOn) && decisionOn < filedOn)
    add('/decisionOn', 'ends-before-it-starts', `${decisionOn} is before it was filed on ${filedOn}`)
  errors.push(...unknownVendors(entityFields(application.entities), knowledge))
  if (errors.length > 0) {
    throw new DomainError('invalid-request', 'The application cannot be stored.', { errors })
  }
}

export function applicationRoutes(app: App, services: Services): void {
  const { database, knowledge, now, poke } = services

  app.get(
    '/v1/license-applications',
    {
      config: { roles: READERS, reads: 'licence-applications.read' },
      schema: {
        operationId: 'listLicenseApplications',
        tags: ['firmware'],
        summary: 'Applications for licences',
        security: [{ apiKey: [] }],
        querystring: z.strictObject({
          ...PageQuery,
          jurisdictionId: repeatable(Id),
          regime: repeatable(someText(100)),
          status: repeatable(ApplicationFields.status.removeDefault()),
        }),
        response: { 200: pageOf('LicenseApplicationPage', ApplicationShape), ...problems('unauthenticated') },
      },
    },
    async (request, reply) => {
      const { limit, cursor, ...question } = request.query
      const { regime, status } = question
      const scope = readScope(request.principal, question.jurisdictionId)
      const conditions = [
        ...(regime.length > 0 ? [inArray(licenceApplications.regimeId, regime)] : []),
        ...(status.length > 0 ? [inArray(licenceApplications.status, status)] : []),
      ]
      const page = await database.acrossJurisdictions(scope, (tx) =>
        keptPage(tx, licenceApplications, conditions, { limit, cursor, question }, toApplication),
      )
      linkNext(request, reply, page.nextCursor)
      return page
    },
  )

  app.post(
    '/v1/license-applications',
    {
      config: { roles: EDITORS },
      schema: {
        operationId: 'createLicenseApplication',
        tags: ['firmware'],
        summary: 'Record an application for a licence; a pending one covers nothing',
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
      const instant = now()
      checkApplication(fields, knowledge())
      const answer = await database.inJurisdiction(jurisdictionId, (tx) =>
        once(tx, request, jurisdictionId, instant, async (): Promise<Answer> => {
          await loadJurisdiction(tx, jurisdictionId)
          const id = uuidv7(instant.getTime())
          const at = instant.toISOString()
          const [row] = await tx
            .insert(licenceApplications)
            .values({
              jurisdictionId,
              id,
              regimeId: fields.regime,
              status: fields.status,
              doc: fields,
              createdAt: at,
              updatedAt: at,
            })
            .returning()
          await noteOwn(tx, jurisdictionId, [`regime:${fields.regime}`])
          await record(tx, jurisdictionId, actorOf(request), instant, {
            action: 'licence-application.create',
            target: id,
            detail: fields,
          })
          return {
            status: 201,
            location: `/v1/license-applications/${id}`,
            etag: etagOf(1),
            body: toApplication(row!),
          }
        }),
      )
      poke('rescreen')
      return send(reply, answer)
    },
  )

  app.get(
    '/v1/license-applications/:id',
    {
      config: { roles: READERS, reads: 'licence-application.read', readsOf: 'licence_applications' },
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
      const row = await readKept(services, request.principal, licenceApplications, id, 'application')
      reply.header('etag', etagOf(row.version))
      return toApplication(row)
    },
  )

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
          ...problems(
            'unauthenticated',
            'forbidden',
            'malformed-body',
            'not-found',
            'precondition-failed',
            'unsupported-media-type',
          ),
        },
      },
    },
    async (request, reply) => {
      const { id } = request.params
      const instant = now()
      const wish = changesOf(request.body)
      const keeper = await keeperOf(services, request.principal, licenceApplications, id, 'application')
      const jurisdictionId = keeper!
      const row = await database.inJurisdiction(jurisdictionId, async (tx) => {
        const mine = keptRow(licenceApplications, jurisdictionId, id)
        const ifMatch = request.headers['if-match']
        const current = await lockKept(tx, licenceApplications, mine, ifMatch, 'application')
        const before = current.doc as Omit<LicenceApplication, 'id'>
        const doc = { ...before, ...wish } as Omit<LicenceApplication, 'id'>
        checkApplication(doc, knowledge())
        const [changed] = await tx
          .update(licenceApplications)
          .set({
            status: doc.status,
            doc,
            version: current.version + 1,
            updatedAt: instant.toISOString(),
          })
          .where(mine)
          .returning()
        await noteOwn(tx, jurisdictionId, [`regime:${doc.regime}`])
        await record(tx, jurisdictionId, actorOf(request), instant, {
          action: 'licence-application.change',
          target: id,
          detail: { before, after: wish },
        })
        return changed!
      })
      poke('rescreen')
      reply.header('etag', etagOf(row.version))
      return toApplication(row)
    },
  )
}
