/** What a license lifts of an outcome, and when. */

import { type Activity, type Outcome, severity } from '../catalogue/outcomes.ts'
import {
  type Compiled,
  type Condition,
  type CoveringListing,
  compile,
  type License,
} from '../catalogue/rules.ts'
import { memoryOf } from '../lib/memory.ts'
import type { Hit } from './firing.ts'
import { licensedDays } from './license-days.ts'
import type { RegimeView } from './regime-view.ts'
import type { Situation } from './situation.ts'

/**
 * Each sanctions program that covers the maker bars by itself, so each needs a license that lifts it alone: the least
 * that one of them lifts is what is lifted. The terms of two licenses are never put together under one program.
 */
export function licensed(
  outcome: Outcome,
  activity: Activity,
  { view }: Hit,
  { licenses, subject }: Situation,
): Lifted {
  const barred: Lifted = { outcome, licenses: [] }
  const terms = view.regime.licensing
  if (licenses.length === 0 || terms === null || severity(outcome) >= severity('conditional')) return barred
  const fitting = licenses.filter((license) => fits(license, activity, view, subject.identification.brand))
  if (fitting.length === 0) return barred
  const found = byProgram(view.covering(view.regime.id)).map((covering): Lifted => {
    let best = barred
    for (const license of fitting) {
      const lifted = terms[license.kind][activity]
      if (lifted === undefined || severity(lifted) <= severity(best.outcome)) continue
      if (coversAll(license, covering, view)) best = { outcome: lifted, licenses: [license] }
    }
    return best
  })
  if (found.some(({ licenses }) => licenses.length === 0)) return barred
  return {
    outcome: found.map((one) => one.outcome).reduce((a, b) => (severity(b) < severity(a) ? b : a)),
    licenses: [...new Set(found.flatMap((one) => one.licenses))],
  }
}

export interface Lifted {
  readonly outcome: Outcome
  /** All that it takes together, one for each program at most; none where nothing is lifted. */
  readonly licenses: readonly License[]
}

/** One group at least: a class of products covers without a listing of the maker. */
function byProgram(covering: readonly CoveringListing[]): readonly (readonly CoveringListing[])[] {
  const programs = [...new Set(covering.map(({ listing }) => listing.program ?? null))]
  if (programs.length === 0) return [[]]
  return programs.map((program) => covering.filter(({ listing }) => (listing.program ?? null) === program))
}

/** Whether it counts for the activity, the holder and the day, whomever it names. */
function fits(license: License, activity: Activity, view: RegimeView, brand: string | null): boolean {
  const maker = view.maker.id
  if (maker === null || license.regime !== view.regime.id || license.status !== 'active') return false
  if (!license.activities.includes(activity)) return false
  if (!['anyone', 'jurisdiction', maker, brand].includes(license.holder)) return false
  const { from, to } = licensedDays(license)
  if ((from !== null && view.asOf < from) || (to !== null && view.asOf >= to)) return false
  return !license.when || compileTerms(license.when).truth(view) === true
}

function coversAll(
  { entities, program, includesOwned }: License,
  covering: readonly CoveringListing[],
  view: RegimeView,
): boolean {
  const names = (vendor: string) => entities === 'any' || entities.includes(vendor)
  const namesMaker = names(view.maker.id!)
  const namesAll = covering.every(
    ({ listing, inherited }) =>
      names(listing.vendor!) &&
      (program === undefined || program === (listing.program ?? null)) &&
      (!inherited || namesMaker || includesOwned === true),
  )
  return namesAll && (view.classes().length === 0 || namesMaker)
}

const compileTerms = memoryOf((when: Condition): Compiled => compile(when))
