/** Whether a decision on a finding still counts. Pure: it follows from the decision, the finding and the day. */
import { canonical } from '../../../lib/canonical.ts'

export const DECISION_STATES = ['planned', 'accepted', 'disputed', 'mitigated', 'gone'] as const
export type DecisionState = (typeof DECISION_STATES)[number]
type FindingState = 'open' | DecisionState

/** What a finding said when it was decided. */
export interface Basis {
  readonly outcome: string
  readonly ruleId: string
  readonly citation: string
  readonly certainty: string
  readonly maker: string | null
  readonly facts: Readonly<Record<string, unknown>>
}

export interface Decided {
  readonly state: DecisionState
  /** YYYY-MM-DD, the last day on which it counts. */
  readonly until: string | null
  readonly confirmedAt: string | null
  readonly withdrawn: { readonly by: string; readonly reason: string } | null
  readonly basis: Basis
}

export interface Standing {
  readonly triage: FindingState
  /** Why a finding that somebody decided on is open all the same. */
  readonly reopened: string | null
  /** An acceptance counts when a second person has confirmed it. */
  readonly needsSecondPerson: boolean
}

const OPEN: Standing = { triage: 'open', reopened: null, needsSecondPerson: false }
const reopened = (reason: string): Standing => ({ ...OPEN, reopened: reason })

/** `today` is the day in the city. */
export function standingOf(decided: Decided | null, now: Basis, today: string): Standing {
  if (decided === null) return OPEN
  const { state, until, withdrawn, basis } = decided
  if (withdrawn !== null) return reopened(`${withdrawn.by} withdrew the decision: ${withdrawn.reason}`)
  if (until !== null && until < today) return reopened(`the decision counted up to ${until}`)
  const change = changeIn(basis, now)
  if (change !== null) return reopened(change)
  if (state === 'accepted' && decided.confirmedAt === null) return { ...OPEN, needsSecondPerson: true }
  return { triage: state, reopened: null, needsSecondPerson: false }
}

/** What is no longer as it was decided on, in a sentence; null when all of it is. */
function changeIn(then: Basis, now: Basis): string | null {
  if (then.outcome !== now.outcome) return `the answer went from ${then.outcome} to ${now.outcome}`
  if (then.ruleId !== now.ruleId) return `another rule applies: ${now.ruleId} instead of ${then.ruleId}`
  if (then.maker !== now.maker)
    return `another maker was found: ${said(now.maker)} instead of ${said(then.maker)}`
  const facts = [...new Set([...Object.keys(then.facts), ...Object.keys(now.facts)])].filter(
    (name) => canonical(then.facts[name] ?? null) !== canonical(now.facts[name] ?? null),
  )
  if (facts.length > 0) {
    return `facts changed: ${facts.map((name) => `${name} from ${said(then.facts[name])} to ${said(now.facts[name])}`).join(', ')}`
  }
  if (then.certainty !== now.certainty) return `the answer is now ${now.certainty} and was ${then.certainty}`
  if (then.citation !== now.citation) return `the list or rule that it rests on changed: ${now.citation}`
  return null
}

const said = (value: unknown): string => (value === null || value === undefined ? 'unknown' : String(value))
