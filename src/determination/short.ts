/** Findings in few bytes: of a hundred devices they are most of a page. Pure. */
import { ACTIVITIES, type Activity, isFinding, OUTCOMES, type Outcome } from '../catalogue/outcomes.ts'

/** What is read of a determination. */
interface Found {
  readonly activity: Activity
  readonly outcome: Outcome
  readonly ruleId: string
}

/** Activity -> outcome, the most severe first -> rules that say so. A rule's id begins with its regime and a colon. */
export type Findings = Partial<Record<Activity, Partial<Record<Outcome, string[]>>>>

/** Activities without a finding are left out. */
export function findingsInShort(determinations: readonly Found[]): Findings {
  const findings: Findings = {}
  for (const activity of ACTIVITIES) {
    const found = determinations.filter((one) => one.activity === activity && isFinding(one.outcome))
    if (found.length === 0) continue
    const byOutcome: Partial<Record<Outcome, string[]>> = {}
    for (const outcome of OUTCOMES) {
      const rules = found.filter((one) => one.outcome === outcome).map((one) => one.ruleId)
      if (rules.length > 0) byOutcome[outcome] = rules
    }
    findings[activity] = byOutcome
  }
  return findings
}

/** `regime/activity: outcome; ...` in the order of regimes, as a cell of a table shows them. */
export function findingsAsText(findings: Findings): string {
  const found = ACTIVITIES.flatMap((activity, order) =>
    Object.entries(findings[activity] ?? {}).flatMap(([outcome, rules]) =>
      rules.map((rule) => ({ regime: rule.slice(0, rule.indexOf(':')), order, activity, outcome })),
    ),
  )
  return found
    .sort((a, b) => (a.regime < b.regime ? -1 : a.regime > b.regime ? 1 : a.order - b.order))
    .map(({ regime, activity, outcome }) => `${regime}/${activity}: ${outcome}`)
    .join('; ')
}
