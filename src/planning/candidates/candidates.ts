/** `/v1/plans/{id}/candidates`: what could be bought instead, screened on the day it is named. */
import { and, eq, sql } from 'drizzle-orm'
import { z } from 'zod'
import type { Tx } from '../../db/database.ts'
import { planCandidates } from '../../db/schema/index.ts'
import { DEVICE_CLASSES } from '../../device/schemas.ts'
import { supportOf } from '../../firmware-risk/support-periods.ts'
import { type Answer, once, send } from '../../http/idempotency.ts'
import { DomainError, notFound, problems } from '../../http/problems.ts'
import { Cents, Day, Id, Instant, someText, toInstant } from '../../http/schemas.ts'
import type { App } from '../../http/services.ts'
import type { PlainDate } from '../../lib/calendar.ts'
import { uuidv7 } from '../../lib/ids.ts'
import type { Knowledge } from '../../screening/knowledge.ts'
import type { Services } from '../../screening/services.ts'
import { actorOf, record } from '../../tenancy/audit.ts'
import { READERS, readScope } from '../../tenancy/auth.ts'
import { type City, loadCity, PLANNERS, supportPeriods, todayIn } from '../context.ts'
import type { Category } from '../costs/model/catalogue.ts'
import type { Price } from '../costs/model/prices.ts'
import { loadQuotes, pricesOf } from '../costs/quotes.ts'
import { findPlan, lockPlan } from '../plans/plans.ts'
import { planOwner } from '../plans/routes.ts'
import {
  type CandidateScreening,
  COUNTER_SANCTION_EFFECTS,
  concentration,
  screenCandidate,
} from './model/screen.ts'

const OfferedPrice = z
  .strictObject({
    lowCents: Cents,
    expectedCents: Cents,
    highCents: Cents,
    quotedOn: Day,
    source: someText(1000),
  })
  .refine((price) => price.lowCents <= price.expectedCents && price.expectedCents <= price.highCents, {
    message: 'needs low <= expected <= high',
    path: ['expectedCents'],
  })

const CandidateWrite = z
  .strictObject({
    manufacturer: someText(200),
    model: someText(200),
    deviceClass: z.enum(DEVICE_CLASSES).default('camera'),
    hasRadio: z.boolean().nullable().default(null),
    fccId: someText(40).nullable().default(null),
    costCode: someText(60).nullable().default(null).meta({ description: 'price from the catalogue' }),
    price: OfferedPrice.nullable()
      .default(null)
      .meta({ description: 'its own price; takes the place of the catalogue for devices it replaces' }),
    supportUntil: Day.nullable().default(null).meta({ description: 'first day without support, as offered' }),
    countryOfManufacture: z
      .string()
      .regex(/^[A-Z]{2}$/, 'must be an ISO 3166-1 code such as SE')
      .nullable()
      .default(null),
    chipMaker: someText(100).nullable().default(null).meta({ description: 'maker of the main chip' }),
  })
  .meta({ id: 'NewCandidate' })
export type Offer = z.infer<typeof CandidateWrite>

const Reason = z
  .object({
    regime: z.string(),
    activity: z.string(),
    outcome: z.string(),
    because: z.string(),
    citation: z.string(),
  })
  .meta({ id: 'CandidateReason' })

const Candidate = z
  .object({
    id: z.string(),
    planId: z.string(),
    manufacturer: z.string(),
    model: z.string(),
    deviceClass: z.string(),
    verdict: z.enum(['accepted', 'review', 'refused']).meta({
      description: 'under the law of `screenedOn`; a candidate that is refused later stops the estimate',
    }),
    mayBePaidFederally: z.boolean().nullable(),
    maker: z.string().nullable(),
    country: z.string().nullable().meta({ description: 'of manufacture when offered, else of the maker' }),
    chipMaker: z.string().nullable(),
    reasons: z.array(Reason),
    screenedOn: z.string(),
    knowledgeVersion: z.int(),
    devices: z.int().meta({ description: 'of the plan that it is to replace' }),
    price: z
      .object({
        lowCents: z.int(),
        expectedCents: z.int(),
        highCents: z.int(),
        basis: z.string(),
        code: z.string(),
      })
      .nullable(),
    support: z.object({ kind: z.string(), until: z.string().nullable(), citation: z.string().nullable() }),
    counterSanction: z
      .object({
        isListed: z.boolean(),
        reasons: z.array(Reason),
        leadTimeFactor: z.array(z.number()).meta({ description: 'scenario: low and high' }),
        highCentsUnder: z.int().nullable().meta({ description: 'scenario: the high price under it' }),
      })
      .meta({ description: 'China’s counter-lists: a risk to parts and prices, no US bar' }),
    createdAt: Instant,
  })
  .meta({ id: 'Candidate' })
