/** What is to be done for a plan, in order, and what is done already. */
import type { ComponentChildren } from 'preact'
import type { LoadedPlan, PlanState } from '../plan-state.ts'
import { count } from './words.tsx'

type State = 'done' | 'stale' | 'missing' | 'optional'
const STATE_WORDS: Readonly<Record<State, string>> = {
  done: '✓ Done',
  stale: '↻ To be done again',
  missing: '○ To do',
  optional: '○ Not needed, but better',
}

interface StepsOf {
  readonly data: LoadedPlan
  readonly state: PlanState
  readonly mayChange: boolean
  /** Whether funds can be entered. */
  readonly mayPay: boolean
}

export function Steps({ data, state, mayChange, mayPay }: StepsOf) {
  const { plan, estimate, schedule, sources, candidates } = data
  const accepted = candidates.filter(({ verdict, devices }) => verdict !== 'refused' && devices > 0)
  return (
    <section>
      <h2>Steps</h2>
      <ol class="plan-steps">
        <Step state={plan.devices > 0 ? 'done' : 'missing'} title="Devices">
          <a href={`/console/plans/${plan.id}/devices`}>{count(plan.devices, 'device')}</a> to replace.
        </Step>
        <Step state={sources.length > 0 ? 'done' : 'missing'} title="Who pays">
          {sources.length === 0 ? 'Nobody yet.' : `${sources.map(({ name }) => name).join(', ')}.`}{' '}
          {mayPay ? <a href={`/console/funding-sources/new?plan=${plan.id}`}>Add a fund</a> : null}
        </Step>
        <Step state={accepted.length > 0 ? 'done' : 'optional'} title="What is bought instead">
          {accepted.length === 0
            ? 'Not chosen. Federal money pays only for equipment that is known to be allowed.'
            : `${accepted.map(({ manufacturer, model }) => `${manufacturer} ${model}`).join(', ')}.`}
          <Refused candidates={candidates} />
          {mayChange ? <CandidateForm /> : null}
        </Step>
        <Step
          state={estimate === null ? 'missing' : state.estimateStale.length > 0 ? 'stale' : 'done'}
          title="Estimate"
        >
          {estimate === null ? 'What it costs, and how sure that is.' : null}
          <Why reasons={state.estimateStale} />
          {mayChange && plan.devices > 0 ? (
            <Act
              what="estimate"
              label={estimate === null ? 'Compute the estimate' : 'Compute the estimate again'}
            />
          ) : null}
        </Step>
        <Step
          state={schedule === null ? 'missing' : state.scheduleStale.length > 0 ? 'stale' : 'done'}
          title="Schedule"
        >
          {schedule === null ? 'Which site in which fiscal year, and who pays for it. ' : null}
          {estimate === null ? 'Needs an estimate first.' : null}
          <Why reasons={state.scheduleStale} />
          {mayChange && estimate !== null && estimate.revision === plan.revision ? (
            <Act
              what="schedule"
              label={schedule === null ? 'Make the schedule' : 'Make the schedule again'}
            />
          ) : null}
        </Step>
      </ol>
    </section>
  )
}

interface StepOf {
  readonly state: State
  readonly title: string
  readonly children: ComponentChildren
}

function Step({ state, title, children }: StepOf) {
  return (
    <li class={state}>
      <h3>
        {title} <span class="state">{STATE_WORDS[state]}</span>
      </h3>
      <div>{children}</div>
    </li>
  )
}

function Why({ reasons }: { readonly reasons: readonly string[] }) {
  if (reasons.length === 0) return null
  return <p>The figures below are older: {reasons.join('; ')}.</p>
}

function Act({ what, label }: { readonly what: string; readonly label: string }) {
  return (
    <form method="post" class="no-print">
      <input type="hidden" name="do" value={what} />
      <button type="submit">{label}</button>
    </form>
  )
}

function Refused({ candidates }: Pick<LoadedPlan, 'candidates'>) {
  const refused = candidates.filter(({ verdict }) => verdict === 'refused')
  if (refused.length === 0) return null
  return (
    <ul>
      {refused.map(({ id, manufacturer, model, reasons }) => (
        <li key={id}>
          {manufacturer} {model} may not be bought: {reasons[0]?.because ?? 'a law stands against it'}
        </li>
      ))}
    </ul>
  )
}

function CandidateForm() {
  return (
    <details class="no-print">
      <summary>Choose what is bought instead of cameras</summary>
      <form method="post" class="form">
        <input type="hidden" name="do" value="candidate" />
        <div class="field">
          <label for="c-manufacturer">Made by</label>
          <input id="c-manufacturer" name="manufacturer" required maxLength={200} autocomplete="off" />
        </div>
        <div class="field">
          <label for="c-model">Model number</label>
          <input id="c-model" name="model" required maxLength={200} autocomplete="off" />
        </div>
        <button type="submit">Check it and use it</button>
      </form>
    </details>
  )
}
