/** The law as this service knows it: what each body of law forbids, its rules in words, and who is on its list. */
import { ACTIVITY_WORDS, type Activity, OUTCOME_WORDS } from '../../catalogue/outcomes.ts'
import type { RegimeStatus } from '../../catalogue/rules.ts'
import { isWithin } from '../../lib/calendar.ts'
import { ADMINS, READERS } from '../../tenancy/auth.ts'
import type { Gets } from '../answers.ts'
import { type FormState, wrongForm } from '../form.ts'
import { every } from '../names.ts'
import { GoTo, page } from '../page.ts'
import { Form, Input, Select, TextArea } from '../parts/form.tsx'
import { Table } from '../parts/table.tsx'
import { count, Day, inDayWords } from '../parts/words.tsx'

type Regime = Gets['/v1/regimes']['items'][number]
type Rule = Gets['/v1/regimes/{id}']['rules'][number]
type Listing = Gets['/v1/listings']['items'][number]

const STATUS_WORDS: Readonly<Record<RegimeStatus, string>> = {
  'in-force': 'In force',
  challenged: 'In force, challenged in court',
  stayed: 'Suspended',
  unknown: 'Nobody has confirmed whether it is in force; it is treated as in force',
  proposed: 'Proposed',
  'not-issued': 'Not issued',
}
const CERTAINTY_WORDS: Readonly<Record<string, string>> = {
  sure: 'read in the source',
  reported: 'reported, not read again',
  uncertain: 'contested, or may have moved',
}

const words = (code: string) => {
  const plain = code.replaceAll('-', ' ')
  return plain.charAt(0).toUpperCase() + plain.slice(1)
}
const statusWords = (status: string) => STATUS_WORDS[status as RegimeStatus] ?? words(status)
const activityWords = (activity: string) => ACTIVITY_WORDS[activity as Activity] ?? words(activity)
const outcomeWords = (outcome: string) =>
  (OUTCOME_WORDS as Readonly<Record<string, string>>)[outcome] ?? words(outcome)

/** What a rule is read with, said of no maker in particular. Notes of an entry stand with the entry. */
const GAPS: Readonly<Record<string, string>> = {
  listed: 'a company on the list',
  affiliate: 'a company on the list',
  maker: 'the maker',
  way: 'the maker is on the list, or belongs to a company that is',
  except: '',
  note: '',
}

/** The sentence of a rule, read without a device. */
function inWords(because: string): string {
  const filled = because.replaceAll(/\{(\w+)\}/g, (_, gap: string) => GAPS[gap] ?? words(gap).toLowerCase())
  const text = inDayWords(filled).replaceAll(/ {2,}/g, ' ').trim()
  return text.charAt(0).toUpperCase() + text.slice(1)
}

/** What it is about: `buy more, keep using`. */
const aboutWords = ({ activities }: Regime) =>
  activities.map((activity) => activityWords(activity).toLowerCase()).join(', ')

function statusOn({ periods }: Regime, day: string): string {
  const now = periods.find((period) => isWithin(period, day))
  return now === undefined ? 'Not in force' : statusWords(now.status)
}

export const regimesPage = page({
  path: '/regimes',
  roles: READERS,
  place: { group: 'Law', label: 'Lists and rules' },
  load: async (api, { now }) => ({
    regimes: await every((query) => api.get('/v1/regimes', { query })),
    today: now.toISOString().slice(0, 10),
  }),
  title: 'Lists and rules',
  View: ({ data: { regimes, today } }) => (
    <>
      <p class="lead">
        {count(regimes.length, 'body', 'bodies')} of law that this service applies, each with its rules and
        its list.
      </p>
      <Table
        caption="Laws, by name"
        rows={regimes.toSorted((a, b) => a.title.localeCompare(b.title))}
        rowKey={({ id }) => id}
        columns={[
          { label: 'Law', cell: ({ id, title }: Regime) => <a href={`/console/regimes/${id}`}>{title}</a> },
          { label: 'Today', cell: (regime) => statusOn(regime, today) },
          { label: 'Binds', cell: ({ binds }) => inDayWords(binds) },
          { label: 'Bears on', cell: aboutWords },
          { label: 'Citation', cell: ({ citation }) => inDayWords(citation) },
        ]}
      />
    </>
  ),
})

