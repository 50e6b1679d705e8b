/** The register as a table: narrowed, sorted, with the columns that somebody wants, and the same as a file. */
import { EDITORS, READERS } from '../../tenancy/auth.ts'
import type { Api } from '../client.ts'
import { COLUMNS, columnsAsked, type DeviceColumn, type Listed } from '../device-columns.tsx'
import {
  addressOf,
  BOUGHT,
  CHOSEN,
  type Chip,
  chipsOf,
  filterOnly,
  having,
  READY_MADE,
  TICKED,
  without,
  withoutBlanks,
} from '../device-filter.ts'
import { UNSENT } from '../form.ts'
import { type Asked, GoTo, page } from '../page.ts'
import { Input, Select } from '../parts/form.tsx'
import { NoDevices } from '../parts/no-devices.tsx'
import { type ColumnOf, Table } from '../parts/table.tsx'
import { count } from '../parts/words.tsx'
import { cityNames, importNames, siteNames } from '../places.ts'

const ROWS = 100

interface Loaded {
  readonly query: URLSearchParams
  readonly items: readonly Listed[]
  readonly next: string | null
  readonly total: number
  readonly chips: readonly Chip[]
  /** Of each chip, how many there would be without it; asked for when there are none with it. */
  readonly withoutChip: ReadonlyMap<Chip, number>
  readonly columns: readonly DeviceColumn[]
  readonly sites: ReadonlyMap<string, string>
  readonly cities: ReadonlyMap<string, string>
  /** Makers of these devices, the most frequent first. */
  readonly makers: readonly (readonly [id: string, label: string])[]
  readonly mayAdd: boolean
}

async function load(api: Api, asked: Asked): Promise<Loaded | GoTo> {
  const query = merged(withoutBlanks(asked.query))
  if (query.toString() !== asked.query.toString()) return new GoTo(addressOf(query))
  const { names, who } = asked
  const hasCities = who.principal.jurisdictionId === null
  const columns = columnsAsked(query.get('columns'), hasCities)
  const filter = filterOnly(query)
  const [page, { totalDevices, items: byMaker }, sites, cities, imports] = await Promise.all([
    api.get('/v1/devices', { query: listQuery(query, columns) }),
    api.get('/v1/summary', { query: having(filter, 'groupBy', 'maker') }),
    hasCities ? new Map<string, string>() : siteNames(api),
    hasCities ? cityNames(api) : new Map<string, string>(),
    importNames(api, filter),
  ])
  const chips = chipsOf(query, { names, sites, cities, imports })
  const makers = byMaker
    .filter(({ group }) => group.maker !== null)
    .map(({ group, devices }) => [group.maker!, `${names.vendor(group.maker!)} (${devices})`] as const)
  return {
    query,
    items: page.items,
    next: page.nextCursor,
    total: totalDevices,
    chips,
    withoutChip: totalDevices === 0 ? await countsWithout(api, filter, chips) : new Map(),
    columns,
    sites,
    cities,
    makers,
    mayAdd: (EDITORS as readonly string[]).includes(who.principal.role),
  }
}

/** Columns that were ticked come one by one and stand in the address as one list. */
function merged(query: URLSearchParams): URLSearchParams {
  const columns = query.getAll('columns')
  if (columns.length > 1) query.set('columns', columns.join(','))
  return query
}

function listQuery(query: URLSearchParams, columns: readonly DeviceColumn[]): URLSearchParams {
  const asked = without(query, 'columns')
  const cursor = query.get('cursor')
  if (cursor !== null) asked.set('cursor', cursor)
  asked.set('limit', String(ROWS))
  asked.set('fields', [...new Set(['id', ...columns.flatMap(({ fields }) => fields)])].join(','))
  return asked
}

async function countsWithout(api: Api, filter: URLSearchParams, chips: readonly Chip[]) {
  const counts = new Map<Chip, number>()
  // More than a few would take longer than they help.
  for (const chip of chips.slice(0, 6)) {
    const rest = without(filter, chip.name, chip.value)
    counts.set(chip, (await api.get('/v1/summary', { query: rest })).totalDevices)
  }
  return counts
}

