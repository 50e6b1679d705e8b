import { ACTIVITIES, type Activity, severity } from '../catalogue/outcomes.ts'
import { distinct, type Judged } from './findings.ts'
import type { Situation } from './situation.ts'

/**
 * Nobody who does not know the maker may read `permitted`: where no regime asks for a person or worse, the regime
 * that would bite most elsewhere does.
 */
export function withholdPermission(
  determinations: readonly Judged[],
  { subject }: Situation,
): readonly Judged[] {
  const asks = ({ outcome }: Judged) => severity(outcome) <= severity('review')
  const weight = new Map<string, number>()
  const open = new Set<Activity>(ACTIVITIES)
  for (const determination of determinations) {
    if (!asks(determination)) continue
    open.delete(determination.activity)
    weight.set(determination.regime, (weight.get(determination.regime) ?? 0) + 1)
  }
  if (open.size === 0) return determinations
  const chosen = new Map<Activity, Judged>()
  for (const determination of determinations) {
    const { activity, outcome, regime } = determination
    if (!open.has(activity) || outcome === 'not-applicable') continue
    const best = chosen.get(activity)
    if (!best || (weight.get(regime) ?? 0) > (weight.get(best.regime) ?? 0))
      chosen.set(activity, determination)
  }
  return determinations.map((determination) => {
    if (chosen.get(determination.activity) !== determination) return determination
    return {
      ...determination,
      outcome: 'review',
      because: `It is not settled who produced the device, so it cannot be called permitted. ${determination.because}`,
      missingFacts: distinct(['maker', ...subject.identification.wouldSettle, ...determination.missingFacts]),
      certainty: 'uncertain',
    }
  })
}
