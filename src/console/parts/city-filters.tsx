/** What the page across cities can be narrowed to. */
import { ACTIVITY_WORDS, OUTCOME_WORDS } from '../../catalogue/outcomes.ts'
import type { Gets } from '../answers.ts'
import { UNSENT } from '../form.ts'
import { STATE_NAMES } from '../tiles.ts'
import { Input, Select } from './form.tsx'

/** What reviewers come for, each as a link. */
export const QUESTIONS = [
  { label: 'All devices', query: '' },
  { label: 'Federal money may not pay', query: '?activity=federal-funding&outcome=unallowable' },
  { label: 'May not be bought', query: '?activity=procure&outcome=prohibited' },
  { label: 'A person has to look', query: '?waitsFor=person' },
  { label: 'Maker not settled', query: '?identificationStatus=ambiguous&identificationStatus=unresolved' },
] as const

interface FiltersOf {
  readonly query: URLSearchParams
  readonly makers: readonly (readonly [id: string, name: string])[]
  readonly regimes: readonly Gets['/v1/regimes']['items'][number][]
}

/** In the form; the others of the address go along with it. */
const FIELDS = ['regime', 'activity', 'outcome', 'maker', 'state', 'asOf']

export function Filters({ query, makers, regimes }: FiltersOf) {
  const select = (name: string, label: string, options: readonly (readonly [string, string])[]) => (
    <Select
      form={UNSENT}
      name={name}
      label={label}
      value={query.get(name)}
      options={[['', 'any'], ...options]}
    />
  )
  const isNarrowed = [...query].length > 0
  return (
    <details open={isNarrowed}>
      <summary>Filters</summary>
      <form method="get" class="no-print">
        <div class="columns filters">
          {select(
            'regime',
            'Law',
            regimes.map(({ id, title }) => [id, title]),
          )}
          {select('activity', 'Activity', Object.entries(ACTIVITY_WORDS))}
          {select('outcome', 'Answer', Object.entries(OUTCOME_WORDS))}
          {select('maker', 'Made by', [...makers, ['unknown', 'not known']])}
          {select('state', 'State', Object.entries(STATE_NAMES))}
          <Input
            form={UNSENT}
            name="asOf"
            type="date"
            label="As of"
            hint="A past day: the registers and the law as they were."
            value={query.get('asOf')}
          />
        </div>
        {[...query]
          .filter(([name]) => !FIELDS.includes(name))
          .map(([name, value]) => (
            <input key={name + value} type="hidden" name={name} value={value} />
          ))}
        <p class="row">
          <button type="submit">Show</button>
          {isNarrowed ? <a href="/console/cities">Show everything</a> : null}
        </p>
      </form>
    </details>
  )
}
