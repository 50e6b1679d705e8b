/** One device of the queue: what is known, what points where, and what settles it. */
import type { DeviceChange } from '../../../device/schemas.ts'
import { STATEMENT_BASES } from '../../../device/statement.ts'
import { EDITORS } from '../../../tenancy/auth.ts'
import type { Gets } from '../../answers.ts'
import { titleOf, toWords } from '../../device-fields.ts'
import { formOf, wrongForm } from '../../form.ts'
import type { Names } from '../../names.ts'
import { every } from '../../names.ts'
import { GoTo, page } from '../../page.ts'
import { Form, Input, Select, TextArea } from '../../parts/form.tsx'
import { Table } from '../../parts/table.tsx'
import { count, Known } from '../../parts/words.tsx'
import { BASIS_WORDS, READ_WHERE, READABLE, type Readable } from '../../review-words.ts'
import { callOf } from '../device.tsx'

type Group = Gets['/v1/reviews']['items'][number]
type Device = Gets['/v1/devices/{id}']

interface Loaded {
  readonly device: Device
  readonly etag: string
  /** Null when the device waits for nobody, or stands in the group of another example. */
  readonly group: Group | null
  /** Place in the queue, from 1. */
  readonly place: number
  readonly groups: number
  readonly next: string | null
}

export const reviewDevicePage = page<Loaded>({
  path: '/review/:id',
  roles: EDITORS,
  title: ({ device }) => `Who made ${callOf(device)}?`,
  trail: ({ device }) => [['Review', queueOf(device)]],
  load: async (api, { params }) => {
    const { body: device, headers } = await api.read('/v1/devices/{id}', { params })
    const { jurisdictionId } = device
    const groups = await every((query) => api.get('/v1/reviews', { query: { ...query, jurisdictionId } }))
    const at = groups.findIndex(({ exampleDeviceId }) => exampleDeviceId === device.id)
    return {
      device,
      etag: String(headers.etag ?? ''),
      group: groups[at] ?? null,
      place: at + 1,
      groups: groups.length,
      next: groups[at + 1]?.exampleDeviceId ?? null,
    }
  },
  View: ({ data, form, asked: { names, who } }) => {
    const { device, group } = data
    if (group === null && !device.identification.needsReview) return <Settled device={device} />
    return (
      <>
        <Place data={data} />
        <dl class="facts">
          {READABLE.map((name) => (
            <div key={name}>
              <dt>{titleOf(name)}</dt>
              <dd>
                <Known value={toWords(name, device[name])} />
              </dd>
            </div>
          ))}
        </dl>
        <Pointers device={device} group={group} names={names} />
        <Fact data={data} form={formOf(form, 'fact')} />
        <State data={data} names={names} form={formOf(form, 'statement')} by={who.session.statedName} />
      </>
    )
  },
  submit: async (api, { params }, form) => {
    const address = `/console/review/${encodeURIComponent(params.id ?? '')}`
    if (form.get('do') === 'fact') {
      const body = factsIn(form)
      if (Object.keys(body).length === 0)
        return wrongForm(form, { [form.get('first') ?? 'model']: 'Enter what the label says.' })
      const headers = { 'if-match': form.get('etag') ?? '' }
      await api.send('PATCH /v1/devices/{id}', { params, body, headers })
      return new GoTo(address, 'device-saved')
    }
    const maker = form.get('maker') ?? ''
    const basis = STATEMENT_BASES.find((one) => one === form.get('basis'))
    if (maker === '' || basis === undefined)
      return wrongForm(form, {
        ...(maker === '' ? { maker: 'Choose who made it, or that it cannot be found out.' } : {}),
        ...(basis === undefined ? { basis: 'Choose how you know.' } : {}),
      })
    const stated = {
      maker: maker === UNKNOWABLE ? null : maker,
      basis,
      by: form.get('by')?.trim() ?? '',
      note: form.get('note')?.trim() || null,
    }
    const group = form.get('group')
    if (form.get('scope') === 'group' && group !== null) {
      const { body: device } = await api.read('/v1/devices/{id}', { params })
      const { jurisdictionId } = device
      await api.send('POST /v1/reviews/{id}/statements', {
        params: { id: group },
        body: { jurisdictionId, ...stated },
      })
      return new GoTo(queueOf(device), 'stated')
    }
    const { body } = await api.send('POST /v1/devices/{id}/statements', {
      params,
      body: { ...stated, scope: form.get('scope') === 'model' ? 'model' : 'device' },
    })
    return new GoTo(`/console/statements/${body.id}`, 'stated')
  },
})

const UNKNOWABLE = '-'

const queueOf = ({ jurisdictionId }: Device) => `/console/review?jurisdictionId=${jurisdictionId}`

/** Fields of the form that were filled in. */
function factsIn(form: URLSearchParams): DeviceChange {
  const given = READABLE.map((name) => [name, form.get(name)?.trim() ?? ''] as const)
  return Object.fromEntries(given.filter(([, text]) => text !== '')) as DeviceChange
}

function Settled({ device }: { readonly device: Device }) {
  return (
    <>
      <p class="lead">This device waits for nobody any more.</p>
      <p class="row">
        <a class="button" href={queueOf(device)}>
          Go on with the queue
        </a>
        <a class="button quiet" href={`/console/devices/${device.id}`}>
          Look at the device
        </a>
      </p>
    </>
  )
}

