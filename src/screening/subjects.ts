/** What the answers on a profile depend on, as changes of the law and of firmware name it. */
import { isFinding } from '../catalogue/outcomes.ts'
import type { JurisdictionContext } from './context.ts'
import type { Knowledge } from './knowledge.ts'
import { ofClass, ofPlace, ofVendor } from './reach.ts'
import type { Screening } from './screen.ts'

export function subjectsOf(
  screening: Screening,
  { facts: { country, state } }: Pick<JurisdictionContext, 'facts'>,
  knowledge: Knowledge,
): readonly string[] {
  const { identification, firmwareRisk, deviceClass } = screening
  const { brand, maker, candidates, components, evidence, suggestions } = identification
  const vendors = [
    ...[brand, maker, ...evidence.map(({ pointsTo }) => pointsTo)],
    ...[...candidates, ...components, ...suggestions].map(({ vendor }) => vendor),
  ]
  return [
    ...new Set([
      ...firmwareRisk.subjects,
      ...vendors.flatMap((vendor) => (vendor === null ? [] : [ofVendor(vendor)])),
      ofClass(deviceClass),
      ofPlace(country ?? 'US', state),
      ...licensedSubjects(screening, knowledge),
    ]),
  ]
}

/** Laws of which a license may lift what is found, as changes of licenses name them. */
function licensedSubjects({ determinations }: Screening, { regimes }: Knowledge): string[] {
  return determinations.flatMap(({ regime, outcome, facts }) => {
    const isOpen = isFinding(outcome) || facts.license !== undefined
    return isOpen && regimes.byId.get(regime)?.licensing ? [`regime:${regime}`] : []
  })
}
