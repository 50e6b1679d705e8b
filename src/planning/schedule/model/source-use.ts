/** Who pays which part of which site: the payments of a window, laid over the parts that they pay. */
import { type Cents, split } from '../../../lib/money.ts'
import { type IneligibleReason, ineligibility } from '../../funding/model/rules.ts'
import type { Candidate } from './phasing/optimize.ts'
import type { Prepared } from './phasing/prepare.ts'
import type { PhasingFund, PhasingProblem } from './phasing/problem.ts'
import type { Payer, Window } from './phasing/windows.ts'
import type { CostsOfSites, SitePart } from './site-costs.ts'

/** Cents of one fund for one part of one site. */
export interface SourceUse {
  readonly site: string
  readonly part: SitePart
  readonly window: Window
  /** Everyone who may pay the part. */
  readonly payers: readonly Payer[]
  readonly fund: number
  readonly cents: Cents
}

/** Parts add up to the sites, and to what each fund pays. */
export function sourceUsesOf(
  { problem }: Prepared,
  { plan, payments }: Pick<Candidate, 'plan' | 'payments'>,
  costs: CostsOfSites,
): readonly SourceUse[] {
  const cells = new Map<string, { site: string; part: SitePart; window: Window; open: Cents }[]>()
  for (const [i, { key }] of problem.sites.entries()) {
    const window = plan.get(key) ?? null
    if (window === null) continue
    for (const part of costs.sites[i]!.parts) {
      const open = part.costCents.get(window.year)!
      const place = `${window.index}/${window.payersOf[part.kind]!}`
      const known = cells.get(place)
      if (known) known.push({ site: key, part, window, open })
      else cells.set(place, [{ site: key, part, window, open }])
    }
  }
  const uses: SourceUse[] = []
  for (const { window, set, payer, cents } of payments) {
    const own = cells.get(`${window.index}/${set}`) ?? []
    const parts = split(
      cents,
      own.map((cell) => cell.open),
    )
    for (const [c, cell] of own.entries()) {
      const part = parts[c]!
      if (part === 0n) continue
      cell.open -= part
      const { site, window: when } = cell
      uses.push({
        site,
        part: cell.part,
        window: when,
        payers: when.payers[set]!,
        fund: payer.fund,
        cents: part,
      })
    }
  }
  return uses
}

/** What of the scheduled cost a fund may not pay, and why. */
export function reasonsOf(
  problem: PhasingProblem,
  uses: readonly SourceUse[],
  f: number,
): { because: string; cents: number }[] {
  const fund = problem.funds[f]!
  const barred = new Map<IneligibleReason, Cents>()
  for (const { part, window, payers, cents } of uses) {
    if (payers.some((payer) => payer.fund === f)) continue
    const because = ineligibility(problem.kinds[part.kind]!, fund) ?? outside(fund, window)
    if (because !== null) barred.set(because, (barred.get(because) ?? 0n) + cents)
  }
  return [...barred].map(([because, cents]) => ({ because, cents: Number(cents) }))
}

/** null when the fund could pay on the day and has nothing left. */
function outside({ period }: PhasingFund, window: Window): 'outside-period' | null {
  const isBefore = period.from !== null && period.from > window.from
  const isAfter = period.to !== null && period.to < window.to
  return isBefore || isAfter ? 'outside-period' : null
}
