/** What each law says of a device: the answer, why, the citation, and what was read for it. */
import { ACTIVITIES, ACTIVITY_WORDS, isFinding, severity } from '../../../catalogue/outcomes.ts'
import { factWords } from '../../../determination/missing-words.ts'
import type { Gets } from '../../answers.ts'
import { CHOICE_WORDS } from '../../choice-words.ts'
import { isField } from '../../device-fields.ts'
import type { Names } from '../../names.ts'
import { count, dayWords, Outcome } from '../words.tsx'

type Device = Gets['/v1/devices/{id}']
type Determination = Device['determinations'][number]

export function Tiles({ device }: { readonly device: Device }) {
  return (
    <ul class="figures">
      {ACTIVITIES.map((activity) => (
        <li key={activity}>
          <strong>{ACTIVITY_WORDS[activity]}</strong>
          <br />
          <Outcome outcome={device.headline[activity]} />
        </li>
      ))}
    </ul>
  )
}

export function Answers({ device, names }: { readonly device: Device; readonly names: Names }) {
  const { determinations } = device
  const others = determinations.filter(({ outcome }) => !isFinding(outcome))
  return (
    <section id="answers">
      <h2>What each law says</h2>
      {ACTIVITIES.map((activity) => {
        const findings = determinations
          .filter((one) => one.activity === activity && isFinding(one.outcome))
          .toSorted((a, b) => severity(a.outcome) - severity(b.outcome))
        return (
          <div key={activity} id={`a-${activity}`}>
            <h3>
              {ACTIVITY_WORDS[activity]}: <Outcome outcome={device.headline[activity]} />
            </h3>
            {findings.length === 0 ? <p class="hint">No law stands against it.</p> : null}
            {findings.map((one) => (
              <Answer key={one.ruleId} answer={one} names={names} />
            ))}
          </div>
        )
      })}
      <details>
        <summary>{count(others.length, 'answer')} that allow it, or that do not apply</summary>
        <ul>
          {others.map(({ ruleId, activity, regime, outcome, because }) => (
            <li key={`${ruleId} ${activity}`}>
              <strong>{names.regime(regime)?.title ?? regime}</strong>,{' '}
              {ACTIVITY_WORDS[activity].toLowerCase()}: <Outcome outcome={outcome} /> {because}
            </li>
          ))}
        </ul>
      </details>
    </section>
  )
}

function Answer({ answer, names }: { readonly answer: Determination; readonly names: Names }) {
  const { outcome, regime, because, citation, certainty, ruleId, facts, missingFacts, waitsFor } = answer
  return (
    <div class="card">
      <h4>
        <Outcome outcome={outcome} certainty={certainty} /> {names.regime(regime)?.title ?? regime}
      </h4>
      <p>{because}</p>
      <ToFillIn facts={missingFacts.filter(isField)} />
      {waitsFor === null ? null : (
        <p>
          {waitsFor === 'city'
            ? 'It waits for the city to state a fact once, for all its devices.'
            : 'It waits for a person who looks at this device.'}
        </p>
      )}
      <p class="hint cite">{citation}</p>
      <details>
        <summary>Rule and facts</summary>
        <p>
          Rule <code>{ruleId}</code>
        </p>
        <ul>
          {Object.entries(facts).map(([fact, value]) => (
            <li key={fact}>
              {FACT_TITLES[fact] ?? factWords(fact)}: {valueWords(fact, value, names)}
            </li>
          ))}
        </ul>
      </details>
    </div>
  )
}

/** Leads to the fields that would settle it. What else is missing stands in the reason already. */
function ToFillIn({ facts }: { readonly facts: readonly string[] }) {
  if (facts.length === 0) return null
  return (
    <p class="no-print">
      You can fill in{' '}
      {facts.map((fact, at) => (
        <span key={fact}>
          {at === 0 ? '' : ', '}
          <a href={`#f-${fact}`}>{factWords(fact)}</a>
        </span>
      ))}
      .
    </p>
  )
}

/** Facts that no reader is asked for. */
const FACT_TITLES: Readonly<Record<string, string>> = {
  asOf: 'as of',
  maker: 'who made it',
  regimeStatus: 'whether the rule is in force',
  listing: 'entry of the list',
  listedFrom: 'on the list since',
  status: 'status of the device',
}

function valueWords(fact: string, value: string | number | boolean | null, names: Names): string {
  if (value === null) return 'not known'
  if (typeof value === 'boolean') return value ? 'yes' : 'no'
  const text = String(value)
  if (fact === 'maker') return names.vendor(text)
  if (/^\d{4}-\d\d-\d\d$/.test(text)) return dayWords(text)
  return CHOICE_WORDS[fact]?.[text] ?? text
}
