/** Compensating controls and risk acceptances over HTTP. They are ended, never deleted. */
import { inArray, sql } from 'drizzle-orm'
import { z } from 'zod'
import type { Tx } from '../../db/database.ts'
import { riskTreatments } from '../../db/schema/index.ts'
import { changesOf } from '../../http/changes.ts'
import { etagOf } from '../../http/etag.ts'
import { type Column, linkNext, negotiate, PRODUCES, sendRows } from '../../http/exports.ts'
import { type Answer, once, send } from '../../http/idempotency.ts'
import { everyPage, PageQuery } from '../../http/pages.ts'
import { DomainError, problems } from '../../http/problems.ts'
import { Day, Id, pageOf, repeatable } from '../../http/schemas.ts'
import type { App } from '../../http/services.ts'
import { dayIn } from '../../lib/calendar.ts'
import { uuidv7 } from '../../lib/ids.ts'
import { loadJurisdiction } from '../../screening/context.ts'
import type { Services } from '../../screening/services.ts'
import { actorOf, record } from '../../tenancy/audit.ts'
import { EDITORS, READERS, readScope, writeJurisdiction } from '../../tenancy/auth.ts'
import { keeperOf, keptPage, keptRow, lockKept, readKept } from '../owned-records.ts'
import {
  checkTreatment,
  columnsOf,
  TREATMENT_KINDS,
  type Treatment,
  TreatmentChange,
  TreatmentShape,
  TreatmentWrite,
  toTreatment,
} from './treatments.ts'

type Told = ReturnType<typeof toTreatment>
const COLUMNS: readonly Column<Told>[] = [
  ...(
    ['kind', 'title', 'owner', 'beginsOn', 'expiresOn', 'endedOn', 'verifiedOn', 'verifiedBy'] as const
  ).map((field) => ({ header: field, value: (one: Told) => one[field] })),
  { header: 'vulnerabilities', value: (one) => [one.vulnerabilities].flat().join(' ') },
  {
    header: 'evidence',
    value: (one) =>
      one.evidence.map(({ on, text, source }) => [on, text, source ?? ''].join(' ').trim()).join('; '),
  },
  { header: 'deviceIds', value: (one) => one.deviceIds.join(' ') },
  { header: 'siteIds', value: (one) => one.siteIds.join(' ') },
  { header: 'id', value: (one) => one.id },
  { header: 'jurisdictionId', value: (one) => one.jurisdictionId },
]