export const devicesPage = page<Loaded>({
  path: '/devices',
  roles: READERS,
  place: { group: 'Register', label: 'Devices' },
  title: 'Devices',
  load,
  View: ({ data, asked }) => (
    <>
      {data.mayAdd ? (
        <p class="row no-print">
          <a class="button" href="/console/devices/new">
            Add a device
          </a>
        </p>
      ) : null}
      <Views query={data.query} />
      <Filters data={data} asked={asked} />
      {data.chips.length === 0 ? null : <Chips chips={data.chips} />}
      {data.total === 0 ? <Empty data={data} /> : <Rows data={data} asked={asked} />}
    </>
  ),
})

function Views({ query }: { readonly query: URLSearchParams }) {
  const now = filterOnly(query).toString()
  const columns = query.get('columns')
  const kept = (text: string) => {
    const wanted = new URLSearchParams(text)
    if (columns !== null) wanted.set('columns', columns)
    return addressOf(wanted)
  }
  return (
    <nav aria-label="Ready-made views" class="no-print">
      <ul class="chips">
        {[['All', ''] as const, ...READY_MADE].map(([title, text]) => (
          <li key={title}>
            <a href={kept(text)} aria-current={now === text ? 'true' : undefined}>
              {title}
            </a>
          </li>
        ))}
      </ul>
    </nav>
  )
}

function Chips({ chips }: { readonly chips: readonly Chip[] }) {
  return (
    <>
      <h2 class="hidden">Narrowed to</h2>
      <ul class="chips">
        {chips.map(({ name, value, words, address }) => (
          <li key={`${name} ${value}`}>
            <a href={address}>
              {words}
              <span aria-hidden="true"> ✕</span>
              <span class="hidden">, remove</span>
            </a>
          </li>
        ))}
      </ul>
    </>
  )
}

/** What stays as it is when a form is sent that does not show it. */
function Kept({ query, shown }: { readonly query: URLSearchParams; readonly shown: readonly string[] }) {
  return (
    <>
      {[...query]
        .filter(([name]) => !shown.includes(name) && name !== 'cursor')
        .map(([name, value]) => (
          <input key={`${name} ${value}`} type="hidden" name={name} value={value} />
        ))}
    </>
  )
}

function Filters({ data, asked }: { readonly data: Loaded; readonly asked: Asked }) {
  const { query, makers, sites, cities } = data
  const regimes = [...asked.names.regimes.values()].map(({ id, title }) => [id, title] as const)
  const choices: readonly (readonly [name: string, options: readonly (readonly [string, string])[]])[] = [
    ['maker', makers],
    ['regime', regimes],
    ['siteId', [...sites]],
    ['jurisdictionId', [...cities]],
  ]
  return (
    <details class="no-print">
      <summary>Filter and columns</summary>
      <form method="get" action="/console/devices" class="form wide">
        <Kept
          query={query}
          shown={['q', 'columns', ...Object.keys(BOUGHT), ...TICKED.map(({ name }) => name)]}
        />
        <div class="columns">
          <Input
            form={UNSENT}
            name="q"
            label="Text in tag, name, label, model or serial number"
            value={query.get('q')}
            type="search"
          />
          {choices
            .filter(([, options]) => options.length > 0)
            .map(([name, options]) => (
              <Select
                key={name}
                form={UNSENT}
                name={name}
                label={CHOSEN[name]!}
                options={[['', 'any'], ...options]}
              />
            ))}
          {Object.entries(BOUGHT).map(([name, label]) => (
            <Input key={name} form={UNSENT} name={name} label={label} value={query.get(name)} type="date" />
          ))}
        </div>
        <div class="columns">
          {TICKED.map(({ name, title, words }) => (
            <Ticks
              key={name}
              name={name}
              title={title}
              options={Object.entries(words)}
              ticked={query.getAll(name)}
            />
          ))}
        </div>
        <Ticks
          name="columns"
          title="Columns beside the asset tag"
          options={COLUMNS.map((column) => [column.name, column.label])}
          ticked={data.columns.map((column) => column.name)}
          isWide
        />
        <button type="submit">Show</button>
      </form>
    </details>
  )
}

