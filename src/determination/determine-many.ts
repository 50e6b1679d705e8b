/** `determine` for many devices, remembered by the facts that were read. */

import { createHash } from 'node:crypto'
import { LRUCache } from 'lru-cache'
import type { License } from '../catalogue/rules.ts'
import type { PlainDate } from '../lib/calendar.ts'
import { traced } from '../lib/memoize-by-reads.ts'
import { getOrMake, memoryOf } from '../lib/memory.ts'
import type { Determined, Identified, Subject } from './determination.ts'
import { determine, determineLocal } from './determine.ts'
import type { RegimeKnowledge } from './law.ts'

/** Ways to an answer that are remembered: enough for the makers, dates and purposes of many cities. */
const WAYS_MOST = 20_000

/** Different answers among them; each takes some fifty kilobytes, and a hundred are many. */
const ANSWERS_MOST = 1_000

/** Today in every zone, and some days that somebody asks about. */
const DAYS_MOST = 6

type Asked = (subject: Pick<Subject, keyof Subject>) => Determined

/** By law, then by the licenses that are held, then by day. */
const askedOf = memoryOf((knowledge: RegimeKnowledge) =>
  memoryOf((licenses: readonly License[]) => {
    const days = new LRUCache<PlainDate, Asked>({ max: DAYS_MOST })
    return (asOf: PlainDate): Asked =>
      getOrMake(days, asOf, () => {
        const one = oneOfEach<Determined>(ANSWERS_MOST)
        return traced((facts) => one(determine(facts, knowledge, asOf, licenses)), WAYS_MOST)
      })
  }),
)

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
  const ask = askedOf(knowledge)(licenses)(asOf)
  return ask({ ...subject, identification: identified(subject.identification) })
}

/** A place has few rules, and few answers to them. */
const LOCAL_WAYS_MOST = 1_000
const LOCAL_ANSWERS_MOST = 100

const askedLocally = memoryOf((local: RegimeKnowledge) => {
  const days = new LRUCache<PlainDate, Asked>({ max: DAYS_MOST })
  return (asOf: PlainDate): Asked =>
    getOrMake(days, asOf, () => {
      const one = oneOfEach<Determined>(LOCAL_ANSWERS_MOST)
      return traced((facts) => one(determineLocal(facts, local, asOf)), LOCAL_WAYS_MOST)
    })
})

/** `determineLocal` for many devices, in the same way. */
export function determineLocally(subject: Subject, local: RegimeKnowledge, asOf: PlainDate): Determined {
  return askedLocally(local)(asOf)({ ...subject, identification: identified(subject.identification) })
}

/** Gives the same object for values that read the same, as far as the last `most` go. */
function oneOfEach<T extends object>(most: number): (value: T) => T {
  const known = new LRUCache<string, T>({ max: most })
  return (value) =>
    getOrMake(known, createHash('sha256').update(JSON.stringify(value)).digest('base64'), () => value)
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