function Place({ data: { device, group, place, groups, next } }: { readonly data: Loaded }) {
  return (
    <>
      {group === null ? (
        <p class="lead">
          It stands in the queue by itself no more: somebody has decided it, or it is one of several alike.
        </p>
      ) : (
        <p class="lead">
          {place} of {groups}. {count(group.devices, 'device')} of this kind.
        </p>
      )}
      <p class="row no-print">
        <a class="button quiet" href={next === null ? queueOf(device) : `/console/review/${next}`}>
          {next === null ? 'Skip: back to the queue' : 'Skip to the next'}
        </a>
        <a class="button quiet" href={`/console/devices/${device.id}`}>
          All about this device
        </a>
      </p>
    </>
  )
}

interface PointersOf {
  readonly device: Device
  readonly group: Group | null
  readonly names: Names
}

/** The evidence of this very device; the group only says what of it fell. */
function Pointers({ device: { identification }, group, names }: PointersOf) {
  const { candidates, evidence } = identification
  return (
    <>
      <h2>What points to a maker</h2>
      {candidates.length === 0 ? (
        <p>Nothing points to any maker yet.</p>
      ) : (
        <ul>
          {candidates.map(({ vendor, confidence, because }) => (
            <li key={vendor}>
              <strong>{names.vendor(vendor)}</strong>, {Math.round(confidence * 100)}% sure: {because}
            </li>
          ))}
        </ul>
      )}
      {evidence.length === 0 ? null : (
        <Table
          caption="What was read"
          rows={evidence.map((piece, at) => ({ ...piece, at }))}
          rowKey={({ at }) => String(at)}
          columns={[
            { label: 'Read', cell: ({ value }) => <Known value={value} /> },
            {
              label: 'Points to',
              cell: ({ pointsTo }) => (pointsTo === null ? 'nobody' : names.vendor(pointsTo)),
            },
            { label: 'Why', cell: ({ note }) => note },
          ]}
        />
      )}
      {group?.fell.map((reason) => (
        <p class="notice" key={reason}>
          An earlier decision no longer counts: {reason}
        </p>
      ))}
    </>
  )
}

interface FormPartOf {
  readonly data: Loaded
  readonly form: ReturnType<typeof formOf>
}

function Fact({ data: { device, etag }, form }: FormPartOf) {
  const wanted = device.identification.wouldSettle
  const fields = READABLE.filter((name) => wanted.includes(name))
  const shown: readonly Readable[] = fields.length > 0 ? fields : ['manufacturer', 'model']
  return (
    <>
      <h2>Enter what settles it</h2>
      <Form
        form={form}
        labels={Object.fromEntries(READABLE.map((name) => [name, titleOf(name)]))}
        button="Save what the label says"
      >
        <input type="hidden" name="do" value="fact" />
        <input type="hidden" name="first" value={shown[0]} />
        <input type="hidden" name="etag" value={form.sent?.get('etag') ?? etag} />
        {shown.map((name) => (
          <Input
            key={name}
            form={form}
            name={name}
            label={titleOf(name)}
            hint={READ_WHERE[name]}
            type={name === 'producedOn' ? 'date' : 'text'}
            value={device[name] ?? ''}
          />
        ))}
      </Form>
    </>
  )
}

const LABELS = {
  maker: 'Who made it',
  basis: 'How you know',
  by: 'Your name',
  scope: 'For which devices',
  note: 'Note',
}

interface StateOf extends FormPartOf {
  readonly names: Names
  /** As stated at signing in. */
  readonly by: string | null
}

function State({ data: { device, group }, names, form, by }: StateOf) {
  const scopes: (readonly [string, string])[] = [['device', 'This device']]
  if (group?.by === 'model')
    scopes.push(['model', `All with this name and model (now ${count(group.devices, 'device')})`])
  else if (group !== null && group.devices > 1)
    scopes.push(['group', `All ${count(group.devices, 'device')} of this group, each by itself`])
  return (
    <>
      <h2>Or state who made it</h2>
      <p>
        Where something points to a restricted maker, a second person has to confirm what you state, with a
        key of their own.
      </p>
      <Form form={form} labels={LABELS} button="Keep this statement">
        <input type="hidden" name="do" value="statement" />
        {group === null ? null : <input type="hidden" name="group" value={group.id} />}
        <Select form={form} name="maker" label={LABELS.maker} options={makersFor(device, names)} />
        <Select
          form={form}
          name="basis"
          label={LABELS.basis}
          options={[['', 'choose'], ...STATEMENT_BASES.map((basis) => [basis, BASIS_WORDS[basis]] as const)]}
        />
        <Select form={form} name="scope" label={LABELS.scope} options={scopes} />
        <Input form={form} name="by" label={LABELS.by} autoComplete="name" value={by} />
        <TextArea
          form={form}
          name="note"
          label={LABELS.note}
          hint="When it cannot be found out, say what was tried."
        />
      </Form>
    </>
  )
}

/** Nothing is chosen beforehand. Those that something points to stand first. */
function makersFor({ identification }: Device, names: Names): (readonly [string, string])[] {
  const likely = identification.candidates.map(({ vendor }) => [vendor, names.vendor(vendor)] as const)
  const others = [...names.vendors]
    .filter(([id]) => !likely.some(([vendor]) => vendor === id))
    .sort(([, a], [, b]) => a.localeCompare(b))
  return [['', 'choose'], ...likely, [UNKNOWABLE, 'It cannot be found out'], ...others]
}
