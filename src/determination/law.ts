/** The law, indexed: regimes with their rules compiled, lists, makers, and every day on which an answer can change. */

import {
  type Compiled,
  compile,
  type FactName,
  type License,
  type Listing,
  type Regime,
  type Rule,
} from '../catalogue/rules.ts'
import type { Relationship, Vendor } from '../catalogue/vendors.ts'
import type { Period, PlainDate } from '../lib/calendar.ts'
import { buildCoverageIndex, type CoverageIndex, compare, sortedDates } from './coverage.ts'
import { licensedDays } from './license-days.ts'
import { type Sentence, sentence } from './sentence.ts'

type KnownVendor = Pick<
  Vendor,
  'id' | 'kind' | 'name' | 'country' | 'alsoMakes' | 'producesIn' | 'household' | 'confidence'
>

export interface KnowledgeInput {
  readonly regimes: readonly Regime[]
  readonly listings: readonly Listing[]
  readonly rules: readonly Rule[]
  readonly relationships: readonly Relationship[]
  /** Names, countries and further products of makers; a country that is not given is unknown. */
  readonly vendors?: readonly KnownVendor[]
}

export interface CompiledRule extends Rule {
  readonly condition: Compiled
  readonly explanation: Sentence
  readonly milder: readonly Milder[]
  /** Facts an answer of this rule lists. */
  readonly reads: readonly FactName[]
  readonly readsCoverage: boolean
}

export type Milder = NonNullable<Rule['whileUnknown']>[number] & { readonly explanation: Sentence }

export interface CompiledRegime {
  readonly regime: Regime
  readonly rules: readonly CompiledRule[]
}

/** The law, indexed. Build once per version of the data; opaque to callers. */
export interface RegimeKnowledge {
  readonly regimes: readonly CompiledRegime[]
  readonly byId: ReadonlyMap<string, Regime>
  readonly classes: ReadonlyMap<string, readonly Listing[]>
  readonly vendors: ReadonlyMap<string, KnownVendor>
  readonly coverage: CoverageIndex
  /** General licenses that the authorities gave to everybody. */
  readonly licenses: readonly License[]
  readonly boundaries: readonly PlainDate[]
}

/**
 * The order of the rows does not matter. Throws TypeError when a row names a regime that is not there. Rules may look
 * at the lists of `others` too.
 */
export function buildRegimeKnowledge(
  input: KnowledgeInput,
  others: ReadonlyMap<string, Regime> = new Map(),
): RegimeKnowledge {
  const byId = new Map(input.regimes.map((regime) => [regime.id, regime]))
  for (const { id, regime } of [...input.listings, ...input.rules]) {
    if (!byId.has(regime)) throw new TypeError(`${id} names the regime ${regime}, which is not there.`)
  }
  const rules = [...input.rules].sort((a, b) => compare(a.id, b.id)).map((rule) => compileRule(rule, byId))
  for (const { id, condition } of rules) {
    const unknown = condition.lists.find((regime) => !byId.has(regime) && !others.has(regime))
    if (unknown !== undefined)
      throw new TypeError(`${id} looks at the list of ${unknown}, which is not there.`)
  }
  const regimes = [...input.regimes]
    .filter(({ activities }) => activities.length > 0)
    .sort((a, b) => compare(a.id, b.id))
    .map((regime) => ({ regime, rules: rules.filter((rule) => rule.regime === regime.id) }))
  const classes = new Map<string, Listing[]>()
  for (const listing of [...input.listings].sort((a, b) => compare(a.id, b.id))) {
    if (listing.class) classes.set(listing.regime, [...(classes.get(listing.regime) ?? []), listing])
  }
  const coverage = buildCoverageIndex(
    input.listings.filter(({ scope }) => scope === 'equipment' || scope === 'software'),
    input.relationships,
  )
  const licenses = input.regimes.flatMap((regime) =>
    (regime.generalLicenses ?? []).map(
      (one): License => ({ ...one, regime: regime.id, kind: 'general', holder: 'anyone', status: 'active' }),
    ),
  )
  const periods: readonly Period[] = [
    ...licenses.map(licensedDays),
    ...input.regimes.flatMap((regime) => regime.periods),
    ...input.rules.map(({ inForce }) => inForce),
    ...input.listings,
    ...input.relationships,
  ]
  return {
    regimes,
    byId,
    classes,
    vendors: new Map((input.vendors ?? []).map((vendor) => [vendor.id, vendor])),
    coverage,
    licenses,
    boundaries: sortedDates([
      ...periods.flatMap(({ from, to }) => [from, to]),
      ...input.listings.flatMap(({ phases }) => Object.values(phases)),
      ...rules.flatMap(({ condition }) => condition.dates),
    ]),
  }
}

function compileRule(rule: Rule, regimes: ReadonlyMap<string, Regime>): CompiledRule {
  const condition = compile(rule.when)
  const readsCoverage = condition.facts.includes('maker')
  const datesProduction = readsCoverage && regimes.get(rule.regime)!.ownershipOn === 'production'
  const production: FactName[] = datesProduction ? ['producedOn'] : []
  return {
    ...rule,
    condition,
    explanation: sentence(rule.because),
    milder: (rule.whileUnknown ?? []).map((one) => ({ ...one, explanation: sentence(one.because) })),
    readsCoverage,
    reads: [...new Set<FactName>(['asOf', 'maker', ...production, ...condition.facts])],
  }
}

/** Every date at which an answer can change, sorted, each once. */
export function boundaries(knowledge: RegimeKnowledge): readonly PlainDate[] {
  return knowledge.boundaries
}
