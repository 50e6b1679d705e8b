/** Licences and waivers. */

import { eq, inArray, sql } from 'drizzle-orm'
import { z } from 'zod'
import { licences } from '../../db/schema/index.ts'
import { LICENCE_STATUSES, type Licence } from '../../firmware-risk/licenses/license.ts'
import { changesOf } from '../../http/changes.ts'
import { etagOf } from '../../http/etag.ts'
import { linkNext } from '../../http/exports.ts'
import { type Answer, once, send } from '../../http/idempotency.ts'
import { PageQuery } from '../../http/pages.ts'
import { problems } from '../../http/problems.ts'
import { Day, Id, pageOf, repeatable, someText } from '../../http/schemas.ts'
import type { App } from '../../http/services.ts'
import { OPERATOR_ID, uuidv7 } from '../../lib/ids.ts'
import type { Services } from '../../screening/services.ts'
import { EDITORS, READERS, readScope } from '../../tenancy/auth.ts'
import { cityDays } from '../../tenancy/city-days.ts'
import {
  checkRoom,
  daysOfKeeper,
  idOf,
  inKeeping,
  type Keeper,
  keeperOf,
  keeperOfNew,
  keptPage,
  keptRow,
  lockKept,
  readKept,
  type Touched,
} from '../owned-records.ts'
import { applicationRoutes } from './application-routes.ts'
import {
  checkLicence,
  checkSuperseded,
  columnsOf,
  LicenceAnswer,
  LicenceChange,
  LicenceShape,
  LicenceWrite,
  licenceOf,
  toLicence,
  warningsOf,
} from './records.ts'
import { reminderRoutes, writeReminders } from './reminder-routes.ts'
import { assertUnused } from './uses.ts'