export const regimePage = page({
  path: '/regimes/:id',
  roles: READERS,
  submitRoles: ADMINS,
  load: async (api, { params, now, who }) => {
    const id = params.id ?? ''
    const regime = await api.get('/v1/regimes/{id}', { params: { id } })
    const listings = await every((query) =>
      api.get('/v1/listings', { query: { ...query, regime: regime.listOf ?? id } }),
    )
    const mayConfirm = (ADMINS as readonly string[]).includes(who.principal.role)
    return { regime, listings, today: now.toISOString().slice(0, 10), mayConfirm }
  },
  title: ({ regime }) => regime.title,
  trail: () => [['Lists and rules', '/console/regimes']],
  View: ({ data: { regime, listings, today, mayConfirm }, form }) => (
    <>
      <p class="lead">
        {statusOn(regime, today)}. It bears on: {aboutWords(regime)}.
      </p>
      <dl class="facts">
        <dt>Binds</dt>
        <dd>{inDayWords(regime.binds)}</dd>
        <dt>By authority of</dt>
        <dd>{inDayWords(regime.authority)}</dd>
        <dt>Citation</dt>
        <dd>{inDayWords(regime.citation)}</dd>
        <dt>How sure</dt>
        <dd>{CERTAINTY_WORDS[regime.certainty]}</dd>
        <dt>Periods</dt>
        <dd>
          <ul>
            {regime.periods.map((period) => (
              <li key={`${period.status} ${period.from}`}>
                {statusWords(period.status)}: <Span {...period} />
                {period.note === null ? '' : `. ${inDayWords(period.note)}`}
              </li>
            ))}
          </ul>
        </dd>
      </dl>
      {regime.notes === null ? null : <p>{inDayWords(regime.notes)}</p>}
      {mayConfirm ? <Confirm form={form} /> : null}
      <h2>Rules</h2>
      {regime.rules.length === 0 ? <p class="empty">No rule of its own.</p> : <Rules rules={regime.rules} />}
      <h2>Who is on its list</h2>
      {listings.length === 0 ? (
        <p class="empty">It keeps no list of names: it applies by what its rules say.</p>
      ) : (
        <Listings listings={listings} />
      )}
    </>
  ),
  submit: async (api, { params }, form) => {
    const text = (name: string) => form.get(name)?.trim() ?? ''
    const status = CONFIRMABLE.find((one) => one === text('status'))
    if (status === undefined) return wrongForm(form, { status: 'Choose what was found.' })
    const to = text('to')
    await api.send('POST /v1/regimes/{id}/statuses', {
      params,
      body: { status, from: text('from'), to: to === '' ? null : to, evidence: text('evidence') },
    })
    return new GoTo(`/console/regimes/${encodeURIComponent(params.id ?? '')}`, 'status-confirmed')
  },
})

const CONFIRMABLE = ['in-force', 'challenged', 'stayed', 'not-issued'] as const
const LABELS = {
  status: 'What was found',
  from: 'From which day',
  to: 'First day of which it says nothing',
  evidence: 'Where it was read',
}

/** What was put off or lapses by its own terms: somebody has to say what became of it. */
function Confirm({ form }: { readonly form: FormState }) {
  return (
    <details>
      <summary>Confirm whether it is in force</summary>
      <Form form={form} labels={LABELS} button="Confirm it">
        <Select
          form={form}
          name="status"
          label={LABELS.status}
          options={[['', 'choose'], ...CONFIRMABLE.map((one) => [one, STATUS_WORDS[one]] as const)]}
        />
        <Input form={form} name="from" label={LABELS.from} type="date" />
        <Input form={form} name="to" label={LABELS.to} type="date" />
        <TextArea form={form} name="evidence" label={LABELS.evidence} />
      </Form>
    </details>
  )
}

function Rules({ rules }: { readonly rules: readonly Rule[] }) {
  return (
    <Table
      caption="Rules, in the order in which they are read"
      rows={rules}
      rowKey={({ id }) => id}
      columns={[
        { label: 'What it says', cell: ({ because }: Rule) => inWords(because) },
        {
          label: 'So the answer is',
          cell: ({ outcomes }) => (
            <ul>
              {Object.entries(outcomes).map(([activity, outcome]) => (
                <li key={activity}>
                  {activityWords(activity)}: {outcomeWords(outcome)}
                </li>
              ))}
            </ul>
          ),
        },
        { label: 'In force', cell: ({ inForce }) => <Span {...inForce} /> },
        { label: 'Citation', cell: ({ citation }) => inDayWords(citation) },
        { label: 'How sure', cell: ({ certainty }) => CERTAINTY_WORDS[certainty] },
      ]}
    />
  )
}

export function Listings({ listings, ofRegime }: ListingsOf) {
  return (
    <Table
      caption={count(listings.length, 'entry', 'entries')}
      rows={listings}
      rowKey={({ id }) => id}
      columns={[
        {
          label: 'Name on the list',
          cell: ({ name, vendor }: Listing) =>
            vendor === null ? name : <a href={`/console/manufacturers/${vendor}`}>{name}</a>,
        },
        ...(ofRegime === undefined
          ? []
          : [
              {
                label: 'List',
                cell: ({ regime }: Listing) => <a href={`/console/regimes/${regime}`}>{ofRegime(regime)}</a>,
              },
            ]),
        { label: 'On it', cell: ({ from, to }) => <Span from={from} to={to} /> },
        { label: 'Citation', cell: ({ citation }) => inDayWords(citation) },
        { label: 'How sure', cell: ({ certainty }) => CERTAINTY_WORDS[certainty] },
      ]}
    />
  )
}

interface ListingsOf {
  readonly listings: readonly Listing[]
  /** The name of a law, where entries of several stand together. */
  readonly ofRegime?: (id: string) => string
}

/** `to` is the first day outside. */
export function Span({ from, to }: { readonly from: string | null; readonly to: string | null }) {
  if (from === null && to === null) return <>at all times</>
  return (
    <>
      {from === null ? 'from the beginning' : <>from {dayOf(from)}</>}
      {to === null ? '' : <> until before {dayOf(to)}</>}
    </>
  )
}

const dayOf = (day: string) => (/^\d{4}-\d\d-\d\d$/.test(day) ? <Day day={day} /> : day)
