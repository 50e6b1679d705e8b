/** What a license lifts of an outcome, and when. */
import { type Activity, type Outcome, severity } from '../catalogue/outcomes.ts'
import { type Compiled, type Condition, compile, type Licence } from '../catalogue/rules.ts'
import type { Hit } from './firing.ts'
import { licensedDays } from './license-days.ts'
import type { RegimeView } from './regime-view.ts'
import type { Situation } from './situation.ts'

export function licensed(
  outcome: Outcome,
  activity: Activity,
  { view }: Hit,
  { licences, subject }: Situation,
): { outcome: Outcome; licence: Licence | null } {
  const terms = view.regime.licensing
  let result: { outcome: Outcome; licence: Licence | null } = { outcome, licence: null }
  if (licences.length === 0 || terms === null || severity(outcome) >= severity('conditional')) return result
  for (const licence of licences) {
    const lifted = terms[licence.kind][activity]
    if (lifted === undefined || severity(lifted) <= severity(result.outcome)) continue
    if (covers(licence, activity, view, subject.identification.brand)) result = { outcome: lifted, licence }
  }
  return result
}

export function covers(
  licence: Licence,
  activity: Activity,
  view: RegimeView,
  brand: string | null,
): boolean {
  const maker = view.maker.id
  if (maker === null || licence.regime !== view.regime.id || licence.status !== 'active') return false
  if (!licence.activities.includes(activity)) return false
  if (!['anyone', 'jurisdiction', maker, brand].includes(licence.holder)) return false
  const { from, to } = licensedDays(licence)
  if ((from !== null && view.asOf < from) || (to !== null && view.asOf >= to)) return false
  const names = (vendor: string) => licence.entities.includes(vendor)
  const namesAll = view
    .reached(view.regime.id)
    .every(
      ({ listing, inherited }) =>
        names(listing.vendor!) && (!inherited || names(maker) || licence.includesOwned === true),
    )
  if (!namesAll || (view.classes().length > 0 && !names(maker))) return false
  return !licence.when || compileTerms(licence.when).truth(view) === true
}

const termsOf = new WeakMap<Condition, Compiled>()

function compileTerms(when: Condition): Compiled {
  const known = termsOf.get(when)
  if (known) return known
  const compiled = compile(when)
  termsOf.set(when, compiled)
  return compiled
}
