/** The question across cities: how many devices, where, under which law. Every figure leads to the devices it counts. */
import {
  ACTIVITIES,
  ACTIVITY_WORDS,
  type Activity,
  type Outcome as Code,
  severity,
} from '../../catalogue/outcomes.ts'
import type { Gets } from '../answers.ts'
import type { Api } from '../client.ts'
import { every, type Names } from '../names.ts'
import { page } from '../page.ts'
import { Filters, QUESTIONS } from '../parts/city-filters.tsx'
import { Table } from '../parts/table.tsx'
import { TileMap } from '../parts/tile-map.tsx'
import { count, Day, Outcome } from '../parts/words.tsx'
import { STATE_NAMES } from '../tiles.ts'

type Totals = Gets['/v1/summary']

interface City {
  readonly id: string
  readonly name: string
  readonly state: string | null
  readonly devices: number
  readonly openMakers: number
  readonly worst: ReadonlyMap<Activity, { readonly outcome: Code; readonly devices: number }>
}

/** Of so many cities each has a line; of more a state has to be chosen. */
const CITIES_SHOWN = 300

export const citiesPage = page({
  path: '/cities',
  roles: ['admin', 'federal-reviewer'],
  place: { group: 'Across cities', label: 'Cities and states' },
  title: 'Across cities',
  load: async (api, { query, names }) => loadCities(api, query, names),
  View: ({ data, asked: { names } }) => {
    const { query, states, cities, known, asOf, total } = data
    const state = query.get('state')
    return (
      <>
        <Lead {...data} />
        <ul class="chips" aria-label="Often asked">
          {QUESTIONS.map(({ label, query: question }) => (
            <li key={label}>
              <a
                href={`/console/cities${question}`}
                aria-current={isSame(query, question) ? 'true' : undefined}
              >
                {label}
              </a>
            </li>
          ))}
        </ul>
        <Filters query={query} makers={data.makers} regimes={[...names.regimes.values()]} />
        {known === 0 ? <NoCity /> : null}
        <TileMap
          caption={
            <>
              Devices by state as of <Day day={asOf} />. Choose a state to see its cities.
            </>
          }
          counts={new Map(states.flatMap(([code, devices]) => (code === null ? [] : [[code, devices]])))}
          address={(code) => changed(query, 'state', code)}
          chosen={state}
        />
        <StateTable {...data} />
        {total === 0 ? (
          <p class="empty">No device of these cities answers to this. Take a filter away to see more.</p>
        ) : (
          <CityTable cities={cities} query={query} />
        )}
        <Downloads query={query} />
      </>
    )
  },
})

function Lead({ asOf, total, needPerson, cities, known, query }: Loaded) {
  const state = query.get('state')
  const where = state === null ? '' : ` in ${STATE_NAMES[state] ?? state}`
  return (
    <>
      <p class="lead">
        {count(total, 'device')}
        {where} in {cities.length.toLocaleString('en-US')} of the {count(known, 'city', 'cities')} that your
        key reads, as of <Day day={asOf} />. {count(needPerson, 'device')}{' '}
        {needPerson === 1 ? 'needs' : 'need'} a person to look.
      </p>
      <p class="notice">
        Your reads are on record. Each city sees when you looked at its register, and which filters you used.
      </p>
    </>
  )
}

function NoCity() {
  return (
    <p class="empty">
      Your key reads no city yet. Ask the people who run this service for a key that reads the cities you
      review.
    </p>
  )
}

function StateTable({ states, cityStates, query }: Loaded) {
  if (states.length === 0) return null
  return (
    <details>
      <summary>The same numbers as a table</summary>
      <Table
        caption="Devices by state"
        rows={states}
        rowKey={([code]) => code ?? 'none'}
        columns={[
          {
            label: 'State',
            cell: ([code]) =>
              code === null ? (
                'State not recorded'
              ) : (
                <a href={changed(query, 'state', code)}>{STATE_NAMES[code] ?? code}</a>
              ),
          },
          {
            label: 'Cities you read',
            isNumber: true,
            cell: ([code]) => (cityStates.get(code) ?? 0).toLocaleString('en-US'),
          },
          { label: 'Devices', isNumber: true, cell: ([, devices]) => devices.toLocaleString('en-US') },
        ]}
      />
    </details>
  )
}

