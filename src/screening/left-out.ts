/** What a screening did not count, and what it would have to be told once, in words. Pure. */
import { isAskedOfCity } from '../regimes/determine.ts'
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

/** What a city has not said and some finding hangs on, the most frequent first. */
export function cityQuestions(screenings: readonly Screening[]): CityQuestion[] {
  const counts = new Map<string, number>()
  for (const { determinations } of screenings) {
    const open = new Set(
      determinations
        .filter(({ waitsFor }) => waitsFor !== null)
        .flatMap(({ missingFacts }) => missingFacts.filter(isAskedOfCity)),
    )
    for (const fact of open) counts.set(fact, (counts.get(fact) ?? 0) + 1)
  }
  return [...counts]
    .map(([fact, items]) => ({ fact, question: QUESTIONS[fact] ?? fact, items }))
    .sort((a, b) => b.items - a.items || (a.fact < b.fact ? -1 : 1))
}

const NOT_COUNTED =
  'Licenses, waivers and firmware images that a city holds of its own were not counted; general licenses that an authority gave to everybody were.'

/** Sentences on what the answer leaves out. */
export function leftOut(screenings: readonly Screening[]): string[] {
  const unread = new Set(
    screenings.flatMap(({ determinations }) =>
      determinations.filter(({ ruleId }) => ruleId.endsWith(':not-read')).map(({ because }) => because),
    ),
  )
  return [NOT_COUNTED, ...unread]
}

/** Items of which a person has to look at the device itself. */
export function needPerson(screenings: readonly Screening[]): number {
  return screenings.filter(({ determinations }) =>
    determinations.some(({ waitsFor }) => waitsFor === 'person'),
  ).length
}
