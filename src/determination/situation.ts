/** What stays the same over the regimes: who made the device or may have, its parts, the day, the licenses. */

import type { License } from '../catalogue/rules.ts'
import type { PlainDate } from '../lib/calendar.ts'
import type { Subject } from './determination.ts'
import type { RegimeKnowledge } from './law.ts'

export interface Maker {
  /** null: nobody knows, and every list may cover it. */
  readonly id: string | null
  readonly name: string
  readonly country: string | null
}

export interface Situation {
  readonly subject: Subject
  readonly knowledge: RegimeKnowledge
  readonly asOf: PlainDate
  /** Those of whom at least one is the maker, as far as it goes to a verdict; empty when nobody is known. */
  readonly makers: readonly Maker[]
  readonly suspects: readonly Maker[]
  /** Makers of parts that it may hold. */
  readonly parts: readonly Part[]
  readonly licenses: readonly License[]
}

export interface Part {
  readonly maker: Maker
  readonly standing: 'stated' | 'likely' | 'possible'
}

export const UNKNOWN_MAKER: Maker = { id: null, name: 'an unknown maker', country: null }

const UNKNOWN_PART: Maker = { id: null, name: 'a covered maker', country: null }

export function situate(
  subject: Subject,
  knowledge: RegimeKnowledge,
  asOf: PlainDate,
  licenses: readonly License[],
): Situation {
  const { identification } = subject
  const candidates = identification.candidates
  const makerOf = (id: string, candidate?: { readonly name: string }): Maker => {
    const vendor = knowledge.vendors.get(id)
    return { id, name: vendor?.name ?? candidate?.name ?? id, country: vendor?.country ?? null }
  }
  const resolved = identification.status === 'resolved' ? identification.maker : null
  const verdicts = candidates.filter(({ standing }) => standing === 'verdict')
  return {
    subject,
    knowledge,
    asOf,
    makers:
      resolved === null
        ? verdicts.map((candidate) => makerOf(candidate.vendor, candidate))
        : [
            makerOf(
              resolved,
              candidates.find(({ vendor }) => vendor === resolved),
            ),
          ],
    suspects: candidates
      .filter(({ standing, vendor }) => standing === 'review' && vendor !== resolved)
      .map((candidate) => makerOf(candidate.vendor, candidate)),
    parts: identification.components.flatMap(({ standing, ...part }) =>
      standing === 'excluded'
        ? []
        : [{ maker: part.vendor === null ? UNKNOWN_PART : makerOf(part.vendor, part), standing }],
    ),
    licenses,
  }
}
