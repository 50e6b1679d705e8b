/** One change of many devices: those that a filter names, tried first, and all or none. */
import { ACTIVITY_WORDS } from '../../catalogue/outcomes.ts'
import type { TitledField } from '../../device/titles.ts'
import { EDITORS } from '../../tenancy/auth.ts'
import type { Sends } from '../answers.ts'
import { changesIn, FIELD_GROUPS, titleOf, toWords } from '../device-fields.ts'
import { addressOf, type Chip, chipsOf, filterOnly } from '../device-filter.ts'
import { UNSENT, wrongForm } from '../form.ts'
import type { Names } from '../names.ts'
import { GoTo, page } from '../page.ts'
import { DEVICE_LABELS, DeviceInput } from '../parts/device-form.tsx'
import { Form, Input, Select } from '../parts/form.tsx'
import { Table } from '../parts/table.tsx'
import { count, Outcome } from '../parts/words.tsx'
import { cityNames, importNames, siteNames } from '../places.ts'

type Call = Sends['POST /v1/devices/changes']
type Changed = Call['answer']

/** What only one device can have. */
const OF_ONE = ['assetTag', 'serialNumber', 'macAddress']
const CHOICES = FIELD_GROUPS.flatMap(([, fields]) => fields).filter((field) => !OF_ONE.includes(field))
/** Above it a person types the number, so that a slip does not change a whole register. */
const TYPED_ABOVE = 100

interface Loaded {
  readonly filter: URLSearchParams
  readonly chips: readonly Chip[]
  readonly total: number
  readonly field: TitledField | null
}

export const devicesChangePage = page<Loaded>({
  path: '/devices/change',
  roles: EDITORS,
  title: 'Change many devices',
  trail: ({ filter }) => [['Devices', addressOf(filter)]],
  load: async (api, { query, names, who }) => {
    const filter = filterOf(query)
    const isCity = who.principal.jurisdictionId !== null
    const [{ totalDevices: total }, sites, cities, imports] = await Promise.all([
      api.get('/v1/summary', { query: filter }),
      isCity ? siteNames(api) : new Map<string, string>(),
      isCity ? new Map<string, string>() : cityNames(api),
      importNames(api, filter),
    ])
    const field = CHOICES.find((one) => one === query.get('set')) ?? null
    return { filter, chips: chipsOf(filter, { names, sites, cities, imports }), total, field }
  },
  View: ({ data, form, asked: { names } }) => {
    const { filter, chips, total, field } = data
    const tried = form.result as Changed | undefined
    // A number that was mistyped is said beside its own field.
    const ofTrial = form.errors.has('typed') ? { ...UNSENT, sent: form.sent } : form
    return (
      <>
        <p class="lead">
          {count(total, 'device')}:{' '}
          {chips.length === 0 ? 'all of the register' : chips.map(({ words }) => words).join('; ')}.{' '}
          <a href={addressOf(filter)}>Look at them</a>
        </p>
        <form method="get" class="row no-print">
          {[...filter].map(([name, value]) => (
            <input key={`${name} ${value}`} type="hidden" name={name} value={value} />
          ))}
          <Select
            form={UNSENT}
            name="set"
            label="Which fact to change"
            value={field}
            options={[['', 'choose'], ...CHOICES.map((one) => [one, titleOf(one)] as const)]}
          />
          <button type="submit" class="quiet">
            Choose
          </button>
        </form>
        {field === null || total === 0 ? null : (
          <Form form={ofTrial} labels={DEVICE_LABELS} button="Show what it would do">
            <input type="hidden" name="do" value="try" />
            <DeviceInput form={ofTrial} field={field} stored={null} />
            <p class="hint">Left empty, the fact becomes “not known” on all of them.</p>
          </Form>
        )}
        {tried === undefined || field === null ? null : (
          <Tried tried={tried} field={field} value={form.sent?.get(field) ?? ''} names={names} form={form} />
        )}
      </>
    )
  },
  submit: async (api, { query, who }, form) => {
    const field = CHOICES.find((one) => one === query.get('set'))
    if (field === undefined) return wrongForm(form, { set: 'Choose which fact to change first.' })
    const filter = filterOf(query)
    const city =
      who.principal.jurisdictionId === null ? { jurisdictionId: filter.get('jurisdictionId') ?? '' } : {}
    const body = {
      ...city,
      filter: bodyOf(filter),
      // Of a device that has nothing: so a field that is left empty is named as well.
      change: { [field]: null, ...changesIn(form, {}) },
    } as Call['body']
    const send = (more: Partial<Call['body']>) =>
      api.send('POST /v1/devices/changes', { body: { ...body, ...more } })
    const wanted = Number(form.get('count'))
    const isAsked = form.get('do') === 'change'
    const isConfirmed =
      wanted <= TYPED_ABOVE || form.get('typed')?.replaceAll(/[,\s]/g, '') === String(wanted)
    if (isAsked && isConfirmed) {
      await send({ expected: { count: wanted, digest: form.get('digest') ?? '' } })
      return new GoTo(addressOf(filter), 'devices-changed')
    }
    const { body: result } = await send({ dryRun: true })
    const state = isAsked
      ? wrongForm(form, { typed: `Type ${wanted} to confirm.` })
      : { ...UNSENT, sent: form }
    return { ...state, result }
  },
})