type Candidate = z.infer<typeof Candidate>

const Comparison = z
  .object({
    asOf: z.string(),
    items: z.array(Candidate),
    concentration: z.array(
      z.object({
        of: z.string(),
        hhi: z.int().nullable(),
        shares: z.array(z.object({ value: z.string(), devices: z.int(), share: z.number() })),
        above50: z.array(z.string()),
      }),
    ),
    devicesWithoutCandidate: z.int(),
  })
  .meta({ id: 'CandidateComparison' })

export interface StoredCandidate {
  readonly id: string
  readonly offer: Offer
  readonly screening: CandidateScreening
}

export async function loadCandidates(tx: Tx, jurisdictionId: string, planId: string) {
  return tx
    .select()
    .from(planCandidates)
    .where(and(eq(planCandidates.jurisdictionId, jurisdictionId), eq(planCandidates.planId, planId)))
    .orderBy(planCandidates.id)
}

/** How many devices of a plan each candidate replaces; `''` counts those without one. */
export async function candidateUse(
  tx: Tx,
  jurisdictionId: string,
  planId: string,
): Promise<ReadonlyMap<string, number>> {
  const { rows } = await tx.execute<{ id: string; devices: number }>(sql`
    select coalesce(candidate_id::text, '') as id, count(*)::int as devices from plan_devices
    where jurisdiction_id = ${jurisdictionId}::uuid and plan_id = ${planId}::uuid group by 1`)
  return new Map(rows.map((row) => [row.id, row.devices]))
}

/** The offer as it stands today under the law of today. */
export function screenToday(offer: Offer, city: City, knowledge: Knowledge, today: PlainDate) {
  return screenCandidate(offer, city.facts, knowledge, today)
}

/** The code under which a candidate's own price stands in an estimate; null when it has none. */
export function offerCode(candidate: { readonly id: string; readonly offer: Offer }): string | null {
  if (candidate.offer.price === null) return candidate.offer.costCode
  return `OFFER-${candidate.id.slice(-12).toUpperCase()}`
}

/** A candidate's own price as a price of the estimate. */
export function offerPrice(
  candidate: { readonly id: string; readonly offer: Offer },
  isStale: boolean,
): Price | null {
  const { price, manufacturer, model, deviceClass } = candidate.offer
  if (price === null) return null
  const code = offerCode(candidate)!
  const values = { low: price.lowCents, expected: price.expectedCents, high: price.highCents }
  const category: Category =
    deviceClass === 'recorder' || deviceClass === 'server' || deviceClass === 'encoder'
      ? 'hardware.recorder'
      : deviceClass === 'router'
        ? 'hardware.network'
        : 'hardware.camera'
  return {
    code,
    row: {
      code,
      category,
      description: `${manufacturer} ${model}`,
      unit: 'each',
      measure: 'cents',
      ...values,
      appliesTo: [],
      source: price.source,
      confidence: 'high',
      asOf: price.quotedOn,
    },
    quote: null,
    basis: 'vendor-quote',
    ...values,
    asOf: price.quotedOn,
    difference: null,
    isStale,
  }
}

type Row = typeof planCandidates.$inferSelect

