/** The rules of a regime that fire, and what keeps each of them open. */

import { type Activity, type Outcome, severity } from '../catalogue/outcomes.ts'
import type { Truth } from '../catalogue/rules.ts'
import type { Plain } from './findings.ts'
import type { CompiledRule, Milder } from './law.ts'
import type { RegimeView } from './regime-view.ts'

/** A rule that fired, for one maker. */
export interface Hit {
  readonly rule: CompiledRule
  readonly truth: true | null
  readonly view: RegimeView
  /** What kept it open; none when it is true. */
  readonly missing: readonly string[]
  /** What counts instead while a fact is open that hardly anybody has. */
  readonly milder: Milder | null
  /** One hit answers for several activities: what it said, by license ids. */
  readonly explained: Record<string, Plain>
}

export function firing(rules: readonly CompiledRule[], view: RegimeView): Hit[] {
  const hits: Hit[] = []
  const { asOf, status } = view
  for (const rule of rules) {
    const { from, to } = rule.inForce
    if ((from !== null && asOf < from) || (to !== null && asOf >= to)) continue
    const isDuring = rule.during.includes(status!)
    if (!isDuring && status !== 'unknown') continue
    const truth = rule.condition.truth(view)
    if (truth === false) continue
    const missing = missingOf(rule, view, isDuring, truth)
    const milder = rule.milder.find(({ facts }) => facts.some((name) => missing.includes(name))) ?? null
    hits.push({ rule, truth: isDuring ? truth : null, view, missing, milder, explained: {} })
  }
  return hits
}

function missingOf(rule: CompiledRule, view: RegimeView, isDuring: boolean, truth: Truth): readonly string[] {
  if (isDuring && truth === true) return []
  const missing = new Set<string>()
  if (!isDuring) missing.add(`regimeStatus:${view.regime.id}`)
  if (truth === null) rule.condition.missing(view, missing)
  return [...missing]
}

/** What the rule makes of the activity; undefined when it does not speak of it. */
export function outcomeOf({ rule, milder, missing }: Hit, activity: Activity): Outcome | undefined {
  const outcome = (milder ?? rule).outcomes[activity]
  if (outcome === undefined || severity(outcome) >= severity('review')) return outcome
  // Who owns whom, and whom an entry of a list names, are facts that no city knows: until they are settled, a person decides.
  return missing.some((name) => /^(?:ownership|listing):/.test(name)) ? 'review' : outcome
}
