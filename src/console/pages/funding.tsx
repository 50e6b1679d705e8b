/** Who pays: funds, grants and bonds with what they give. */
import { addDays } from '../../lib/calendar.ts'
import { READERS } from '../../tenancy/auth.ts'
import type { Gets } from '../answers.ts'
import { wrongForm } from '../form.ts'
import { centsOf, dollarsOf } from '../money.ts'
import { every } from '../names.ts'
import { GoTo, page } from '../page.ts'
import { Form, Input, Select } from '../parts/form.tsx'
import { Table } from '../parts/table.tsx'
import { count, Day } from '../parts/words.tsx'
import { CITY_PLANNERS, mayPlan } from '../planners.ts'

type Source = Gets['/v1/funding-sources']['items'][number]

export const fundingPage = page({
  path: '/funding-sources',
  roles: READERS,
  place: { group: 'Money', label: 'Funding' },
  title: 'Funding',
  load: async (api) => ({ sources: await every((query) => api.get('/v1/funding-sources', { query })) }),
  View: ({ data: { sources }, asked: { who, query } }) => (
    <>
      <p class="lead">Who pays for replacements, in the order in which they pay.</p>
      {sources.length === 0 ? (
        <p class="empty">
          No funds yet. Until there is one, the whole cost of a plan is shown as not funded.
        </p>
      ) : (
        <FundTable sources={sources} />
      )}
      {mayPlan(who.principal.role) ? (
        <p>
          <a
            class="button"
            href={`/console/funding-sources/new${planIn(query) ? `?plan=${planIn(query)}` : ''}`}
          >
            Add a fund
          </a>
        </p>
      ) : null}
    </>
  ),
})

function FundTable({ sources }: { readonly sources: readonly Source[] }) {
  return (
    <Table
      caption={count(sources.length, 'fund')}
      rows={sources}
      rowKey={({ id }) => id}
      columns={[
        { label: 'Fund', cell: ({ name }: Source) => name },
        {
          label: 'Money of',
          cell: ({ isFederal }) => (isFederal ? 'the federal government' : 'the city or state'),
        },
        { label: 'Gives', cell: givenBy },
        { label: 'Pays', cell: ({ sharePercent }) => `${sharePercent}% of what it may pay for` },
        {
          label: 'When',
          cell: ({ periodFrom, periodTo, periodOf }) =>
            periodFrom === null && periodTo === null ? (
              'at any time'
            ) : (
              <>
                {periodFrom === null ? null : (
                  <>
                    from <Day day={periodFrom} />{' '}
                  </>
                )}
                {periodTo === null ? null : (
                  <>
                    until <Day day={addDays(periodTo, -1)} />{' '}
                  </>
                )}
                ({periodOf === 'work' ? 'the work' : 'the order'} falls into it)
              </>
            ),
        },
        { label: 'Citation', cell: ({ citation }) => citation || 'none' },
      ]}
    />
  )
}

function givenBy({ yearCaps, totalCapCents, carriesForward }: Source): string {
  const years = (yearCaps ?? []).map(
    ({ fiscalYear, cents }) => `${dollarsOf(cents)} in fiscal year ${fiscalYear}`,
  )
  const total = totalCapCents === null ? [] : [`${dollarsOf(totalCapCents)} in all`]
  const rest = carriesForward && years.length > 0 ? ['what is left goes to later years'] : []
  const all = [...years, ...total, ...rest]
  return all.length === 0 ? 'without a limit' : all.join('; ')
}

const LABELS = {
  name: 'Name of the fund',
  isFederal: 'Whose money it is',
  yearly: 'Dollars a year',
  years: 'For how many years',
  totalCapCents: 'Dollars in all',
  sharePercent: 'Percent that it pays',
  periodFrom: 'First day',
  periodTo: 'Last day',
  citation: 'Citation',
}

