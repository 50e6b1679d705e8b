/** One regime: from its rules to one verdict per activity. */

import { ACTIVITIES, type Activity, isFinding, type Outcome, severity } from '../catalogue/outcomes.ts'
import type { License } from '../catalogue/rules.ts'
import type { NoRule } from './findings.ts'
import { firing, type Hit, outcomeOf } from './firing.ts'
import type { CompiledRegime } from './law.ts'
import { type Lifted, licensed } from './licenses.ts'
import { RegimeView } from './regime-view.ts'
import { type Maker, type Part, type Situation, UNKNOWN_MAKER } from './situation.ts'

type Ground =
  | { readonly kind: 'rule'; readonly hit: Hit; readonly licenses: readonly License[] }
  | { readonly kind: NoRule; readonly view: RegimeView }

export interface Verdict {
  readonly activity: Activity
  readonly outcome: Outcome
  readonly ground: Ground
  /** What stood before doubt about the maker turned it into `review`; null when there is no such doubt. */
  readonly doubted: Outcome | null
  /** The ground is a part of the device and not who built it: suspected, or stated by its maker. */
  readonly part?: Part['standing']
}

/** One verdict per activity. */
export function settle(compiled: CompiledRegime, situation: Situation): Verdict[] {
  const { makers, suspects } = situation
  const own = (makers.length === 0 ? [UNKNOWN_MAKER] : makers).map((maker) =>
    judge(compiled, maker, situation),
  )
  const doubts = suspects.map((maker) => judge(compiled, maker, situation))
  const parts = compiled.regime.reachesParts === true ? situation.parts : []
  const ofParts = parts.map(({ maker, standing }) => ({
    standing,
    verdicts: judge(compiled, maker, situation),
  }))
  return ACTIVITIES.map((_, index) => {
    const whole = ofWhole(index)
    return ofParts.reduce(
      (verdict, { verdicts, standing }) => withPart(verdict, verdicts[index]!, standing),
      whole,
    )
  })

  function ofWhole(index: number): Verdict {
    const verdict = own.map((verdicts) => verdicts[index]!).reduce(moreSevere)
    const doubt = doubts
      .map((verdicts) => verdicts[index]!)
      .reduce<Verdict | null>((worst, next) => (worst ? moreSevere(worst, next) : next), null)
    const doubtBites = doubt !== null && isFinding(doubt.outcome)
    if (makers.length === 0) {
      if (doubtBites) return inReview(doubt)
      return isFinding(verdict.outcome) ? inReview(verdict) : verdict
    }
    // A license covers whom it names, which is not who else may have built the device.
    if (isLicensed(verdict) && doubtBites && severity(doubt.outcome) < severity(verdict.outcome))
      return { ...doubt, doubted: doubt.outcome }
    return doubtBites && severity(verdict.outcome) > severity('review') ? inReview(doubt) : verdict
  }
}

/**
 * A part of a restricted maker counts as if that maker had built the device where the maker states it. Otherwise it is a
 * suspicion of its own: a person looks where a sign or a record of most models speaks for it, and a buyer is warned where
 * only some models are known to hold one.
 */
function withPart(verdict: Verdict, part: Verdict, standing: Part['standing']): Verdict {
  if (!isFinding(part.outcome)) return verdict
  if (standing === 'stated')
    return severity(verdict.outcome) <= severity(part.outcome) ? verdict : { ...part, part: standing }
  const isLikely = standing === 'likely'
  const isBarred = severity(part.outcome) < severity('review')
  // What hangs on an open fact and on some models is too little to say of every device of a label.
  const isCertain = part.ground.kind === 'rule' && part.ground.hit.truth === true
  if (!isLikely && !(isBarred && isCertain)) return verdict
  const outcome =
    isLikely && severity(part.outcome) <= severity('review') ? 'review' : 'permitted-with-caution'
  if (severity(verdict.outcome) <= severity(outcome)) return verdict
  return { ...part, outcome, doubted: part.outcome, part: standing }
}

function inReview(verdict: Verdict): Verdict {
  return { ...verdict, outcome: 'review', doubted: verdict.outcome }
}

function isLicensed({ ground }: Verdict): boolean {
  return ground.kind === 'rule' && ground.licenses.length > 0
}

/** The first of two equals, so that the order of candidates decides and not chance. */
function moreSevere(a: Verdict, b: Verdict): Verdict {
  return severity(b.outcome) < severity(a.outcome) ? b : a
}

function judge({ regime, rules }: CompiledRegime, maker: Maker, situation: Situation): Verdict[] {
  const view = new RegimeView(regime, maker, situation)
  const isInForce = view.status !== null && view.status !== 'proposed' && view.status !== 'not-issued'
  const hits = isInForce ? firing(rules, view) : []
  return ACTIVITIES.map((activity): Verdict => {
    const verdict = (outcome: Outcome, ground: Ground): Verdict => ({
      activity,
      outcome,
      ground,
      doubted: null,
    })
    if (!regime.activities.includes(activity))
      return verdict('not-applicable', { kind: 'not-governed', view })
    if (!isInForce) return verdict('not-applicable', { kind: 'not-in-force', view })
    let best: (Lifted & { hit: Hit }) | null = null
    for (const hit of hits) {
      const barred = outcomeOf(hit, activity)
      if (barred === undefined) continue
      const lifted = licensed(barred, activity, hit, situation)
      if (best === null || precedes(lifted.outcome, hit, best.outcome, best.hit)) best = { ...lifted, hit }
    }
    if (best) return verdict(best.outcome, { kind: 'rule', hit: best.hit, licenses: best.licenses })
    if (regime.isLocal) return verdict('permitted', { kind: 'not-reached', view })
    if (view.covered || view.covering(regime.id).length > 0 || view.classes().length > 0) {
      return verdict('review', { kind: 'no-rule', view })
    }
    return verdict('permitted', { kind: 'not-listed', view })
  })
}

/** The more severe; of equals the one that is certain, then the first by id. */
function precedes(outcome: Outcome, hit: Hit, than: Outcome, thanHit: Hit): boolean {
  const difference = severity(outcome) - severity(than)
  if (difference !== 0) return difference < 0
  if (hit.truth !== thanHit.truth) return hit.truth === true
  return false
}
