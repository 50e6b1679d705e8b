/** What a license lifts of an outcome, and when. */

import { type Activity, type Outcome, severity } from '../catalogue/outcomes.ts'
import { type Compiled, type Condition, compile, type License } from '../catalogue/rules.ts'
import { memoryOf } from '../lib/memory.ts'
import type { Hit } from './firing.ts'
import { licensedDays } from './license-days.ts'
import type { RegimeView } from './regime-view.ts'
import type { Situation } from './situation.ts'

export function licensed(
  outcome: Outcome,
  activity: Activity,
  { view }: Hit,
  { licenses, subject }: Situation,
): { outcome: Outcome; license: License | null } {
  const terms = view.regime.licensing
  let result: { outcome: Outcome; license: License | null } = { outcome, license: null }
  if (licenses.length === 0 || terms === null || severity(outcome) >= severity('conditional')) return result
  for (const license of licenses) {
    const lifted = terms[license.kind][activity]
    if (lifted === undefined || severity(lifted) <= severity(result.outcome)) continue
    if (covers(license, activity, view, subject.identification.brand)) result = { outcome: lifted, license }
  }
  return result
}

function covers(license: License, activity: Activity, view: RegimeView, brand: string | null): boolean {
  const maker = view.maker.id
  if (maker === null || license.regime !== view.regime.id || license.status !== 'active') return false
  if (!license.activities.includes(activity)) return false
  if (!['anyone', 'jurisdiction', maker, brand].includes(license.holder)) return false
  const { from, to } = licensedDays(license)
  if ((from !== null && view.asOf < from) || (to !== null && view.asOf >= to)) return false
  const { entities, program } = license
  const names = (vendor: string) => entities === 'any' || entities.includes(vendor)
  const namesAll = view
    .covering(view.regime.id)
    .every(
      ({ listing, inherited }) =>
        names(listing.vendor!) &&
        (program === undefined || program === (listing.program ?? null)) &&
        (!inherited || names(maker) || license.includesOwned === true),
    )
  if (!namesAll || (view.classes().length > 0 && !names(maker))) return false
  return !license.when || compileTerms(license.when).truth(view) === true
}

const compileTerms = memoryOf((when: Condition): Compiled => compile(when))
