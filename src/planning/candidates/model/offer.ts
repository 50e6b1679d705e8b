/** What a candidate costs in an estimate. */
import type { Category } from '../../costs/model/catalogue.ts'
import type { Price } from '../../costs/model/prices.ts'
import type { Offer } from '../schemas.ts'

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
  return {
    code,
    row: {
      code,
      category: categoryOf(deviceClass),
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

function categoryOf(deviceClass: Offer['deviceClass']): Category {
  if (deviceClass === 'recorder' || deviceClass === 'server' || deviceClass === 'encoder')
    return 'hardware.recorder'
  return deviceClass === 'router' ? 'hardware.network' : 'hardware.camera'
}
