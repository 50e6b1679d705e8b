/** What every table says of the law behind its answers: the day that was asked, in the zone of the city, and how fresh the lists are. */
import type { PlainDate } from '../calendar.ts'
import type { Column } from '../http/exports.ts'
import type { Knowledge } from '../knowledge.ts'
import { remembered } from '../remembered.ts'

export function lawColumns<T>(
  dayOf: (row: T) => PlainDate,
  { asOf: listsReadOn }: Knowledge,
): readonly Column<T>[] {
  return [
    { header: 'lawAsOf', value: dayOf },
    { header: 'listsReadOn', value: () => listsReadOn },
  ]
}

/** Where each of these rules is written, the same place once; a finding without a rule has its regime's citation. */
export function citationsOf(ruleIds: readonly string[], knowledge: Knowledge): string {
  const cited = citations(knowledge, '')
  return [...new Set(ruleIds.map((id) => cited.get(id) ?? cited.get(id.split(':')[0]!) ?? ''))]
    .filter((citation) => citation !== '')
    .join('; ')
}

const citations = remembered(
  ({ reference }: Knowledge): ReadonlyMap<string, string> =>
    new Map([...reference.regimes, ...reference.rules].map(({ id, citation }) => [id, citation])),
  () => '',
  1,
)
