/** Facts that are missing, in the words of a reader. */
import { OUTCOME_WORDS, type Outcome } from '../catalogue/outcomes.ts'
import type { FactName } from '../catalogue/rules.ts'

const IN_WORDS: Readonly<Record<Exclude<FactName, 'asOf' | 'status'>, string>> = {
  maker: 'who made it',
  deviceClass: 'the kind of product',
  hasRadio: 'whether it has a radio',
  purpose: 'its purpose',
  enforcementUse: 'whether it serves enforcement',
  acquiredOn: 'the day of purchase',
  obligatedOn: 'the day the money was obligated',
  paidOn: 'the day of payment',
  installedOn: 'the day of installation',
  producedOn: 'the day of production',
  fundingSource: 'which money bought it',
  federalPassThrough: 'whether the state grant passes federal money through',
  updateChannel: 'how it gets updates',
  networkExposure: 'how it is connected',
  paidSupport: 'whether updates come under a paid plan',
  firmwareObtainedOn: 'the day on which the firmware image was obtained',
  producedIn: 'the country of production',
  consumerGrade: 'whether it is made for households',
  modelAuthorizedOn: 'the day on which the model was authorized',
  fccSubsidy: 'whether support of the FCC paid for it',
  makerCountry: 'the country of the maker',
  country: 'the country of the city',
  state: 'the state of the city',
  kind: 'what kind of body the city is',
  federalContractor: 'whether the city holds a federal contract',
  sellsToFederal: 'whether the city sells to a federal buyer',
  defenseContract: 'whether the city has a contract with the Department of Defense',
  receivesFccSupport: 'whether the city receives support of the FCC',
  sharesBulkData: 'whether makers see data of the city in bulk',
}

/** An outcome as a sentence names it: by its words and not by its code. */
export function inWords(outcome: Outcome): string {
  return `“${OUTCOME_WORDS[outcome]}”`
}

/** A sentence on what would settle it; none where nothing is missing. `nameOf` gives the name of a vendor. */
export function whatIsMissing(facts: readonly string[], nameOf: (vendor: string) => string): string[] {
  if (facts.length === 0) return []
  const words = [...new Set(facts.map((fact) => factWords(fact, nameOf)))]
  const last = words.at(-1)!
  const list = words.length === 1 ? last : `${words.slice(0, -1).join(', ')} and ${last}`
  return [`Not on record: ${list}.`]
}

export function factWords(fact: string, nameOf: (vendor: string) => string = (id) => id): string {
  const [what, about = ''] = fact.split(':')
  const whose = nameOf(about.split('/')[0]!)
  if (what === 'regimeStatus') return 'whether the rule is in force now'
  if (what === 'ownership') return `a source for who owns ${whose}`
  if (what === 'listing') return `who confirmed that the entry of the list is ${whose}`
  if (what === 'ownershipPct') return `how many percent of ${whose} its owner holds`
  return (IN_WORDS as Readonly<Record<string, string>>)[fact] ?? fact
}
