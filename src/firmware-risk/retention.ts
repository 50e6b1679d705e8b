/**
 * How long the record of a licensed act is kept. Who deals under a license has to show it for years afterwards, so such
 * records cannot be deleted before.
 */
import type { PlainDate } from '../lib/calendar.ts'

export interface Retention {
  readonly years: number
  readonly citation: string
}

/** Ten years since 2025-03-12, five before; a record of then that is still kept falls under ten. */
const OFAC: Retention = { years: 10, citation: '31 CFR 501.601' }
const EXPORT: Retention = { years: 5, citation: '15 CFR 762.6' }

/** Null when no rule of the regime asks to keep records of licensed acts. */
export function retentionOf(regime: string): Retention | null {
  if (regime.startsWith('ofac-')) return OFAC
  return regime.startsWith('bis-') ? EXPORT : null
}

/** First day on which the record of an act may be deleted; null when it need not be kept. */
export function keptUntil(regime: string, actedOn: PlainDate): PlainDate | null {
  const retention = retentionOf(regime)
  if (retention === null) return null
  const year = Number(actedOn.slice(0, 4)) + retention.years
  // An act of February 29 is kept through February 28.
  const day = actedOn.slice(5) === '02-29' ? '03-01' : actedOn.slice(5)
  return `${String(year).padStart(4, '0')}-${day}`
}