export function treatmentRoutes(app: App, services: Services): void {
  const { database, now } = services

  app.get(
    '/v1/risk-treatments',
    {
      config: { roles: READERS, reads: 'risk-treatments.read' },
      schema: {
        operationId: 'listRiskTreatments',
        produces: [...PRODUCES],
        tags: ['firmware'],
        summary: 'Compensating controls and risk acceptances; CSV or NDJSON by `Accept`',
        security: [{ apiKey: [] }],
        querystring: z.strictObject({
          ...PageQuery,
          jurisdictionId: repeatable(Id),
          kind: repeatable(z.enum(TREATMENT_KINDS)),
          deviceId: repeatable(Id).meta({ description: 'named by the record itself' }),
          expiresBefore: Day.optional().meta({
            description: 'last day is before this one, and it was not ended',
          }),
        }),
        response: {
          200: pageOf('RiskTreatmentPage', TreatmentShape),
          ...problems('unauthenticated', 'not-acceptable'),
        },
      },
    },
    async (request, reply) => {
      const format = negotiate(request)
      const { limit, cursor, ...question } = request.query
      const { jurisdictionId, kind, deviceId, expiresBefore } = question
      const scope = readScope(request.principal, jurisdictionId)
      const conditions = [
        ...(kind.length > 0 ? [inArray(riskTreatments.kind, kind)] : []),
        ...(deviceId.length > 0 ? [sql`device_ids && ${sql.param(deviceId)}::uuid[]`] : []),
        ...(expiresBefore === undefined
          ? []
          : [sql`expires_on < ${expiresBefore}::date and ended_on is null`]),
      ]
      const page = (size: number, from: string | undefined) =>
        database.acrossJurisdictions(scope, (tx) =>
          keptPage(tx, riskTreatments, conditions, { limit: size, cursor: from, question }, toTreatment),
        )
      if (format !== 'json') return sendRows(reply, format, 'risk-treatments', COLUMNS, everyPage(page))
      const result = await page(limit, cursor)
      linkNext(request, reply, result.nextCursor)
      return result
    },
  )

  app.post(
    '/v1/risk-treatments',
    {
      config: { roles: EDITORS },
      schema: {
        operationId: 'createRiskTreatment',
        tags: ['firmware'],
        summary: 'Record a compensating control or a risk acceptance, with owner, evidence and expiry',
        description:
          'It is shown beside the devices in /v1/patch-answers while it counts. It changes no level and no score: what the law says and what is open stay as they are.',
        security: [{ apiKey: [] }],
        body: TreatmentWrite,
        response: {
          201: TreatmentShape,
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
      const { jurisdictionId: asked, ...doc } = request.body
      const jurisdictionId = writeJurisdiction(request.principal, asked)
      const instant = now()
      const answer = await database.inJurisdiction(jurisdictionId, (tx) =>
        once(tx, request, jurisdictionId, instant, async (): Promise<Answer> => {
          const { timezone } = await loadJurisdiction(tx, jurisdictionId)
          checkTreatment(doc, dayIn(instant, timezone))
          await checkPlaces(tx, doc)
          const id = uuidv7(instant.getTime())
          const at = instant.toISOString()
          const [row] = await tx
            .insert(riskTreatments)
            .values({ jurisdictionId, id, ...columnsOf(doc), createdAt: at, updatedAt: at })
            .returning()
          await record(tx, jurisdictionId, actorOf(request), instant, {
            action: 'risk-treatment.create',
            target: id,
            detail: { ...doc },
          })
          return {
            status: 201,
            location: `/v1/risk-treatments/${id}`,
            etag: etagOf(1),
            body: toTreatment(row!),
          }
        }),
      )
      return send(reply, answer)
    },
  )

  app.get(
    '/v1/risk-treatments/:id',
    {
      config: { roles: READERS, reads: 'risk-treatment.read', readsOf: 'risk_treatments' },
      schema: {
        operationId: 'getRiskTreatment',
        tags: ['firmware'],
        summary: 'One compensating control or risk acceptance; its changes are in the audit log',
        security: [{ apiKey: [] }],
        params: z.object({ id: Id }),
        querystring: z.strictObject({}),
        response: { 200: TreatmentShape, ...problems('unauthenticated', 'not-found') },
      },
    },
    async (request, reply) => {
      const { id } = request.params
      const row = await readKept(services, request.principal, riskTreatments, id, 'treatment')
      reply.header('etag', etagOf(row.version))
      return toTreatment(row)
    },
  )

  app.patch(
    '/v1/risk-treatments/:id',
    {
      config: { roles: EDITORS },
      schema: {
        operationId: 'changeRiskTreatment',
        tags: ['firmware'],
        summary: 'Change a treatment: verify it, extend it, end it (`endedOn`)',
        security: [{ apiKey: [] }],
        params: z.object({ id: Id }),
        body: TreatmentChange,
        response: {
          200: TreatmentShape,
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
      const keeper = await keeperOf(services, request.principal, riskTreatments, id, 'treatment')
      const jurisdictionId = keeper!
      const row = await database.inJurisdiction(jurisdictionId, async (tx) => {
        const { timezone } = await loadJurisdiction(tx, jurisdictionId)
        const mine = keptRow(riskTreatments, jurisdictionId, id)
        const current = await lockKept(tx, riskTreatments, mine, request.headers['if-match'], 'treatment')
        const before = current.doc as Treatment
        const doc = { ...before, ...wish } as Treatment
        checkTreatment(doc, dayIn(instant, timezone))
        await checkPlaces(tx, wish)
        const [changed] = await tx
          .update(riskTreatments)
          .set({ ...columnsOf(doc), version: current.version + 1, updatedAt: instant.toISOString() })
          .where(mine)
          .returning()
        await record(tx, jurisdictionId, actorOf(request), instant, {
          action: 'risk-treatment.change',
          target: id,
          detail: { before, after: wish },
        })
        return changed!
      })
      reply.header('etag', etagOf(row.version))
      return toTreatment(row)
    },
  )
}

/** Devices and sites have to be on the register of the city. Throws `invalid-request` naming each that is not. */
async function checkPlaces(
  tx: Tx,
  {
    deviceIds = [],
    siteIds = [],
  }: { readonly deviceIds?: readonly string[] | undefined; readonly siteIds?: readonly string[] | undefined },
): Promise<void> {
  const { rows } = await tx.execute<{ id: string }>(sql`
    select id::text as id from devices where id = any (${sql.param([...deviceIds])}::uuid[])
    union all select id::text from sites where id = any (${sql.param([...siteIds])}::uuid[])`)
  const there = new Set(rows.map(({ id }) => id))
  const errors = [
    ...deviceIds.flatMap((id, i) => (there.has(id.toLowerCase()) ? [] : [`/deviceIds/${i}`])),
    ...siteIds.flatMap((id, i) => (there.has(id.toLowerCase()) ? [] : [`/siteIds/${i}`])),
  ].map((pointer) => ({ pointer, code: 'not-found', message: 'is not on the register' }))
  if (errors.length > 0) throw new DomainError('invalid-request', 'The record cannot be stored.', { errors })
}
