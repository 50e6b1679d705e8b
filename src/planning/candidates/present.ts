/** A stored candidate as it is shown. */
import { type SupportPeriod, supportOf } from '../../firmware-risk/support-periods.ts'
import { toInstant } from '../../http/schemas.ts'
import type { Knowledge } from '../../screening/knowledge.ts'
import type { Prices } from '../costs/model/prices.ts'
import { offerPrice } from './model/offer.ts'
import { type CandidateScreening, COUNTER_SANCTION_EFFECTS } from './model/screen.ts'
import type { Candidate, CandidateRow, Offer } from './schemas.ts'

export interface CandidateTerms {
  readonly prices: Prices
  readonly knowledge: Knowledge
  readonly supportPeriods: readonly SupportPeriod[]
}

/** A candidate with its price, its support and what depends on its maker. */
export function toCandidate(
  row: CandidateRow,
  devices: number,
  { prices, knowledge, supportPeriods }: CandidateTerms,
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
    reasons: screening.reasons,
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
    support: supportFor(offer, screening, supportPeriods),
    counterSanction: {
      isListed: counter.length > 0,
      reasons: counter,
      leadTimeFactor: counter.length > 0 ? COUNTER_SANCTION_EFFECTS.leadTime : [1, 1],
      highCentsUnder:
        price && counter.length > 0 ? Math.round(price.high * COUNTER_SANCTION_EFFECTS.highPrice) : null,
    },
    createdAt: toInstant(row.createdAt),
  }
}

function supportFor(
  offer: Offer,
  screening: CandidateScreening,
  periods: readonly SupportPeriod[],
): Candidate['support'] {
  if (offer.supportUntil !== null) return { kind: 'ends', until: offer.supportUntil, citation: 'as offered' }
  const product = {
    maker: screening.maker,
    brand: screening.brand,
    model: offer.model,
    firmwareVersion: null,
    deviceClass: offer.deviceClass,
  }
  const { support, period } = supportOf(periods, product, null)
  return {
    kind: support.kind,
    until: support.kind === 'ends' ? support.to : null,
    citation: period?.citation ?? null,
  }
}
