/** `determine` for many devices, remembered by the facts that were read. */

import { createHash } from 'node:crypto'
import type { License } from '../catalogue/rules.ts'
import type { PlainDate } from '../lib/calendar.ts'
import { traced } from '../lib/memoize-by-reads.ts'
import { recent } from '../lib/remembered.ts'
import type { Determined, Identified, Subject } from './determination.ts'
import { determine } from './determine.ts'
import type { RegimeKnowledge } from './law.ts'

/** Ways to an answer that are remembered: enough for the makers, dates and purposes of many cities. */
const WAYS_MOST = 20_000

/** Different answers among them; each takes some fifty kilobytes, and a hundred are many. */
const ANSWERS_MOST = 1_000

/** Today in every zone, and some days that somebody asks about. */
const DAYS_MOST = 6

type Asked = (subject: Pick<Subject, keyof Subject>) => Determined

const remembered = new WeakMap<RegimeKnowledge, WeakMap<readonly License[], Map<PlainDate, Asked>>>()

/**
 * `determine` for many devices: they differ in few facts that a rule reads, and those that do not share one answer, the
 * same object. So do jurisdictions that hand over the same array of licenses.
 */
export function determineMany(
  subject: Subject,
  knowledge: RegimeKnowledge,
  asOf: PlainDate,
  licenses: readonly License[],
): Determined {
  const byLicenses = remembered.get(knowledge) ?? new WeakMap<readonly License[], Map<PlainDate, Asked>>()
  remembered.set(knowledge, byLicenses)
  const days = byLicenses.get(licenses) ?? new Map<PlainDate, Asked>()
  byLicenses.set(licenses, days)
  let ask = days.get(asOf)
  if (!ask) {
    if (days.size >= DAYS_MOST) days.delete(days.keys().next().value!)
    const one = oneOfEach<Determined>(ANSWERS_MOST)
    ask = traced((facts) => one(determine(facts, knowledge, asOf, licenses)), WAYS_MOST)
    days.set(asOf, ask)
  }
  return ask({ ...subject, identification: identified(subject.identification) })
}

/** Gives the same object for values that read the same, as far as the last `most` to `2 * most` go. */
function oneOfEach<T extends object>(most: number): (value: T) => T {
  const known = recent<T>(most)
  return (value) => {
    const key = createHash('sha256').update(JSON.stringify(value)).digest('base64')
    const one = known.get(key)
    if (one) return one
    known.set(key, value)
    return value
  }
}

/** What rules read of it, and no more: evidence and confidence differ from device to device. */
export function identified(facts: Identified): Identified {
  const { status, brand, maker, wouldSettle, candidates, components } = facts
  return {
    components: (components ?? []).map(({ vendor, name, standing }) => ({ vendor, name, standing })),
    status,
    brand,
    maker,
    wouldSettle,
    candidates: candidates.map(({ vendor, name, standing }) => ({ vendor, name, standing })),
  }
}