/** Without what belongs to the page. */
function filterOf(query: URLSearchParams): URLSearchParams {
  const filter = filterOnly(query)
  for (const name of ['set', 'asOf']) filter.delete(name)
  return new URLSearchParams([...filter].filter(([, value]) => value !== ''))
}

/** Filters of an address as those of a body. */
function bodyOf(filter: URLSearchParams): NonNullable<Call['body']['filter']> {
  const names = [...new Set(filter.keys())].filter((name) => name !== 'jurisdictionId')
  return Object.fromEntries(
    names.map((name) => {
      const values = filter.getAll(name)
      if (name === 'needsReview' || name === 'hasFindings') return [name, values[0] === 'true']
      return [name, values.length === 1 ? values[0] : values]
    }),
  )
}

interface TriedOf {
  readonly tried: Changed
  readonly field: TitledField
  readonly value: string
  readonly names: Names
  readonly form: Parameters<typeof Form>[0]['form']
}

function Tried({ tried, field, value, names, form }: TriedOf) {
  const { count: all, changed, unchanged, answers, findings, digest } = tried
  return (
    <section class="card" aria-label="What it would do">
      <h2>Nothing was changed: this is what it would do</h2>
      <p>
        {titleOf(field)} becomes “{toWords(field, value === '' ? null : value) ?? 'not known'}”.{' '}
        {count(changed, 'device')} would change, {unchanged} {unchanged === 1 ? 'is' : 'are'} so already.
      </p>
      {answers.length === 0 ? (
        <p>No worst answer of any device would change.</p>
      ) : (
        <Table
          caption="What it does to the answers"
          rows={answers}
          rowKey={({ activity, from, to }) => `${activity}-${from}-${to}`}
          columns={[
            { label: 'To do', cell: ({ activity }: Changed['answers'][number]) => ACTIVITY_WORDS[activity] },
            { label: 'Now', cell: ({ from }) => <Outcome outcome={from} /> },
            { label: 'Then', cell: ({ to }) => <Outcome outcome={to} /> },
            { label: 'Devices', isNumber: true, cell: ({ devices }) => devices.toLocaleString('en-US') },
          ]}
        />
      )}
      {findings.length === 0 ? null : (
        <ul>
          {findings.map(({ regime, activity, appear, disappear }) => (
            <li key={regime + activity}>
              {names.regime(regime)?.title ?? regime}, {ACTIVITY_WORDS[activity].toLowerCase()}:{' '}
              {count(appear, 'new finding')}, {disappear} gone
            </li>
          ))}
        </ul>
      )}
      {changed === 0 ? null : (
        <Form
          form={form.errors.has('typed') ? form : UNSENT}
          labels={{ typed: 'Number of devices' }}
          button={`Change ${count(all, 'device')}`}
        >
          <input type="hidden" name="do" value="change" />
          <input type="hidden" name="count" value={all} />
          <input type="hidden" name="digest" value={digest} />
          <input type="hidden" name={field} value={value} />
          {all <= TYPED_ABOVE ? null : (
            <Input form={form} name="typed" label="Number of devices" hint={`Type ${all} to confirm.`} />
          )}
        </Form>
      )}
    </section>
  )
}
