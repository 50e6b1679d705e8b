/** The one figure that a council is asked for, and the parts it is made of. Pure. */
import type { EstimateDocument, ScheduleDocument } from '../../documents.ts'

interface RequestPart {
  readonly label: string
  readonly cents: number
}

export interface Request {
  readonly cents: number
  /** Add up to it, to the cent. */
  readonly parts: readonly RequestPart[]
  /** Ordered or paid already, which is on the capital page too. */
  readonly committedCents: number
}

/**
 * With a schedule, what is still to be spent of what is scheduled, in the money of its years; it is the total of the
 * capital page less what is ordered or paid. Before there is a schedule, the amount at the chosen confidence.
 */
export function requestOf(estimate: EstimateDocument, schedule: ScheduleDocument | null): Request {
  const expected = [
    { label: 'Expected costs added up', cents: estimate.pointCents },
    { label: `Contingency to P${estimate.confidence}`, cents: estimate.contingencyCents },
  ]
  if (schedule === null) return { cents: estimate.atConfidenceCents, parts: expected, committedCents: 0 }
  const cents = schedule.outcome.nominalCents
  const committedCents = schedule.capitalPage.expenditureTotal.at(-1)! - cents
  const unplaced = schedule.sites.filter(({ fiscalYear }) => fiscalYear === null)
  const left = unplaced.reduce((total, { costCents }) => total + costCents, 0)
  const rise = riseOf(estimate, schedule)
  const done = schedule.completed?.length ?? 0
  // What the parts do not explain: sites that are done, or what is ordered beyond the cost of its site, or cents.
  const rest = cents - (estimate.atConfidenceCents - left + rise - committedCents)
  const isRise = done === 0 && committedCents === 0
  return {
    cents,
    committedCents,
    parts: [
      ...expected,
      ...part('Sites that do not fit', -left),
      ...part('Sites that are done', done > 0 ? rest : 0),
      ...part('Ordered or paid already', -committedCents + (done === 0 && !isRise ? rest : 0)),
      ...part(
        `Rise of prices until the work, ${estimate.settings.escalationPercent} % a year`,
        rise + (isRise ? rest : 0),
      ),
    ],
  }
}

function part(label: string, cents: number): RequestPart[] {
  return cents === 0 ? [] : [{ label, cents }]
}

/** What the sites cost more in the money of their years than in that of the first. */
function riseOf({ settings }: EstimateDocument, { sites }: ScheduleDocument): number {
  const { escalationPercent, firstFiscalYear } = settings
  return sites.reduce((total, { fiscalYear, costCents, committedCents = 0 }) => {
    if (fiscalYear === null) return total
    const open = costCents - committedCents
    return total + Math.round(open - open / (1 + escalationPercent / 100) ** (fiscalYear - firstFiscalYear))
  }, 0)
}

/** What the same work costs more when all of it is done a year later. */
export function costOfWaiting({ settings }: EstimateDocument, cents: number): number {
  return Math.round((cents * settings.escalationPercent) / 100)
}
