/** What a screening did not count, and what it would have to be told once, in words. Pure. */

import { isAskedOfCity } from '../determination/city-facts.ts'
import { memoryOf } from '../lib/memory.ts'
import type { Screening } from './screen.ts'

/** What each fact of a city is asked as. */
const QUESTIONS: Readonly<Record<string, string>> = {
  country: 'In which country is the body?',
  state: 'In which state is the body?',
  kind: 'What kind of body is it: city, county, school, state agency?',
  federalContractor: 'Does it hold a contract under the Federal Acquisition Regulation itself?',
  sellsToFederal: 'Does it sell equipment or services to a federal buyer?',
  defenseContract: 'Is one of its federal contracts or sales with the Department of Defense?',
  receivesFccSupport:
    'Does it receive support that the FCC administers, such as E-Rate, for any of its equipment?',
  sharesBulkData: 'Can makers or their services see its footage, faces, plates or positions in bulk?',
}

export interface CityQuestion {
  readonly fact: string
  readonly question: string
  /** Items with a finding that hangs on it. */
  readonly items: number
}

/** Whom the open findings of a device wait for, and what they would have to hear from its city. */
export interface Open {
  /** `person` when somebody has to look at the device, whatever the city answers. */
  readonly waitsFor: 'city' | 'person' | null
  /** Facts of the jurisdiction, sorted. */
  readonly cityQuestions: readonly string[]
}

/** Devices of which the rules say the same share their determinations, and this. */
export function openOf({ determinations }: Pick<Screening, 'determinations'>): Open {
  return openAmong(determinations)
}

const openAmong = memoryOf((determinations: Screening['determinations']): Open => {
  const waiting = determinations.filter(({ waitsFor }) => waitsFor !== null)
  const facts = waiting.flatMap(({ missingFacts }) => missingFacts.filter(isAskedOfCity))
  const isForPerson = waiting.some(({ waitsFor }) => waitsFor === 'person')
  const waitsFor = isForPerson ? 'person' : waiting.length > 0 ? 'city' : null
  return { waitsFor, cityQuestions: [...new Set(facts)].sort() }
})

/** What a city has not said and some finding hangs on, the most frequent first. */
export function cityQuestions(screenings: readonly Screening[]): CityQuestion[] {
  const counts = new Map<string, number>()
  for (const screening of screenings)
    for (const fact of openOf(screening).cityQuestions) counts.set(fact, (counts.get(fact) ?? 0) + 1)
  return inOrder(counts).map(([fact, items]) => ({ fact, question: questionOf(fact), items }))
}

/** The most frequent first. */
export function inOrder(counts: ReadonlyMap<string, number>): [string, number][] {
  return [...counts].sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1))
}

/** What a fact of a city is asked as. */
export function questionOf(fact: string): string {
  return QUESTIONS[fact] ?? fact
}

const NOT_COUNTED =
  'Licenses, waivers and firmware images that a city holds of its own, and its own local laws, were not counted; general licenses that an authority gave to everybody were.'

/** Sentences on what the answer leaves out. */
export function leftOut(screenings: readonly Screening[], countsHoldings = false): string[] {
  const unread = new Set(
    screenings.flatMap(({ determinations }) =>
      determinations.filter(({ ruleId }) => ruleId.endsWith(':not-read')).map(({ because }) => because),
    ),
  )
  return [...(countsHoldings ? [] : [NOT_COUNTED]), ...unread]
}

/** Items of which a person has to look at the device itself. */
export function needPerson(screenings: readonly Screening[]): number {
  return screenings.filter((screening) => openOf(screening).waitsFor === 'person').length
}