function CityTable({ cities, query }: { readonly cities: readonly City[]; readonly query: URLSearchParams }) {
  const asked = query.getAll('activity')
  const activities = ACTIVITIES.filter((activity) => asked.length === 0 || asked.includes(activity))
  const link = (id: string, more: Readonly<Record<string, readonly string[]>> = {}) =>
    devicesOf(query, id, more)
  return (
    <>
      <h2>By city</h2>
      <p class="hint">
        Under each activity: the worst answer that some law gives, and for how many devices. “No finding”
        means that no law of this service stands against it.
      </p>
      {cities.length > CITIES_SHOWN ? (
        <p class="notice">
          The first {CITIES_SHOWN} of {count(cities.length, 'city', 'cities')}. Choose a state above to see
          its cities, or download all.
        </p>
      ) : null}
      <Table
        caption="Cities by state"
        rows={cities.slice(0, CITIES_SHOWN)}
        rowKey={({ id }) => id}
        columns={[
          { label: 'City', cell: ({ id, name }: City) => <a href={link(id)}>{name}</a> },
          {
            label: 'State',
            cell: ({ state }) => (state === null ? 'not recorded' : (STATE_NAMES[state] ?? state)),
          },
          { label: 'Devices', isNumber: true, cell: ({ devices }) => devices.toLocaleString('en-US') },
          {
            label: 'Maker not settled',
            isNumber: true,
            cell: ({ id, openMakers }) =>
              openMakers === 0 ? (
                '0'
              ) : (
                <a href={link(id, { identificationStatus: ['ambiguous', 'unresolved'] })}>
                  {openMakers.toLocaleString('en-US')}
                </a>
              ),
          },
          ...activities.map((activity) => ({
            label: ACTIVITY_WORDS[activity],
            cell: ({ worst }: City) => {
              const found = worst.get(activity)
              if (found === undefined) return 'No finding'
              return (
                <>
                  <Outcome outcome={found.outcome} /> {count(found.devices, 'device')}
                </>
              )
            },
          })),
        ]}
      />
    </>
  )
}

function Downloads({ query }: { readonly query: URLSearchParams }) {
  const file = (groupBy: string) => `/console/v1/summary?${withAlso(query, { groupBy, as: 'csv' })}`
  return (
    <p class="row no-print">
      <a class="button quiet" href={file('state,city')} download>
        Cities (CSV)
      </a>
      <a class="button quiet" href={file('state,city,regime,activity,outcome')} download>
        By law, activity and answer (CSV)
      </a>
      <a href={`/console/devices?${query}`}>All these devices</a>
    </p>
  )
}

interface Loaded {
  readonly query: URLSearchParams
  readonly asOf: string
  readonly total: number
  readonly needPerson: number
  /** Of the cities that the key reads. */
  readonly known: number
  /** How many cities of each state the key reads. */
  readonly cityStates: ReadonlyMap<string | null, number>
  readonly states: readonly (readonly [code: string | null, devices: number])[]
  readonly cities: readonly City[]
  /** Makers with devices there. */
  readonly makers: readonly (readonly [id: string, name: string])[]
}

