/** What if a maker is designated: asked of the registers as they are, changing nothing in them. */
import { READERS } from '../../tenancy/auth.ts'
import type { Gets } from '../answers.ts'
import { type Api, ApiRefusal } from '../client.ts'
import { wrongForm } from '../form.ts'
import { AS_JOB, type Job, waitedFor } from '../jobs.ts'
import { dollarsOf } from '../money.ts'
import { every } from '../names.ts'
import { GoTo, page } from '../page.ts'
import { Form, Input, Select, TextArea } from '../parts/form.tsx'
import { Hypothetical } from '../parts/scenario-figures.tsx'
import { Table } from '../parts/table.tsx'
import { count, Day, dayWords, Moment } from '../parts/words.tsx'

type Listed = Gets['/v1/scenarios']['items'][number]

export const scenariosPage = page({
  path: '/scenarios',
  roles: READERS,
  place: { group: 'Law', label: 'Scenarios' },
  load: (api, { query }) => api.get('/v1/scenarios', { query }),
  title: 'What if a maker is designated?',
  View: ({ data: { items, nextCursor }, asked: { names } }) => (
    <>
      <p class="lead">
        A scenario puts makers on a list on a day that you choose, and shows what that would do to the devices
        on record. Nothing in the register changes.
      </p>
      <p>
        <a class="button" href="/console/scenarios/new">
          Ask what would happen
        </a>
      </p>
      {items.length === 0 ? (
        <p class="empty">No scenario yet. Choose a maker and a day to make the first one.</p>
      ) : (
        <form method="get" action="/console/scenarios/compare">
          <Table
            caption="Scenarios, newest first"
            rows={items}
            rowKey={({ id }) => id}
            columns={[
              {
                label: 'Scenario',
                cell: ({ id, name }: Listed) => <a href={`/console/scenarios/${id}`}>{name}</a>,
              },
              { label: 'List', cell: ({ regime }) => names.regime(regime)?.title ?? regime },
              { label: 'From', cell: ({ effectiveOn }) => <Day day={effectiveOn} /> },
              {
                label: 'Devices hit',
                isNumber: true,
                cell: ({ devicesHit }) => devicesHit.toLocaleString('en-US'),
              },
              { label: 'Asked', cell: ({ createdAt }) => <Moment at={createdAt} /> },
              {
                label: 'Compare',
                cell: ({ id, name }) => (
                  <label>
                    <input type="checkbox" name="id" value={id} />
                    <span class="hidden">Compare {name}</span>
                  </label>
                ),
              },
            ]}
          />
          {items.length > 1 ? <button type="submit">Show the chosen side by side</button> : null}
        </form>
      )}
      {nextCursor === null ? null : (
        <p class="pager">
          <a href={`/console/scenarios?cursor=${encodeURIComponent(nextCursor)}`}>Next</a>
        </p>
      )}
    </>
  ),
})

const LABELS = {
  makers: 'Makers',
  regime: 'Put on',
  effectiveOn: 'From',
  windDownDays: 'Days to wind down',
  reach: 'Whom it reaches',
  cities: 'Cities',
}
const LISTS = [
  ['sdn', 'List of the Treasury of blocked persons (SDN)'],
  ['entity-list', 'Entity List of the Commerce Department'],
  ['fcc', 'Covered List of the FCC'],
  ['1260h', 'List of Chinese military companies (section 1260H)'],
  ['889', 'Section 889: federal purchases and contractors'],
] as const
const REACH = [
  ['owned', 'The makers and what they own, as far as the law of the list goes'],
  ['named', 'They and their trade names alone'],
  ['group', 'Every company of the group, as if it were named'],
] as const

const SCOPED = ['admin', 'federal-reviewer']

