/** The first page: how things stand and what to do next, for whoever looks. */
import { ACTIVITIES, ACTIVITY_WORDS } from '../../catalogue/outcomes.ts'
import { EDITORS, READERS, type Role } from '../../tenancy/auth.ts'
import type { Gets } from '../answers.ts'
import type { Api } from '../client.ts'
import { READY_MADE } from '../device-filter.ts'
import { type Asked, page } from '../page.ts'
import { NoDevices } from '../parts/no-devices.tsx'
import { Table } from '../parts/table.tsx'
import { count, Day } from '../parts/words.tsx'

type Group = Gets['/v1/reviews']['items'][number]
type Deadline = Gets['/v1/firmware-risks/deadlines']['items'][number]
type Summary = Gets['/v1/summary']

interface City {
  readonly kind: 'city'
  readonly id: string
  readonly total: Summary
  readonly figures: readonly { readonly title: string; readonly address: string; readonly devices: number }[]
  readonly table: readonly { readonly activity: string; readonly cells: readonly Cell[] }[]
  readonly groups: readonly Group[]
  readonly deadline: Deadline | null
  readonly lastImport: Gets['/v1/imports']['items'][number] | null
  readonly mayChange: boolean
}

interface Cell {
  readonly title: string
  readonly address: string
  readonly devices: number
}

interface Across {
  readonly kind: 'operator' | 'reviewer'
  readonly cities: readonly {
    readonly id: string
    readonly name: string
    readonly state: string | null
    readonly devices: number
  }[]
}

/** Answers that stop a city, that limit it, and that wait for a person. */
const WEIGHTS: readonly (readonly [title: string, outcomes: readonly string[]])[] = [
  ['Stopped', ['prohibited', 'license-required', 'unallowable', 'contract-bar', 'seller-bar']],
  ['With limits', ['updates-unavailable', 'conditional', 'vendor-risk', 'permitted-with-caution']],
  ['A person has to look', ['review']],
]

export const todayPage = page<City | Across>({
  path: '',
  roles: READERS,
  place: { group: 'Register', label: 'Today' },
  title: 'Today',
  load: async (api, asked) => {
    const { jurisdictionId: id } = asked.who.principal
    return id === null ? across(api, asked) : ofCity(api, asked, id)
  },
  View: ({ data, asked }) => {
    if (data.kind !== 'city') return <Cities data={data} />
    return data.total.totalDevices === 0 ? (
      <NoDevices mayChange={data.mayChange} />
    ) : (
      <OfCity city={data} asked={asked} />
    )
  },
})

async function ofCity(api: Api, { who }: Asked, id: string): Promise<City> {
  const devicesOf = async (query: string) =>
    (await api.get('/v1/summary', { query: new URLSearchParams(query) })).totalDevices
  const total = await api.get('/v1/summary')
  const { items: imports } = await api.get('/v1/imports', { query: { limit: '1' } })
  const [groups, deadlines] = await Promise.all([
    api.get('/v1/reviews', { query: { limit: '3' } }),
    api.get('/v1/firmware-risks/deadlines', { query: { missing: 'true' } }),
  ])
  const figures = await Promise.all(
    READY_MADE.slice(0, 4).map(async ([title, query]) => ({
      title,
      address: `/console/devices?${query}`,
      devices: await devicesOf(query),
    })),
  )
  const table = await Promise.all(
    ACTIVITIES.map(async (activity) => ({
      activity: ACTIVITY_WORDS[activity],
      cells: await Promise.all(
        WEIGHTS.map(async ([title, outcomes]) => {
          const query = new URLSearchParams([
            ['activity', activity],
            ...outcomes.map((one) => ['outcome', one]),
          ])
          return { title, address: `/console/devices?${query}`, devices: await devicesOf(query.toString()) }
        }),
      ),
    })),
  )
  return {
    kind: 'city',
    id,
    total,
    figures,
    table,
    groups: groups.items,
    deadline: deadlines.items[0] ?? null,
    lastImport: imports[0] ?? null,
    mayChange: (EDITORS as readonly Role[]).includes(who.principal.role),
  }
}

async function across(api: Api, { who }: Asked): Promise<Across> {
  const [{ items: cities }, { items: counts }] = await Promise.all([
    api.get('/v1/jurisdictions', { query: { limit: '1000' } }),
    api.get('/v1/summary', { query: { groupBy: 'jurisdictionId' } }),
  ])
  const devices = new Map(counts.map(({ group, devices }) => [group.jurisdictionId, devices]))
  return {
    kind: who.principal.role === 'admin' ? 'operator' : 'reviewer',
    cities: cities.map(({ id, name, state }) => ({ id, name, state, devices: devices.get(id) ?? 0 })),
  }
}

