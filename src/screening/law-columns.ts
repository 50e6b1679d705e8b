/** What every table says of the law behind its answers: the day that was asked, in the zone of the city, and how fresh the lists are. */

import type { Database, Scope } from '../db/database.ts'
import type { Column } from '../http/exports.ts'
import type { PlainDate } from '../lib/calendar.ts'
import { memoryOf } from '../lib/memory.ts'
import { cityDays } from '../tenancy/city-days.ts'
import type { Knowledge } from './knowledge.ts'

export function lawColumns<T>(
  dayOf: (row: T) => PlainDate,
  { asOf: listsReadOn }: Knowledge,
): readonly Column<T>[] {
  return [
    { header: 'lawAsOf', value: dayOf },
    { header: 'listsReadOn', value: () => listsReadOn },
  ]
}

/** The same for rows that are each of one city in scope, as things are at an instant. */
export async function lawOfCities<T extends { readonly jurisdictionId: string }>(
  database: Database,
  scope: Scope,
  instant: Date,
  knowledge: Knowledge,
): Promise<readonly Column<T>[]> {
  const cities = await cityDays(database, scope)
  return lawColumns(({ jurisdictionId }) => cities.dayOf(jurisdictionId, instant), knowledge)
}

/** Where each of these rules is written, the same place once; a finding without a rule has its regime's citation. */
export function citationsOf(ruleIds: readonly string[], knowledge: Knowledge): string {
  const cited = citations(knowledge)
  return [...new Set(ruleIds.map((id) => cited.get(id) ?? cited.get(id.split(':')[0]!) ?? ''))]
    .filter((citation) => citation !== '')
    .join('; ')
}

const citations = memoryOf(
  ({ reference }: Knowledge): ReadonlyMap<string, string> =>
    new Map([...reference.regimes, ...reference.rules].map(({ id, citation }) => [id, citation])),
)
