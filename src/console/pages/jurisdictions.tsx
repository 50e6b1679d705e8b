/** Cities: what is on record of each, since a fact of the city decides for all its devices. */
import { factWords } from '../../determination/missing-words.ts'
import { MONTHS } from '../../lib/long-days.ts'
import { ADMINS, READERS } from '../../tenancy/auth.ts'
import type { JurisdictionWrite } from '../../tenancy/jurisdictions.ts'
import type { Gets } from '../answers.ts'
import type { FormState } from '../form.ts'
import { GoTo, page } from '../page.ts'
import { Form, Input, Select } from '../parts/form.tsx'
import { Known } from '../parts/words.tsx'

type City = Gets['/v1/jurisdictions/{id}']

const KIND_WORDS: Readonly<Record<City['kind'], string>> = {
  city: 'City',
  county: 'County',
  school: 'School district',
  transit: 'Transit district',
  'special-district': 'Special district',
  state: 'State',
  other: 'Other',
}

const YES_NO = [
  ['', 'not known'],
  ['yes', 'yes'],
  ['no', 'no'],
] as const

const QUESTIONS = [
  'federalContractor',
  'sellsToFederal',
  'defenseContract',
  'receivesFccSupport',
  'sharesBulkData',
] as const

const question = (fact: string) => {
  const words = factWords(fact).replace(/^whether /, '')
  return words.charAt(0).toUpperCase() + words.slice(1)
}

const LABELS: Readonly<Record<string, string>> = {
  name: 'Name',
  state: 'State',
  kind: 'What it is',
  timezone: 'Time zone',
  fiscalYearStartMonth: 'Fiscal year begins in',
  population: 'People who live there',
  ...Object.fromEntries(QUESTIONS.map((fact) => [fact, question(fact)])),
}

const yesNo = (value: boolean | null) => (value === null ? '' : value ? 'yes' : 'no')

export const jurisdictionNewPage = page({
  path: '/jurisdictions/new',
  roles: ADMINS,
  place: { group: 'Operator', label: 'Add a city' },
  title: 'Add a city',
  load: async () => ({}),
  submit: async (api, _asked, form) => {
    const { body } = await api.send('POST /v1/jurisdictions', { body: valuesIn(form) as JurisdictionWrite })
    return new GoTo(`/console/jurisdictions/${body.id}`, 'city-added')
  },
  View: ({ form }) => (
    <>
      <p class="lead">What is not known is taken as the stricter case, and can be stated later.</p>
      <CityForm form={form} city={null} button="Add the city" />
    </>
  ),
})

export const jurisdictionPage = page<{
  readonly city: City
  readonly etag: string
  readonly mayChange: boolean
}>({
  path: '/jurisdictions/:id',
  roles: READERS,
  title: ({ city }) => city.name,
  load: async (api, { params, who }) => {
    const { body: city, headers } = await api.read('/v1/jurisdictions/{id}', { params })
    return { city, etag: String(headers.etag ?? ''), mayChange: who.principal.role === 'admin' }
  },
  submitRoles: ADMINS,
  submit: async (api, { params }, form) => {
    await api.send('PATCH /v1/jurisdictions/{id}', {
      params,
      body: valuesIn(form),
      headers: { 'if-match': form.get('etag') ?? '' },
    })
    return new GoTo(`/console/jurisdictions/${params.id}`, 'city-saved')
  },
  View: ({ data: { city, etag, mayChange }, form }) => (
    <>
      <p class="lead">
        {KIND_WORDS[city.kind]}
        {city.state === null ? '' : `, ${city.state}`}. What a city does decides answers for all its devices
        at once.
      </p>
      <p>
        <a href={`/console/devices?jurisdictionId=${city.id}`}>Its devices</a>
      </p>
      {mayChange ? (
        <CityForm form={form} city={city} etag={etag} button="Save" />
      ) : (
        <>
          <dl class="facts">
            {QUESTIONS.map((fact) => (
              <div key={fact}>
                <dt>{LABELS[fact]}</dt>
                <dd>
                  <Known value={yesNo(city[fact])} />
                </dd>
              </div>
            ))}
          </dl>
          <p>The people who run this service can change these facts. Tell them what you know.</p>
        </>
      )}
    </>
  ),
})

interface CityFormOf {
  readonly form: FormState
  readonly city: City | null
  readonly button: string
  readonly etag?: string
}

function CityForm({ form, city, button, etag }: CityFormOf) {
  return (
    <Form form={form} labels={LABELS} button={button}>
      {etag === undefined ? null : <input type="hidden" name="etag" value={form.sent?.get('etag') ?? etag} />}
      <Input form={form} name="name" label={LABELS.name!} value={city?.name ?? null} required />
      <Input
        form={form}
        name="state"
        label={LABELS.state!}
        hint="Two letters, such as OH."
        value={city?.state ?? null}
      />
      <Select
        form={form}
        name="kind"
        label={LABELS.kind!}
        value={city?.kind ?? 'city'}
        options={Object.entries(KIND_WORDS)}
      />
      <Input
        form={form}
        name="timezone"
        label={LABELS.timezone!}
        hint="Days are those of this zone. America/New_York, America/Chicago, America/Denver, America/Los_Angeles and others."
        value={city?.timezone ?? 'America/New_York'}
      />
      <Select
        form={form}
        name="fiscalYearStartMonth"
        label={LABELS.fiscalYearStartMonth!}
        value={String(city?.fiscalYearStartMonth ?? 7)}
        options={MONTHS.map((month, at): [string, string] => [String(at + 1), month])}
      />
      <Input
        form={form}
        name="population"
        label={`${LABELS.population} (optional)`}
        value={city?.population?.toString() ?? null}
      />
      {QUESTIONS.map((fact) => (
        <Select
          key={fact}
          form={form}
          name={fact}
          label={LABELS[fact]!}
          value={city === null ? '' : yesNo(city[fact])}
          options={YES_NO}
        />
      ))}
    </Form>
  )
}

function valuesIn(form: URLSearchParams): Partial<JurisdictionWrite> {
  const text = (name: string) => (form.get(name) ?? '').trim()
  const number = (name: string) => (text(name) === '' ? null : Number(text(name).replaceAll(',', '')))
  const flag = (name: string) => (text(name) === '' ? null : text(name) === 'yes')
  return {
    name: text('name'),
    state: text('state') === '' ? null : text('state').toUpperCase(),
    kind: text('kind') as City['kind'],
    timezone: text('timezone'),
    fiscalYearStartMonth: number('fiscalYearStartMonth') ?? 7,
    population: number('population'),
    ...Object.fromEntries(QUESTIONS.map((fact) => [fact, flag(fact)])),
  }
}
