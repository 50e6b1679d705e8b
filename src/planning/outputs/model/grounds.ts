/** The rules behind the devices of a line, a site or a whole plan, as papers print them. Pure. */
import { ACTIVITY_WORDS, type Activity, OUTCOME_WORDS, type Outcome } from '../../../catalogue/outcomes.ts'
import type { EstimateDocument } from '../../documents.ts'
import { NO_SITE } from '../../estimate/model/lines.ts'

type Grounds = NonNullable<EstimateDocument['grounds']>
export type GroundRule = Grounds['rules'][number]

/** An estimate from before grounds were kept has none. */
export function groundsIn({ grounds }: Pick<EstimateDocument, 'grounds'>): Grounds {
  return grounds ?? { lawAsOf: '', listsReadOn: '', rules: [], places: [] }
}

/** Where the devices of a line stand, who made them and what holds against them; '' where it has several. */
export interface LinePlace {
  readonly site: string
  readonly vendor: string
  readonly restriction: string
}

/** The rules for which the devices of a line are there. A line of a whole site or project has those of all its devices. */
export function rulesOf({ rules, places }: Grounds, { site, vendor, restriction }: LinePlace): GroundRule[] {
  const siteId = site === NO_SITE ? '' : site
  const found = new Set(
    places
      .filter(
        (place) =>
          (site === '' || place.siteId === siteId) &&
          (vendor === '' || place.vendor === vendor) &&
          (restriction === '' || place.restriction === restriction),
      )
      .flatMap((place) => place.rules),
  )
  return [...found].sort((a, b) => a - b).map((at) => rules[at]!)
}

/** Each once, in the order of the rules. */
export const ruleIdsOf = (rules: readonly GroundRule[]) => joined(rules.map(({ ruleId }) => ruleId))
export const citationsOf = (rules: readonly GroundRule[]) => joined(rules.map(({ citation }) => citation))

function joined(texts: readonly string[]): string {
  return [...new Set(texts)].join('; ')
}

/** "Keep using: would break a federal contract" */
export function whatItSays({ activity, outcome }: GroundRule): string {
  return `${ACTIVITY_WORDS[activity as Activity]}: ${OUTCOME_WORDS[outcome as Outcome].toLowerCase()}`
}

/** "Law as of 2026-11-29, lists read on 2026-11-29."; empty where the estimate does not say. */
export function sentenceOfLaw(estimate: EstimateDocument): string {
  const { lawAsOf, listsReadOn } = groundsIn(estimate)
  return lawAsOf === '' ? '' : `Law as of ${lawAsOf}, lists read on ${listsReadOn}.`
}