function toCandidate(
  row: Row,
  devices: number,
  prices: ReadonlyMap<string, Price>,
  knowledge: Knowledge,
): Candidate {
  const offer = row.offer as Offer
  const screening = row.screening as CandidateScreening
  const own = offerPrice({ id: row.id, offer }, false)
  const price = own ?? (offer.costCode === null ? undefined : prices.get(offer.costCode))
  const vendor = knowledge.reference.vendors.find((one) => one.id === screening.maker)
  const counter = screening.cautions.filter((reason) => reason.regime === 'cn-counter-lists')
  return {
    id: row.id,
    planId: row.planId,
    manufacturer: offer.manufacturer,
    model: offer.model,
    deviceClass: offer.deviceClass,
    verdict: row.verdict as Candidate['verdict'],
    mayBePaidFederally: screening.mayBePaidFederally,
    maker: screening.maker,
    country: offer.countryOfManufacture ?? vendor?.country ?? null,
    chipMaker: offer.chipMaker,
    reasons: [...screening.reasons],
    screenedOn: row.screenedOn,
    knowledgeVersion: row.knowledgeVersion,
    devices,
    price: price
      ? {
          lowCents: price.low,
          expectedCents: price.expected,
          highCents: price.high,
          basis: price.basis,
          code: price.code,
        }
      : null,
    support: supportFor(offer, screening),
    counterSanction: {
      isListed: counter.length > 0,
      reasons: counter,
      leadTimeFactor: counter.length > 0 ? [...COUNTER_SANCTION_EFFECTS.leadTime] : [1, 1],
      highCentsUnder:
        price && counter.length > 0 ? Math.round(price.high * COUNTER_SANCTION_EFFECTS.highPrice) : null,
    },
    createdAt: toInstant(row.createdAt),
  }
}

function supportFor(offer: Offer, screening: CandidateScreening): Candidate['support'] {
  if (offer.supportUntil !== null) return { kind: 'ends', until: offer.supportUntil, citation: 'as offered' }
  const product = {
    maker: screening.maker,
    brand: screening.brand,
    model: offer.model,
    firmwareVersion: null,
    deviceClass: offer.deviceClass,
  }
  const { support, period } = supportOf(supportPeriods(), product, null)
  return {
    kind: support.kind,
    until: support.kind === 'ends' ? support.to : null,
    citation: period?.citation ?? null,
  }
}

/** Throws `candidate-refused`, naming each rule. */
export function refuseCandidate(name: string, screening: CandidateScreening): void {
  if (screening.verdict !== 'refused') return
  throw new DomainError('candidate-refused', `${name} may not be bought: ${screening.reasons[0]!.because}`, {
    errors: screening.reasons.map((reason) => ({
      pointer: '/model',
      code: reason.outcome,
      message: `${reason.regime}: ${reason.because} (${reason.citation})`,
    })),
  })
}

