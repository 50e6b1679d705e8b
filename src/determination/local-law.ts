/**
 * Rules that a city or a state made for itself. They are judged beside the law that everybody shares and added to what
 * it says: no answer of that law is looked at or changed, so that a rule of a place restricts and never clears.
 */

import { severity } from '../catalogue/outcomes.ts'
import type { Listing, Regime, Rule } from '../catalogue/rules.ts'
import type { Relationship } from '../catalogue/vendors.ts'
import { memoryOf } from '../lib/memory.ts'
import { sortedDates } from './coverage.ts'
import type { Determined } from './determination.ts'
import { buildRegimeKnowledge, type RegimeKnowledge } from './law.ts'

/** The rows of a law of a place. */
export interface LocalRows {
  readonly regimes: readonly Regime[]
  readonly listings: readonly Listing[]
  readonly rules: readonly Rule[]
}

/** The rules of a place, made ready to be judged beside `shared`, whose lists they may look at. */
export function localKnowledge(
  shared: RegimeKnowledge,
  { regimes, listings, rules }: LocalRows,
  relationships: readonly Relationship[],
): RegimeKnowledge {
  const own = buildRegimeKnowledge({ regimes, listings, relationships, rules }, shared.byId)
  return {
    ...own,
    byId: new Map([...shared.byId, ...own.byId]),
    vendors: shared.vendors,
    coverage: {
      covering: (query) => (own.byId.has(query.list) ? own : shared).coverage.covering(query),
      hasDatedOwners: shared.coverage.hasDatedOwners,
      dates: own.coverage.dates,
    },
    // Whom a tie reaches is cut by the law that everybody shares already.
    boundaries: own.boundaries.filter((day) => !shared.boundaries.includes(day)),
  }
}

/** What the shared law says, with what the rules of the place say. Equal pairs give the same object. */
export const withLocalLaw = (shared: Determined, local: Determined): Determined => togetherWith(shared)(local)

const togetherWith = memoryOf((shared: Determined) =>
  memoryOf((local: Determined) => together(shared, local)),
)

function together(shared: Determined, local: Determined): Determined {
  const headline = { ...shared.headline }
  for (const { activity, outcome } of local.determinations)
    if (severity(outcome) < severity(headline[activity])) headline[activity] = outcome
  return {
    determinations: [...shared.determinations, ...local.determinations],
    headline,
    validUntil: sortedDates([shared.validUntil, local.validUntil])[0] ?? null,
  }
}