interface TicksOf {
  readonly name: string
  readonly title: string
  readonly options: readonly (readonly [value: string, label: string])[]
  readonly ticked: readonly string[]
  readonly isWide?: boolean
}

function Ticks({ name, title, options, ticked, isWide = false }: TicksOf) {
  return (
    <fieldset>
      <legend>{title}</legend>
      <div class={isWide ? 'columns' : undefined}>
        {options.map(([value, label]) => (
          <label key={value} class="tick">
            <input type="checkbox" name={name} value={value} checked={ticked.includes(value)} />
            {label}
          </label>
        ))}
      </div>
    </fieldset>
  )
}

function Rows({ data, asked }: { readonly data: Loaded; readonly asked: Asked }) {
  const { query, items, total, columns, next } = data
  const around = { names: asked.names, sites: data.sites, cities: data.cities }
  const shown =
    items.length === total ? count(total, 'device') : `${items.length} of ${count(total, 'device')}`
  return (
    <>
      <Table
        caption={shown}
        rows={items}
        rowKey={({ id }) => id}
        columns={columns.map(
          (column): ColumnOf<Listed> => ({
            label: column.label,
            cell: (device) => column.cell(device, around),
            ...(column.sort === undefined ? {} : { sort: sorting(query, column.sort) }),
          }),
        )}
      />
      <nav class="pager" aria-label="Pages of the list">
        {query.has('cursor') ? <a href={addressOf(without(query, 'cursor'))}>First page</a> : null}
        {next === null ? null : (
          <a class="button quiet" href={addressOf(having(query, 'cursor', next))}>
            Next page
          </a>
        )}
      </nav>
      {data.mayAdd && !query.has('asOf') ? (
        <p class="no-print">
          <a href={`/console/devices/change?${filterOnly(query)}`}>Change {count(total, 'device')} at once</a>
        </p>
      ) : null}
      <Files query={query} columns={columns} />
    </>
  )
}

function sorting(query: URLSearchParams, field: string): NonNullable<ColumnOf<Listed>['sort']> {
  const now = query.get('sort')
  const isUp = now === field
  return {
    address: addressOf(having(query, 'sort', isUp ? `-${field}` : field)),
    now: isUp ? 'ascending' : now === `-${field}` ? 'descending' : null,
  }
}

/** The same devices in the same order as a file, all of them. */
function Files({
  query,
  columns,
}: {
  readonly query: URLSearchParams
  readonly columns: readonly DeviceColumn[]
}) {
  const asked = without(query, 'columns')
  const fields = [...new Set(columns.flatMap((column) => column.fields))].join(',')
  const address = (as: string, more: Readonly<Record<string, string>> = {}) =>
    `/console/v1/devices?${new URLSearchParams([...asked, ...Object.entries(more), ['as', as]])}`
  return (
    <div class="no-print">
      <h2>Take these devices with you</h2>
      <ul>
        <li>
          <a href={address('xlsx')}>Excel workbook</a>, with answers in words and a sheet of citations
        </li>
        <li>
          <a href={address('csv', { fields })}>CSV with these columns</a>
        </li>
        <li>
          <a href={address('csv')}>CSV with every field</a>
        </li>
        <li>
          <a href={address('ndjson')}>NDJSON</a>, for programs
        </li>
      </ul>
    </div>
  )
}

function Empty({ data: { chips, withoutChip, mayAdd } }: { readonly data: Loaded }) {
  if (chips.length === 0) return <NoDevices mayChange={mayAdd} />
  return (
    <div class="empty">
      <p class="lead">No device matches all of these.</p>
      <ul>
        {[...withoutChip].map(([chip, devices]) => (
          <li key={chip.words}>
            Without <a href={chip.address}>{chip.words}</a>: {count(devices, 'device')}
          </li>
        ))}
      </ul>
      <p>
        <a href="/console/devices">Show all devices</a>
      </p>
    </div>
  )
}