export function candidateRoutes(app: App, services: Services): void {
  const { database, knowledge, now } = services

  app.get(
    '/v1/plans/:id/candidates',
    {
      config: { roles: READERS, reads: 'plan.candidates.read', readsOf: 'plans' },
      schema: {
        operationId: 'listCandidates',
        tags: ['replacement'],
        summary:
          'Candidates compared: price, support, dependence on one maker, country or chip, counter-sanctions',
        security: [{ apiKey: [] }],
        params: z.object({ id: Id }),
        querystring: z.strictObject({}),
        response: { 200: Comparison, ...problems('unauthenticated', 'not-found') },
      },
    },
    async (request) => {
      const { id } = request.params
      const known = knowledge()
      const instant = now()
      return database.acrossJurisdictions(readScope(request.principal), async (tx) => {
        const plan = await findPlan(tx, id)
        const city = await loadCity(tx, plan.jurisdictionId)
        const today = todayIn(city, instant)
        const prices = pricesOf(await loadQuotes(tx, city.id), today)
        const use = await candidateUse(tx, city.id, id)
        const rows = await loadCandidates(tx, city.id, id)
        const items = rows.map((row) => toCandidate(row, use.get(row.id) ?? 0, prices, known))
        const chosen = (value: (candidate: Candidate) => string | null) =>
          items.map((candidate) => ({ value: value(candidate), devices: candidate.devices }))
        return {
          asOf: today,
          items,
          concentration: [
            concentration(
              'maker',
              chosen((candidate) => candidate.maker),
            ),
            concentration(
              'country',
              chosen((candidate) => candidate.country),
            ),
            concentration(
              'chip',
              chosen((candidate) => candidate.chipMaker),
            ),
          ].map((one) => ({ ...one, shares: [...one.shares], above50: [...one.above50] })),
          devicesWithoutCandidate: use.get('') ?? 0,
        }
      })
    },
  )

  app.post(
    '/v1/plans/:id/candidates',
    {
      config: { roles: PLANNERS },
      schema: {
        operationId: 'createCandidate',
        tags: ['replacement'],
        summary: 'Name a model to buy; one that may not be bought is refused with the reason',
        description:
          'Screened with the rules and on the day that devices are. One whose maker is not known, or that federal money may not pay for, is taken with the verdict `review`: no federal source pays for it.',
        security: [{ apiKey: [] }],
        params: z.object({ id: Id }),
        body: CandidateWrite,
        response: {
          201: Candidate,
          ...problems(
            'unauthenticated',
            'forbidden',
            'malformed-body',
            'not-found',
            'candidate-refused',
            'idempotency-key-reused',
            'unsupported-media-type',
          ),
        },
      },
    },
    async (request, reply) => {
      const instant = now()
      const known = knowledge()
      const { id } = request.params
      const offer = request.body
      const jurisdictionId = await planOwner(services, request.principal, id)
      const answer = await database.inJurisdiction(jurisdictionId, (tx) =>
        once(tx, request, jurisdictionId, instant, async (): Promise<Answer> => {
          await lockPlan(tx, jurisdictionId, id)
          const city = await loadCity(tx, jurisdictionId)
          const today = todayIn(city, instant)
          const prices = pricesOf(await loadQuotes(tx, jurisdictionId), today)
          if (offer.costCode !== null && prices.get(offer.costCode)?.row.measure !== 'cents') {
            throw new DomainError('invalid-request', 'The catalogue has no such price.', {
              errors: [
                { pointer: '/costCode', code: 'unknown', message: 'must be a price of the cost catalogue' },
              ],
            })
          }
          const screening = screenToday(offer, city, known, today)
          refuseCandidate(`${offer.manufacturer} ${offer.model}`, screening)
          const [row] = await tx
            .insert(planCandidates)
            .values({
              jurisdictionId,
              planId: id,
              id: uuidv7(instant.getTime()),
              offer,
              verdict: screening.verdict,
              screening,
              screenedOn: today,
              knowledgeVersion: known.version,
              createdAt: instant.toISOString(),
              createdBy: actorOf(request).id,
            })
            .returning()
          await record(tx, jurisdictionId, actorOf(request), instant, {
            action: 'plan.candidate.create',
            target: row!.id,
            detail: { plan: id, ...offer, verdict: screening.verdict },
          })
          return {
            status: 201,
            location: `/v1/plans/${id}/candidates`,
            body: toCandidate(row!, 0, prices, known),
          }
        }),
      )
      return send(reply, answer)
    },
  )

  app.delete(
    '/v1/plans/:id/candidates/:candidateId',
    {
      config: { roles: PLANNERS },
      schema: {
        operationId: 'removeCandidate',
        tags: ['replacement'],
        summary: 'Remove a candidate that replaces no device',
        security: [{ apiKey: [] }],
        params: z.object({ id: Id, candidateId: Id }),
        response: {
          204: z.null().meta({ description: 'removed' }),
          ...problems('unauthenticated', 'forbidden', 'not-found', 'candidate-in-use'),
        },
      },
    },
    async (request, reply) => {
      const instant = now()
      const { id, candidateId } = request.params
      const jurisdictionId = await planOwner(services, request.principal, id)
      await database.inJurisdiction(jurisdictionId, async (tx) => {
        await lockPlan(tx, jurisdictionId, id)
        const devices = (await candidateUse(tx, jurisdictionId, id)).get(candidateId) ?? 0
        if (devices > 0) {
          throw new DomainError('candidate-in-use', `It is to replace ${devices} devices of the plan.`)
        }
        const [row] = await tx
          .delete(planCandidates)
          .where(
            and(
              eq(planCandidates.jurisdictionId, jurisdictionId),
              eq(planCandidates.planId, id),
              eq(planCandidates.id, candidateId),
            ),
          )
          .returning()
        if (!row) throw notFound('candidate')
        await record(tx, jurisdictionId, actorOf(request), instant, {
          action: 'plan.candidate.delete',
          target: candidateId,
          detail: { plan: id },
        })
      })
      return reply.code(204).send(null)
    },
  )
}
