/** Facts that are missing, in the words of a reader. */
import type { FactName } from '../catalogue/rules.ts'

const IN_WORDS: Readonly<Record<Exclude<FactName, 'asOf' | 'maker' | 'status'>, string>> = {
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

/** A sentence on what would settle it; none where nothing is missing. */
export function whatIsMissing(facts: readonly string[]): string[] {
  if (facts.length === 0) return []
  const words = [...new Set(facts.map(factWords))]
  const last = words.at(-1)!
  const list = words.length === 1 ? last : `${words.slice(0, -1).join(', ')} and ${last}`
  return [`Not on record: ${list}.`]
}

export function factWords(fact: string): string {
  const [what, about = ''] = fact.split(':')
  if (what === 'regimeStatus') return 'whether the rule is in force now'
  if (what === 'ownership') return `a source for who owns ${about.split('/')[0]}`
  if (what === 'listing') return `who confirmed that the entry of the list is ${about}`
  if (what === 'ownershipPct') return `how many percent of ${about.split('/')[0]} its owner holds`
  return (IN_WORDS as Readonly<Record<string, string>>)[fact] ?? fact
}