async function loadCities(api: Api, given: URLSearchParams, vendors: Names): Promise<Loaded> {
  const query = new URLSearchParams([...given].filter(([, value]) => value !== ''))
  const everywhere = new URLSearchParams(query)
  everywhere.delete('state')
  const totals = (groupBy: string, of = query) => api.get('/v1/summary', { query: withAlso(of, { groupBy }) })
  const byState = await totals('state', everywhere)
  const byCity = await totals('state,jurisdictionId')
  const openMakers = await totals('jurisdictionId,identificationStatus')
  const answers = await totals('jurisdictionId,activity,outcome')
  const makers = await api.get('/v1/summary', { query: withAlso(dayOf(query), { groupBy: 'maker' }) })
  const known = await every((page) => api.get('/v1/jurisdictions', { query: page }))
  const names = new Map(known.map(({ id, name }) => [id, name]))
  const cityStates = new Map<string | null, number>()
  for (const { state } of known) cityStates.set(state, (cityStates.get(state) ?? 0) + 1)
  return {
    query,
    asOf: byState.asOf,
    total: byCity.totalDevices,
    needPerson: byCity.needPerson,
    known: known.length,
    cityStates,
    states: byState.items
      .map(({ group, devices }) => [group.state ?? null, devices] as const)
      .toSorted(([a, more], [b, less]) => less - more || nameOf(a).localeCompare(nameOf(b))),
    cities: citiesOf({ byCity, openMakers, answers, names }),
    makers: makers.items
      .flatMap(({ group: { maker } }) => (maker ? [[maker, vendors.vendor(maker)] as const] : []))
      .toSorted(([, a], [, b]) => a.localeCompare(b)),
  }
}

interface Parts {
  readonly byCity: Totals
  readonly openMakers: Totals
  readonly answers: Totals
  readonly names: ReadonlyMap<string, string>
}

/** By state, then by name. */
function citiesOf({ byCity, openMakers, answers, names }: Parts): City[] {
  const open = new Map<string, number>()
  for (const { group, devices } of openMakers.items) {
    if (group.identificationStatus === 'resolved') continue
    const id = group.jurisdictionId ?? ''
    open.set(id, (open.get(id) ?? 0) + devices)
  }
  const worst = new Map<string, Map<Activity, { outcome: Code; devices: number }>>()
  for (const { group, devices } of answers.items) {
    const [id, activity, outcome] = [
      group.jurisdictionId ?? '',
      group.activity as Activity,
      group.outcome as Code,
    ]
    const ofCity = worst.get(id) ?? new Map()
    worst.set(id, ofCity)
    const known = ofCity.get(activity)
    if (known === undefined || severity(outcome) < severity(known.outcome))
      ofCity.set(activity, { outcome, devices })
  }
  return byCity.items
    .map(({ group, devices }): City => {
      const id = group.jurisdictionId ?? ''
      return {
        id,
        name: names.get(id) ?? 'City',
        state: group.state ?? null,
        devices,
        openMakers: open.get(id) ?? 0,
        worst: worst.get(id) ?? new Map(),
      }
    })
    .toSorted((a, b) => nameOf(a.state).localeCompare(nameOf(b.state)) || a.name.localeCompare(b.name))
}

/** States that are not recorded stand last. */
const nameOf = (code: string | null) => (code === null ? '~' : (STATE_NAMES[code] ?? code))

const dayOf = (query: URLSearchParams) => new URLSearchParams([...query].filter(([name]) => name === 'asOf'))

function withAlso(query: URLSearchParams, also: Readonly<Record<string, string>>): URLSearchParams {
  return new URLSearchParams([...query, ...Object.entries(also)])
}

function changed(query: URLSearchParams, name: string, value: string): string {
  const next = new URLSearchParams(query)
  next.set(name, value)
  return `/console/cities?${next}`
}

/** The register of one city, narrowed as here. */
function devicesOf(
  query: URLSearchParams,
  id: string,
  more: Readonly<Record<string, readonly string[]>>,
): string {
  const next = new URLSearchParams([...query].filter(([name]) => name !== 'state'))
  next.set('jurisdictionId', id)
  for (const [name, values] of Object.entries(more)) {
    next.delete(name)
    for (const value of values) next.append(name, value)
  }
  return `/console/devices?${next}`
}

/** The same question, in whatever state and on whatever day. */
function isSame(query: URLSearchParams, question: string): boolean {
  const plain = new URLSearchParams([...query].filter(([name]) => name !== 'state' && name !== 'asOf'))
  plain.sort()
  const other = new URLSearchParams(question)
  other.sort()
  return plain.toString() === other.toString()
}
