/** `determine` for many devices, remembered by the facts that were read. */

import { createHash } from 'node:crypto'
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

const remembered = new WeakMap<RegimeKnowledge, Map<PlainDate, Asked>>()

/**
 * `determine` without licenses, for many devices: they differ in few facts that a rule reads, and those that do not
 * share one answer, the same object.
 */
export function determineMany(subject: Subject, knowledge: RegimeKnowledge, asOf: PlainDate): Determined {
  let days = remembered.get(knowledge)
  if (!days) {
    days = new Map()
    remembered.set(knowledge, days)
  }
  let ask = days.get(asOf)
  if (!ask) {
    if (days.size >= DAYS_MOST) days.delete(days.keys().next().value!)
    const one = oneOfEach<Determined>(ANSWERS_MOST)
    ask = traced((facts) => one(determine(facts, knowledge, asOf)), WAYS_MOST)
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
