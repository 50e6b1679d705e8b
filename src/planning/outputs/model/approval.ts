/** What a reader has to know of the approval of a plan. Pure. */
import { dollars } from './labels.ts'
import type { PlanReport } from './report.ts'
import { requestOf } from './request.ts'

/** Who approved the plan, when, for how much, and how far the request has moved since; '' before that. */
export function sentenceOfApproval({ baseline, estimate, schedule }: PlanReport): string {
  if (baseline === null) return ''
  const { approvedBy, approvedOn, reference, revision, requestCents } = baseline
  const by = `${approvedBy} on ${approvedOn}${reference === null ? '' : ` (${reference})`}`
  const approved = `Approved by ${by}: revision ${revision}, ${dollars(requestCents)}.`
  if (schedule?.id === baseline.scheduleId) return approved
  const cents = requestOf(estimate, schedule).cents - requestCents
  const moved =
    cents === 0
      ? 'asks for the same amount'
      : `asks for ${dollars(Math.abs(cents))} ${cents > 0 ? 'more' : 'less'}`
  return `${approved} What is shown here, revision ${(schedule ?? estimate).revision}, was not approved; it ${moved}.`
}
