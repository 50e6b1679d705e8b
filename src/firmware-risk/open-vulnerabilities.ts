/** From assessments to the vulnerabilities that a risk weighs, as known on a day. */

import { addDays, type PlainDate } from '../lib/calendar.ts'
import type { Advisory } from './advisories.ts'
import type { Assessment } from './assessment.ts'
import type { PossibleVulnerability, Vulnerability } from './risk.ts'

/**
 * What of the assessments could be known on a day: vulnerabilities that were published by then, and those exploited only if
 * CISA had listed them. A vulnerability without a day of publication is as old as the year of its number. Feeds date by clocks
 * that can be a day ahead of a city's, so the day after still counts: the strict side. `changesOn` is the first later
 * day on which more is known; null when nothing is.
 */
export function knownOn(
  assessments: readonly Assessment[],
  day: PlainDate,
): { readonly assessments: readonly Assessment[]; readonly changesOn: PlainDate | null } {
  const last = addDays(day, 1)
  const later: PlainDate[] = []
  const known = assessments.flatMap((heard): Assessment[] => {
    const assessment = { ...heard, advisory: withoutLater(heard.advisory, last) }
    const { advisory } = assessment
    const listedOn = advisory.knownExploited?.addedOn ?? null
    const isListed = listedOn !== null && listedOn <= last
    if (listedOn !== null && !isListed) later.push(addDays(listedOn, -1))
    const publishedOn = advisory.publishedOn ?? `${advisory.id.slice(4, 8)}-01-01`
    if (publishedOn > last) later.push(addDays(publishedOn, -1))
    if (!isListed && publishedOn > last) return []
    if (listedOn === null || isListed) return [assessment]
    return [{ ...assessment, advisory: { ...advisory, knownExploited: null } }]
  })
  return { assessments: known, changesOn: later.toSorted()[0] ?? null }
}

/** Scores and decisions of a later day were not known. */
function withoutLater(advisory: Advisory, last: PlainDate): Advisory {
  const { epss, ssvc } = advisory
  const isLater = (one: { readonly on: PlainDate | null } | undefined) => (one?.on ?? '') > last
  if (!isLater(epss) && !isLater(ssvc)) return advisory
  return {
    ...advisory,
    epss: isLater(epss) ? undefined : epss,
    ssvc: isLater(ssvc) ? undefined : ssvc,
  }
}

/** The open vulnerabilities among assessments, as `licensingRisk` takes them. */
export function openVulnerabilities(assessments: readonly Assessment[]): readonly Vulnerability[] {
  return assessments.flatMap(({ advisory, standing, result, actOn, fix, missingFacts }): Vulnerability[] => {
    if (standing === 'candidate' || actOn === 'not-affected') return []
    return [
      {
        id: advisory.id,
        status: actOn,
        isConflicting: result === 'conflicting',
        isKnownExploited: advisory.knownExploited !== null,
        dueOn: advisory.knownExploited?.dueOn ?? null,
        cvss: advisory.cvss,
        epss: advisory.epss ?? null,
        ssvc: advisory.ssvc ?? null,
        fix,
        requiredAction: advisory.knownExploited?.requiredAction ?? null,
        missingFacts,
      },
    ]
  })
}

/** Vulnerabilities that may be there: their sources name the maker and no model. They are shown and never scored. */
export function possibleVulnerabilities(
  assessments: readonly Assessment[],
): readonly PossibleVulnerability[] {
  return assessments.flatMap(({ advisory, standing, actOn }): PossibleVulnerability[] => {
    if (standing !== 'candidate' || actOn === 'not-affected') return []
    const { id, knownExploited } = advisory
    const dueOn = knownExploited?.dueOn ?? null
    return [{ id, isKnownExploited: knownExploited !== null, dueOn, because: 'no-model-named' }]
  })
}
