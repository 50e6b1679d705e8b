/** Use cases of candidates: what could be bought instead, screened on the day it is named. */
import { and, eq, sql } from 'drizzle-orm'
import type { z } from 'zod'
import type { Tx } from '../../db/database.ts'
import { planCandidates } from '../../db/schema/index.ts'
import { DomainError, notFound } from '../../http/problems.ts'
import type { Sendable } from '../../http/services.ts'
import type { PlainDate } from '../../lib/calendar.ts'
import { uuidv7 } from '../../lib/ids.ts'
import type { Knowledge } from '../../screening/knowledge.ts'
import { underLocalLaw } from '../../screening/local-law.ts'
import { type City, loadCity, todayIn } from '../context.ts'
import { loadQuotes, pricesOf } from '../costs/quotes.ts'
import { findPlan, lockPlan } from '../plans/plans.ts'
import type { PlanningData } from '../shipped-data.ts'
import { recordChange, type Work } from '../work.ts'
import { type CandidateScreening, concentration, screenCandidate } from './model/screen.ts'
import { toCandidate } from './present.ts'
import type { Candidate, Comparison, Offer } from './schemas.ts'

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
  return screenCandidate(offer, city.facts, underLocalLaw(knowledge, city), today)
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

/** Candidates of a plan compared, and how far the plan depends on one maker, country or chip. Throws `not-found`. */
export async function compareCandidates(
  tx: Tx,
  id: string,
  terms: PlanningData & { readonly knowledge: Knowledge; readonly now: Date },
): Promise<Sendable<z.output<typeof Comparison>>> {
  const plan = await findPlan(tx, id)
  const city = await loadCity(tx, plan.jurisdictionId)
  const today = todayIn(city, terms.now)
  const prices = pricesOf(terms.costs, await loadQuotes(tx, city.id), today)
  const use = await candidateUse(tx, city.id, id)
  const rows = await loadCandidates(tx, city.id, id)
  const items = rows.map((row) => toCandidate(row, use.get(row.id) ?? 0, { ...terms, prices }))
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
    ],
    devicesWithoutCandidate: use.get('') ?? 0,
  }
}

/** Throws `not-found`, `invalid-request`, `candidate-refused`. */
export async function addCandidate(
  work: Work,
  planId: string,
  offer: Offer,
  knowledge: Knowledge,
): Promise<Candidate> {
  const { tx, jurisdictionId, costs, now } = work
  await lockPlan(tx, jurisdictionId, planId)
  const city = await loadCity(tx, jurisdictionId)
  const today = todayIn(city, now)
  const prices = pricesOf(costs, await loadQuotes(tx, jurisdictionId), today)
  if (offer.costCode !== null && prices.get(offer.costCode)?.row.measure !== 'cents') {
    throw new DomainError('invalid-request', 'The catalog has no such price.', {
      errors: [{ pointer: '/costCode', code: 'unknown', message: 'must be a price of the cost catalog' }],
    })
  }
  const screening = screenToday(offer, city, knowledge, today)
  refuseCandidate(`${offer.manufacturer} ${offer.model}`, screening)
  const [row] = await tx
    .insert(planCandidates)
    .values({
      jurisdictionId,
      planId,
      id: uuidv7(now.getTime()),
      offer,
      verdict: screening.verdict,
      screening,
      screenedOn: today,
      knowledgeVersion: knowledge.version,
      createdAt: now.toISOString(),
      createdBy: work.actor.id,
    })
    .returning()
  const detail = { plan: planId, ...offer, verdict: screening.verdict }
  await recordChange(work, 'plan.candidate.create', row!.id, detail)
  return toCandidate(row!, 0, { ...work, prices, knowledge })
}

/** Throws `not-found`, `candidate-in-use`. */
export async function removeCandidate(work: Work, planId: string, candidateId: string): Promise<void> {
  const { tx, jurisdictionId } = work
  await lockPlan(tx, jurisdictionId, planId)
  const devices = (await candidateUse(tx, jurisdictionId, planId)).get(candidateId) ?? 0
  if (devices > 0)
    throw new DomainError('candidate-in-use', `It is to replace ${devices} devices of the plan.`)
  const [row] = await tx
    .delete(planCandidates)
    .where(
      and(
        eq(planCandidates.jurisdictionId, jurisdictionId),
        eq(planCandidates.planId, planId),
        eq(planCandidates.id, candidateId),
      ),
    )
    .returning()
  if (!row) throw notFound('candidate')
  await recordChange(work, 'plan.candidate.delete', candidateId, { plan: planId })
}
