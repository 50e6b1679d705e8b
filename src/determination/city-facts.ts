/** Facts that a city states once for all its devices. */
import type { JurisdictionFacts } from '../catalogue/facts.ts'
import type { FactName } from '../catalogue/rules.ts'

/** Whether a missing fact is one that a city says once. */
export function isAskedOfCity(fact: string): boolean {
  return OF_JURISDICTION.some((name) => name === fact)
}

/** Facts that a city says once for all its devices. */
export const OF_JURISDICTION = [
  'country',
  'state',
  'kind',
  'federalContractor',
  'sellsToFederal',
  'defenseContract',
  'receivesFccSupport',
  'sharesBulkData',
] as const satisfies readonly (keyof JurisdictionFacts)[]
true satisfies Exclude<keyof JurisdictionFacts, (typeof OF_JURISDICTION)[number]> extends never ? true : never

export function isOfJurisdiction(name: FactName): name is keyof JurisdictionFacts {
  return OF_JURISDICTION.some((fact) => fact === name)
}
