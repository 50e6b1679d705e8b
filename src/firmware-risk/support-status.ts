import { daysBetween, type PlainDate } from '../lib/calendar.ts'
import type { Support, SupportStatus } from './subject.ts'

/** The status of a support period on a day. */
export function supportStatus(support: Support, asOf: PlainDate): SupportStatus {
  switch (support.kind) {
    case 'no-end-announced':
    case 'ended':
    case 'unknown':
      return support.kind
    case 'ends':
      if (asOf >= support.to) return 'ended'
      return daysBetween(asOf, support.to) <= DAYS_OF_A_YEAR ? 'ends-within-a-year' : 'supported'
    default:
      return support satisfies never
  }
}

export const DAYS_OF_A_YEAR = 365
