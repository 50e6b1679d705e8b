/** Who approved a plan, what has moved since, and the form to record it. */
import type { FormState } from '../form.ts'
import { dollarsOf } from '../money.ts'
import type { LoadedPlan } from '../plan-state.ts'
import { Form, Input } from './form.tsx'
import { Day } from './words.tsx'

const LABELS = { approvedBy: 'Approved by', approvedOn: 'On', reference: 'Resolution' }

interface Shown {
  readonly plan: LoadedPlan['plan']
  readonly form: FormState
  readonly mayChange: boolean
}

export function Approval({ plan, form, mayChange }: Shown) {
  const { approval, changedSinceApproval } = plan
  return (
    <section>
      <h2>Approval</h2>
      {approval === null ? (
        <p>Nobody has approved this plan yet.</p>
      ) : (
        <p>
          {approval.approvedBy} approved it on <Day day={approval.approvedOn} />
          {approval.reference === null ? '' : ` (${approval.reference})`}, for{' '}
          <strong>{dollarsOf(approval.requestCents)}</strong>.{' '}
          {changedSinceApproval
            ? 'The plan has changed since. The papers below say by how much, until the new version is approved too.'
            : ''}
        </p>
      )}
      {mayChange && (approval === null || changedSinceApproval) ? (
        <Form form={form} labels={LABELS} button="Record the approval">
          <input type="hidden" name="do" value="approve" />
          <Input
            form={form}
            name="approvedBy"
            label={LABELS.approvedBy}
            hint="The council, board or person who decided. What they approved is the schedule above."
          />
          <Input form={form} name="approvedOn" type="date" label={LABELS.approvedOn} />
          <Input form={form} name="reference" label={LABELS.reference} hint="Its number, if it has one." />
        </Form>
      ) : null}
    </section>
  )
}