function OfCity({ city, asked }: { readonly city: City; readonly asked: Asked }) {
  return (
    <>
      <ul class="figures">
        <li>
          <span class="number">{city.total.totalDevices.toLocaleString('en-US')}</span>
          <a href="/console/devices">devices on the register</a>
        </li>
        {city.figures.map(({ title, address, devices }) => (
          <li key={title}>
            <span class="number">{devices.toLocaleString('en-US')}</span>
            <a href={address}>{title.toLowerCase()}</a>
          </li>
        ))}
      </ul>
      <Next city={city} asked={asked} />
      <Table
        caption="What the laws say, by what the city wants to do"
        rows={city.table}
        rowKey={({ activity }) => activity}
        columns={[
          { label: 'To do', cell: ({ activity }) => activity },
          ...WEIGHTS.map(([title], at) => ({
            label: title,
            isNumber: true,
            cell: ({ cells }: City['table'][number]) => {
              const { devices, address } = cells[at]!
              return devices === 0 ? 'none' : <a href={address}>{count(devices, 'device')}</a>
            },
          })),
        ]}
      />
      <LastImport city={city} />
    </>
  )
}

/** At most five things, those that settle most first. */
function Next({ city, asked }: { readonly city: City; readonly asked: Asked }) {
  const { groups, total, deadline } = city
  const questions = total.cityQuestions.slice(0, 1)
  if (groups.length === 0 && questions.length === 0 && deadline === null)
    return <p class="say">Nothing waits for you. Every device has an answer, or a reason why not.</p>
  return (
    <>
      <h2>Do this next</h2>
      <ol>
        {questions.map(({ fact, question, devices }) => (
          <li key={fact}>
            <a href={`/console/jurisdictions/${city.id}`}>{question}</a> It decides an answer for{' '}
            {count(devices, 'device')}.
          </li>
        ))}
        {deadline === null ? null : (
          <li>
            {deadline.maker === null ? 'A maker that is not known' : asked.names.vendor(deadline.maker)}
            {deadline.model === null ? '' : ` ${deadline.model}`}: get the newest firmware image by{' '}
            <Day day={deadline.saveBy} />. From <Day day={deadline.cutOffOn} /> on it may not be had any
            longer.
          </li>
        )}
        {groups.map((group) => (
          <li key={group.id}>
            <a href={city.mayChange ? `/console/review/${group.exampleDeviceId}` : groupAddress(group)}>
              {count(group.devices, 'device')}
            </a>{' '}
            {groupWords(group)}
          </li>
        ))}
      </ol>
    </>
  )
}

function groupAddress({ manufacturer, model, exampleDeviceId, devices }: Group): string {
  if (devices === 1 || (manufacturer === null && model === null)) return `/console/devices/${exampleDeviceId}`
  const query = new URLSearchParams()
  if (manufacturer !== null) query.set('manufacturer', manufacturer)
  if (model !== null) query.set('model', model)
  return `/console/devices?${query}`
}

function groupWords({ manufacturer, model, missing }: Group): string {
  const label = [manufacturer, model].filter(Boolean).join(' ')
  const what = label === '' ? 'without a label' : `labeled ${label}`
  return missing.length === 0 ? `${what}: a person has to look.` : `${what}: a missing fact would settle it.`
}

function LastImport({ city: { lastImport } }: { readonly city: City }) {
  if (lastImport === null) return null
  const { id, createdAt, fileName, source, counts, undoneAt } = lastImport
  return (
    <>
      <h2>Last import</h2>
      <p>
        <a href={`/console/imports/${id}`}>{fileName ?? source}</a>, <Day day={createdAt} />: {counts.created}{' '}
        new, {counts.updated} changed, {counts.unchanged} as before, {counts.rejected} refused.
        {undoneAt === null ? null : (
          <>
            {' '}
            It was undone on <Day day={undoneAt} />.
          </>
        )}
      </p>
    </>
  )
}

function Cities({ data: { kind, cities } }: { readonly data: Across }) {
  return (
    <>
      {kind === 'operator' ? (
        <Steps hasCities={cities.length > 0} />
      ) : (
        <p class="lead">
          <a href="/console/cities">See the cities side by side, on a map</a>. Your reads are on record.
        </p>
      )}
      {cities.length === 0 ? (
        kind === 'reviewer' ? (
          <p class="empty">Your key reads no city yet. Ask the people who run this service.</p>
        ) : null
      ) : (
        <Table
          caption={count(cities.length, 'city', 'cities')}
          rows={cities}
          rowKey={({ id }) => id}
          columns={[
            { label: 'City', cell: ({ id, name }) => <a href={`/console/jurisdictions/${id}`}>{name}</a> },
            { label: 'State', cell: ({ state }) => state ?? 'none' },
            {
              label: 'Devices',
              isNumber: true,
              cell: ({ id, devices }) =>
                devices === 0 ? (
                  'none yet'
                ) : (
                  <a href={`/console/devices?jurisdictionId=${id}`}>{count(devices, 'device')}</a>
                ),
            },
          ]}
        />
      )}
    </>
  )
}

function Steps({ hasCities }: { readonly hasCities: boolean }) {
  return (
    <>
      <h2>{hasCities ? 'To bring another city in' : 'Three steps to begin'}</h2>
      <ol>
        <li>
          <a href="/console/jurisdictions/new">Add a city</a>, with what it is and what it does for federal
          money.
        </li>
        <li>
          <a href="/console/keys">Make a key</a> for its staff. It is shown once.
        </li>
        <li>Send them the key and the address of this page.</li>
      </ol>
    </>
  )
}