export const newScenarioPage = page({
  path: '/scenarios/new',
  roles: READERS,
  load: async (api, { who, names }) => ({
    cities: SCOPED.includes(who.principal.role)
      ? await every((query) => api.get('/v1/jurisdictions', { query }))
      : [],
    makers: [...names.vendors.values()].toSorted((a, b) => a.localeCompare(b)),
  }),
  title: 'What if this maker is designated?',
  trail: () => [['Scenarios', '/console/scenarios']],
  submit: async (api, _asked, form) => {
    const makers = (form.get('makers') ?? '')
      .split(/[\n,;]/)
      .map((one) => one.trim())
      .filter((one) => one !== '')
    const days = form.get('windDownDays')?.trim() ?? ''
    const wrong = {
      ...(makers.length === 0 ? { makers: 'name one maker at least' } : {}),
      ...(form.get('effectiveOn') ? {} : { effectiveOn: 'choose the first day on the list' }),
      ...(/^\d{0,4}$/.test(days) ? {} : { windDownDays: 'must be a whole number of days, or blank' }),
    }
    if (Object.keys(wrong).length > 0) return wrongForm(form, wrong)
    const cities = form.getAll('city')
    const { body: job } = await api.send('POST /v1/scenarios', {
      headers: AS_JOB,
      body: {
        makers,
        regime: form.get('regime') ?? 'sdn',
        effectiveOn: form.get('effectiveOn') ?? '',
        windDownDays: days === '' ? null : Number(days),
        reach: (form.get('reach') ?? 'owned') as 'owned',
        ...(cities.length === 0 ? {} : { cities }),
      },
    })
    return resultOf(await waitedFor(api, job.id))
  },
  View: ({ data: { cities, makers }, form }) => (
    <>
      <Hypothetical />
      <Form form={form} labels={LABELS} button="Show what would happen">
        <TextArea
          form={form}
          name="makers"
          label={LABELS.makers}
          hint="One a line, by name, such as Hikvision."
        />
        <details>
          <summary>Makers that are known here</summary>
          <p>{makers.join('; ')}</p>
        </details>
        <Select form={form} name="regime" label={LABELS.regime} options={LISTS} />
        <Input
          form={form}
          name="effectiveOn"
          type="date"
          label={LABELS.effectiveOn}
          hint="The first day on the list. It may lie in the future or in the past."
          required
        />
        <Input
          form={form}
          name="windDownDays"
          label={LABELS.windDownDays}
          hint="After that day, with a license for everything. Leave it blank for none."
          value="180"
        />
        <Select form={form} name="reach" label={LABELS.reach} options={REACH} />
        {cities.length === 0 ? null : (
          <fieldset>
            <legend>{LABELS.cities}</legend>
            <p class="hint">Tick none to ask for all of them.</p>
            <div class="columns">
              {cities.map(({ id, name }) => (
                <label key={id}>
                  <input
                    type="checkbox"
                    name="city"
                    value={id}
                    checked={form.sent?.getAll('city').includes(id) ?? false}
                  />
                  {name}
                </label>
              ))}
            </div>
          </fieldset>
        )}
      </Form>
    </>
  ),
})

/** Of a job that has ended its scenario; else the page that waits for it. */
function resultOf(job: Job): GoTo {
  const location = job.result?.location
  return location
    ? new GoTo(location.replace('/v1/', '/console/'))
    : new GoTo(job.finishedAt === null ? `/console/scenarios/working/${job.id}` : '/console/scenarios')
}

export const scenarioWorkingPage = page({
  path: '/scenarios/working/:job',
  roles: READERS,
  load: async (api, { params }) => {
    const job = await waitedFor(api, params.job ?? '')
    return job.finishedAt === null ? job : resultOf(job)
  },
  title: 'Working it out',
  trail: () => [['Scenarios', '/console/scenarios']],
  View: ({ data: job }) => (
    <>
      <p class="lead" role="status">
        {job.state === 'queued' ? 'Waiting for its turn.' : `Under way: ${job.progress.phase}.`} You can leave
        this page; the result is kept.
      </p>
      <p>
        <a class="button" href={`/console/scenarios/working/${job.id}`}>
          Look again
        </a>
      </p>
    </>
  ),
})

type Compared = Gets['/v1/scenarios/compare']
type Figure = Compared['items'][number]

export const compareScenariosPage = page({
  path: '/scenarios/compare',
  roles: READERS,
  load: (api, { query }) => loadCompared(api, query),
  title: 'Scenarios side by side',
  trail: () => [['Scenarios', '/console/scenarios']],
  View: ({ data }) =>
    data === null ? (
      <p class="empty">
        Choose two scenarios or more. <a href="/console/scenarios">Back to the list</a>
      </p>
    ) : (
      <>
        <Hypothetical />
        <Table
          caption={`${count(data.scenarios.length, 'scenario')} side by side`}
          rows={data.items.filter(({ figure }) => figure !== 'scenario')}
          rowKey={({ figure }) => figure}
          columns={[
            {
              label: 'Figure',
              cell: ({ figure }: Figure) => figure.charAt(0).toUpperCase() + figure.slice(1),
            },
            ...data.scenarios.map(({ name }, at) => ({
              label: `${at + 1}. ${name}`,
              cell: ({ unit, values }: Figure) => inUnit(unit, values[at] ?? null),
            })),
          ]}
        />
        <p class="no-print">
          <a
            class="button quiet"
            href={`/console/v1/scenarios/compare?ids=${data.scenarios.map(({ id }) => id).join('%2C')}&as=csv`}
            download
          >
            Side by side (CSV)
          </a>
        </p>
      </>
    ),
})

/** Null when fewer than two are chosen. */
async function loadCompared(api: Api, query: URLSearchParams): Promise<Compared | null> {
  const ids = query.getAll('id')
  if (ids.length < 2) return null
  try {
    return await api.get('/v1/scenarios/compare', { query: { ids: ids.join(',') } })
  } catch (error) {
    if (error instanceof ApiRefusal && error.problem.status === 400) return null
    throw error
  }
}

function inUnit(unit: string, value: string | number | null): string {
  if (value === null) return 'not looked at, or none'
  if (unit === 'day') return dayWords(String(value))
  if (unit === 'cents') return dollarsOf(Math.round(Number(value) / 100) * 100)
  if (unit === 'share') return `${(Number(value) * 100).toFixed(1)}%`
  return typeof value === 'number' ? value.toLocaleString('en-US') : value
}