export function licenceRoutes(app: App, services: Services): void {
  const { database, knowledge, now } = services

  app.get(
    '/v1/licenses',
    {
      config: { roles: READERS, reads: 'licences.read' },
      schema: {
        operationId: 'listLicenses',
        tags: ['firmware'],
        summary: 'Licences and waivers: everybody’s and those of the jurisdictions this key may see',
        security: [{ apiKey: [] }],
        querystring: z.strictObject({
          ...PageQuery,
          jurisdictionId: repeatable(Id),
          regime: repeatable(someText(100)),
          status: repeatable(z.enum(LICENCE_STATUSES)),
          entity: repeatable(someText(100)).meta({ description: 'vendor id; licences for any are included' }),
          endsBefore: Day.optional().meta({ description: 'cover ends before this day' }),
        }),
        response: { 200: pageOf('LicensePage', LicenceShape), ...problems('unauthenticated') },
      },
    },
    async (request, reply) => {
      const { limit, cursor, ...question } = request.query
      const { regime, status, entity, endsBefore, jurisdictionId } = question
      const scope = readScope(request.principal, jurisdictionId)
      const conditions = [
        ...(regime.length > 0 ? [inArray(licences.regimeId, regime)] : []),
        ...(status.length > 0 ? [inArray(licences.status, status)] : []),
        ...(entity.length > 0
          ? [sql`(doc -> 'entities' = '"any"' or doc -> 'entities' ?| ${sql.param(entity)}::text[])`]
          : []),
        ...(endsBefore === undefined ? [] : [sql`ends_on <= ${endsBefore}::date`]),
        ...(jurisdictionId.length > 0 ? [sql`jurisdiction_id <> ${OPERATOR_ID}::uuid`] : []),
      ]
      const cities = await cityDays(database, scope)
      const page = await database.acrossJurisdictions(scope, (tx) =>
        keptPage(tx, licences, conditions, { limit, cursor, question }, (row) => toLicence(row, cities)),
      )
      linkNext(request, reply, page.nextCursor)
      return page
    },
  )

  app.post(
    '/v1/licenses',
    {
      config: { roles: EDITORS },
      schema: {
        operationId: 'createLicense',
        tags: ['firmware'],
        summary: 'Record a licence or waiver; what it covers is evaluated again',
        security: [{ apiKey: [] }],
        body: LicenceWrite,
        response: {
          201: LicenceAnswer,
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
      const keeper = keeperOfNew(request.principal, asked)
      const instant = now()
      const licence: Licence = { id: uuidv7(instant.getTime()), ...(fields as Omit<Licence, 'id'>) }
      const known = knowledge()
      checkLicence(licence, known)
      const subjects = [`regime:${licence.regime}`]
      const cities = await daysOfKeeper(services, keeper)
      const answer = await inKeeping(services, request, keeper, subjects, (tx, note) =>
        once(tx, request, keeper, instant, async (): Promise<Answer> => {
          await checkSuperseded(tx, licence)
          await checkRoom(tx, licences, keeper, licence)
          const at = instant.toISOString()
          const [row] = await tx
            .insert(licences)
            .values({
              jurisdictionId: idOf(keeper),
              id: licence.id,
              ...columnsOf(licence, cities.zoneOf(keeper)),
              createdAt: at,
              updatedAt: at,
            })
            .returning()
          await writeReminders(tx, keeper, licence, instant)
          const warnings = await warningsOf(tx, keeper, licence, known)
          const touched = await note({
            kind: 'licence',
            action: 'licence.create',
            target: licence.id,
            detail: { ...fields },
            subjects,
          })
          return {
            status: 201,
            location: `/v1/licenses/${licence.id}`,
            etag: etagOf(1),
            body: { ...toLicence(row!, cities), warnings, touched },
          }
        }),
      )
      return send(reply, answer)
    },
  )

  app.get(
    '/v1/licenses/:id',
    {
      config: { roles: READERS, reads: 'licence.read', readsOf: 'licences' },
      schema: {
        operationId: 'getLicense',
        tags: ['firmware'],
        summary: 'One licence',
        security: [{ apiKey: [] }],
        params: z.object({ id: Id }),
        querystring: z.strictObject({}),
        response: { 200: LicenceShape, ...problems('unauthenticated', 'not-found') },
      },
    },
    async (request, reply) => {
      const row = await readKept(services, request.principal, licences, request.params.id, 'licence')
      reply.header('etag', etagOf(row.version))
      const cities = await cityDays(database, readScope(request.principal))
      return toLicence(row, cities)
    },
  )

  app.patch(
    '/v1/licenses/:id',
    {
      config: { roles: EDITORS },
      schema: {
        operationId: 'changeLicense',
        tags: ['firmware'],
        summary: 'Change a licence: its status, a condition that is met, a longer window',
        security: [{ apiKey: [] }],
        params: z.object({ id: Id }),
        body: LicenceChange,
        response: {
          200: LicenceAnswer,
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
      const known = knowledge()
      const keeper = await keeperOf(services, request.principal, licences, id, 'licence')
      const subjectsBefore = await subjectsOf(keeper, id)
      const wish = changesOf(request.body)
      const subjects = [
        ...subjectsBefore,
        ...(request.body.regime === undefined ? [] : [`regime:${request.body.regime}`]),
      ]
      const cities = await daysOfKeeper(services, keeper)
      const { row, warnings, touched } = await inKeeping(
        services,
        request,
        keeper,
        subjects,
        async (tx, note) => {
          const mine = keptRow(licences, keeper, id)
          const current = await lockKept(tx, licences, mine, request.headers['if-match'], 'licence')
          const before = licenceOf(current)
          const licence = { ...before, ...wish } as Licence
          checkLicence(licence, known)
          await checkSuperseded(tx, licence)
          await checkRoom(tx, licences, keeper, { id, models: request.body.models })
          const [changed] = await tx
            .update(licences)
            .set({
              ...columnsOf(licence, cities.zoneOf(keeper)),
              version: current.version + 1,
              updatedAt: instant.toISOString(),
            })
            .where(mine)
            .returning()
          await writeReminders(tx, keeper, licence, instant)
          return {
            row: changed!,
            warnings: await warningsOf(tx, keeper, licence, known),
            touched: await note({
              kind: 'licence',
              action: 'licence.change',
              target: id,
              detail: {
                before: Object.fromEntries(
                  Object.keys(wish).map((name) => [name, before[name as keyof Licence]]),
                ),
                after: wish,
              },
              subjects,
            }),
          }
        },
      )
      reply.header('etag', etagOf(row.version))
      return { ...toLicence(row, cities), warnings, touched }
    },
  )

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
      const keeper = await keeperOf(services, request.principal, licences, id, 'licence')
      const subjects = await subjectsOf(keeper, id)
      // A license for everybody is used by cities that the transaction of the operator does not see.
      if (keeper === null) await database.acrossJurisdictions('all', (tx) => assertUnused(tx, id))
      await inKeeping(services, request, keeper, subjects, async (tx, note): Promise<Touched> => {
        const mine = keptRow(licences, keeper, id)
        const current = await lockKept(tx, licences, mine, request.headers['if-match'], 'licence')
        if (keeper !== null) await assertUnused(tx, id)
        await tx.delete(licences).where(mine)
        return note({
          kind: 'licence',
          action: 'licence.delete',
          target: id,
          detail: { before: current.doc },
          subjects,
        })
      })
      return reply.code(204).send(null)
    },
  )

  reminderRoutes(app, services)
  applicationRoutes(app, services)

  async function subjectsOf(keeper: Keeper, id: string): Promise<string[]> {
    const [row] = await database.acrossJurisdictions(keeper === null ? 'all' : [keeper], (tx) =>
      tx.select({ regime: licences.regimeId }).from(licences).where(eq(licences.id, id)),
    )
    return row ? [`regime:${row.regime}`] : []
  }
}