export const newFundPage = page({
  path: '/funding-sources/new',
  roles: CITY_PLANNERS,
  title: 'Add a fund',
  trail: () => [['Funding', '/console/funding-sources']],
  load: async (_api, { now }) => ({ year: now.getUTCFullYear() + 1 }),
  submit: async (api, { query }, form) => {
    const read = readFund(form)
    if ('wrong' in read) return wrongForm(form, read.wrong)
    await api.send('POST /v1/funding-sources', { body: read.fund })
    const plan = planIn(query)
    return new GoTo(plan === null ? '/console/funding-sources' : `/console/plans/${plan}`, 'fund-added')
  },
  View: ({ data: { year }, form }) => (
    <Form form={form} labels={LABELS} button="Add the fund">
      <Input form={form} name="name" label={LABELS.name} hint="Such as “General fund”." required />
      <Select
        form={form}
        name="isFederal"
        label={LABELS.isFederal}
        hint="Money that the state passes on from the federal government counts as federal."
        value="no"
        options={[
          ['no', 'The city’s or the state’s own'],
          ['yes', 'Federal'],
        ]}
      />
      <Input
        form={form}
        name="yearly"
        label={LABELS.yearly}
        hint="Such as 45,000. Leave it blank for a fund without a yearly limit."
      />
      <Input
        form={form}
        name="firstYear"
        type="number"
        label="First fiscal year"
        hint="By the year in which it ends."
        value={String(year)}
      />
      <Input form={form} name="years" type="number" label={LABELS.years} value="5" />
      <Input
        form={form}
        name="totalCapCents"
        label={LABELS.totalCapCents}
        hint="One pot over the whole time, such as a grant of 30,000. Leave it blank when there is none."
      />
      <Input
        form={form}
        name="sharePercent"
        label={LABELS.sharePercent}
        hint="Of the cost that it may pay; other funds pay the rest."
        value="100"
      />
      <Input
        form={form}
        name="periodFrom"
        type="date"
        label={LABELS.periodFrom}
        hint="Of a grant period, if there is one."
      />
      <Input form={form} name="periodTo" type="date" label={LABELS.periodTo} hint="The last day inside it." />
      <Input
        form={form}
        name="citation"
        label={LABELS.citation}
        hint="The law or resolution that gives the money."
      />
    </Form>
  ),
})

/** A plan that the reader comes from. */
function planIn(query: URLSearchParams): string | null {
  const plan = query.get('plan')
  return plan !== null && /^[0-9a-f-]{36}$/.test(plan) ? plan : null
}

const YEARS_MOST = 15

type Fund = import('../answers.ts').Sends['POST /v1/funding-sources']['body']

function readFund(form: URLSearchParams): { fund: Fund } | { wrong: Record<string, string> } {
  const text = (name: string) => form.get(name)?.trim() || null
  const wrong: Record<string, string> = {}
  const amount = (name: string): number | null => {
    const written = text(name)
    const cents = written === null ? null : centsOf(written)
    if (written !== null && cents === null) wrong[name] = 'must be an amount in dollars such as 45,000'
    return cents
  }
  const whole = (name: string, least: number, most: number): number => {
    const number = Number(text(name) ?? Number.NaN)
    if (!Number.isInteger(number) || number < least || number > most)
      wrong[name] = `must be a whole number from ${least} to ${most}`
    return number
  }
  if (text('name') === null) wrong.name = 'give it a name'
  const yearly = amount('yearly')
  const total = amount('totalCapCents')
  const share = Number(text('sharePercent') ?? '100')
  if (!(share > 0 && share <= 100)) wrong.sharePercent = 'must be above 0 and at most 100'
  const years = yearly === null ? 0 : whole('years', 1, YEARS_MOST)
  const first = yearly === null ? 0 : whole('firstYear', 2000, 2200)
  const last = text('periodTo')
  if (Object.keys(wrong).length > 0) return { wrong }
  return {
    fund: {
      name: text('name')!,
      isFederal: form.get('isFederal') === 'yes',
      sharePercent: share,
      totalCapCents: total,
      yearCaps:
        yearly === null
          ? null
          : Array.from({ length: years }, (_, i) => ({ fiscalYear: first + i, cents: yearly })),
      periodFrom: text('periodFrom'),
      // Stored is the first day outside.
      periodTo: last === null || !/^\d{4}-\d{2}-\d{2}$/.test(last) ? last : addDays(last, 1),
      citation: text('citation') ?? '',
    },
  }
}
