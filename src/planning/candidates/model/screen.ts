/** May the city buy this instead, and may federal money pay for it? The same screening as for devices. Pure. */

import type { DeviceClass, JurisdictionFacts } from '../../../catalogue/facts.ts'
import type { Outcome } from '../../../catalogue/outcomes.ts'
import type { Determination } from '../../../determination/determination.ts'
import { BLANK_DEVICE } from '../../../device/blank.ts'
import type { ScreenedDevice } from '../../../device/screened-device.ts'
import type { PlainDate } from '../../../lib/calendar.ts'
import type { Knowledge } from '../../../screening/knowledge.ts'
import { screen } from '../../../screening/screen.ts'

/** What would be bought. */
export interface Offered {
  readonly manufacturer: string | null
  readonly model: string | null
  readonly deviceClass: DeviceClass | null
  readonly hasRadio: boolean | null
  readonly fccId: string | null
}

interface Reason {
  readonly regime: string
  readonly activity: string
  readonly outcome: Outcome
  readonly because: string
  readonly citation: string
}

/** `refused`: may not be bought. `review`: somebody has to settle it first. */
type Verdict = 'accepted' | 'review' | 'refused'

export interface CandidateScreening {
  readonly verdict: Verdict
  /** Null when that is not known: federal money then does not pay. */
  readonly mayBePaidFederally: boolean | null
  readonly maker: string | null
  readonly brand: string | null
  readonly identification: 'resolved' | 'ambiguous' | 'unresolved'
  readonly confidence: number
  /** What refuses it, or what has to be settled. */
  readonly reasons: readonly Reason[]
  /** No bar, but a risk to deliveries and prices. */
  readonly cautions: readonly Reason[]
}

const BARS: readonly Outcome[] = [
  'prohibited',
  'license-required',
  'unallowable',
  'contract-bar',
  'seller-bar',
]
const CAUTIONS: readonly Outcome[] = ['vendor-risk', 'permitted-with-caution']
const CLEAR: readonly Outcome[] = ['permitted', 'not-applicable']

/** Screens the offer twice, as bought with the city's own money and as bought with a federal grant. */
export function screenCandidate(
  offered: Offered,
  jurisdiction: JurisdictionFacts,
  knowledge: Knowledge,
  asOf: PlainDate,
): CandidateScreening {
  const bought = (fundingSource: 'local' | 'federal-grant') =>
    screen(newDevice(offered, asOf, fundingSource), jurisdiction, knowledge, asOf)
  const locally = bought('local')
  const federally = bought('federal-grant')
  const buying = locally.determinations.filter((d) => d.activity === 'procure')
  const paying = federally.determinations.filter((d) => d.activity === 'federal-funding')
  const bars = buying.filter((d) => BARS.includes(d.outcome))
  const cautions = buying.filter((d) => CAUTIONS.includes(d.outcome))
  const open = buying.filter((d) => ![...BARS, ...CAUTIONS, ...CLEAR].includes(d.outcome))
  const unpaid = paying.filter((d) => !CLEAR.includes(d.outcome) && !CAUTIONS.includes(d.outcome))
  const { identification } = locally
  const isSettled = identification.status === 'resolved' && !identification.needsReview && open.length === 0
  const isBarred = unpaid.some((d) => BARS.includes(d.outcome))
  return {
    verdict: bars.length > 0 ? 'refused' : isSettled && !isBarred ? 'accepted' : 'review',
    mayBePaidFederally: isBarred || bars.length > 0 ? false : isSettled && unpaid.length === 0 ? true : null,
    maker: identification.maker,
    brand: identification.brand,
    identification: identification.status,
    confidence: identification.confidence,
    reasons: (bars.length > 0 ? bars : [...open, ...unpaid]).map(reasonOf),
    cautions: cautions.map(reasonOf),
  }
}

/** A unit as it would be bought on that day. What a purchase does not say yet stays unknown. */
function newDevice(
  offered: Offered,
  asOf: PlainDate,
  fundingSource: 'local' | 'federal-grant',
): ScreenedDevice {
  return {
    ...BLANK_DEVICE,
    manufacturer: offered.manufacturer,
    model: offered.model,
    fccId: offered.fccId,
    deviceClass: offered.deviceClass,
    hasRadio: offered.hasRadio,
    status: 'planned',
    purpose: 'public-safety',
    acquiredOn: asOf,
    obligatedOn: asOf,
    paidOn: asOf,
    producedOn: asOf,
    fundingSource,
  }
}

function reasonOf({ regime, activity, outcome, because, citation }: Determination): Reason {
  return { regime, activity, outcome, because, citation }
}

export interface Concentration {
  readonly of: 'maker' | 'country' | 'chip'
  /** Herfindahl-Hirschman index of the shares, 0 to 10,000; null when nothing is chosen. */
  readonly hhi: number | null
  readonly shares: readonly { readonly value: string; readonly devices: number; readonly share: number }[]
  /** Values that more than half of the devices would depend on. */
  readonly above50: readonly string[]
}

/** How far the chosen replacements depend on one maker, country or chip. */
export function concentration(
  of: Concentration['of'],
  chosen: readonly { readonly value: string | null; readonly devices: number }[],
): Concentration {
  const counts = new Map<string, number>()
  for (const { value, devices } of chosen) {
    if (devices > 0) counts.set(value ?? 'unknown', (counts.get(value ?? 'unknown') ?? 0) + devices)
  }
  const total = [...counts.values()].reduce((a, b) => a + b, 0)
  const shares = [...counts]
    .map(([value, devices]) => ({ value, devices, share: devices / total }))
    .sort((a, b) => b.devices - a.devices || (a.value < b.value ? -1 : 1))
  return {
    of,
    hhi: total === 0 ? null : Math.round(shares.reduce((sum, one) => sum + one.share ** 2, 0) * 10_000),
    shares,
    above50: shares.filter((one) => one.share > 0.5).map((one) => one.value),
  }
}

/** Delivery times that a counter-sanction on the maker could multiply, and prices; judgment, for a scenario. */
export const COUNTER_SANCTION_EFFECTS = { leadTime: [1.5, 2.5], highPrice: 1.25 } as const
