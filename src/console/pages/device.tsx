/** One device: who made it, what each law says, its firmware, its facts, what changed, its documents. */
import { EDITORS, READERS } from '../../tenancy/auth.ts'
import type { Gets } from '../answers.ts'
import { FIELD_GROUPS, inSentence, titleOf, toWords } from '../device-fields.ts'
import { UNSENT } from '../form.ts'
import { type Asked, GoTo, page } from '../page.ts'
import { Answers, Tiles } from '../parts/device/answers.tsx'
import { Firmware } from '../parts/device/firmware.tsx'
import { History } from '../parts/device/history.tsx'
import { Maker } from '../parts/device/maker.tsx'
import { Missing } from '../parts/device/missing.tsx'
import { Documents, keepDocument } from '../parts/documents.tsx'
import { Input } from '../parts/form.tsx'
import { Day, Known } from '../parts/words.tsx'
import { siteNames } from '../places.ts'

type Device = Gets['/v1/devices/{id}']
type CustomFields = Gets['/v1/custom-fields']['items']

interface Loaded {
  readonly device: Device
  readonly etag: string
  readonly site: string | null
  readonly sites: ReadonlyMap<string, string>
  readonly history: Gets['/v1/devices/{id}/history']
  readonly documents: Gets['/v1/documents']['items']
  /** Of the city of the device. */
  readonly custom: CustomFields
  readonly mayChange: boolean
  /** A past day that was asked for. */
  readonly asOf: string | null
}

export const devicePage = page<Loaded>({
  path: '/devices/:id',
  roles: READERS,
  title: ({ device }) => callOf(device),
  trail: () => [['Devices', '/console/devices']],
  load: async (api, { params, query, who }) => {
    const asOf = query.get('asOf') || null
    const past = asOf === null ? {} : { query: { asOf } }
    const { body: device, headers } = await api.read('/v1/devices/{id}', { params, ...past })
    const isCity = who.principal.jurisdictionId !== null
    const [history, { items: documents }, { items: custom }, sites] = await Promise.all([
      api.get('/v1/devices/{id}/history', { params, query: { limit: '20' } }),
      api.get('/v1/documents', { query: { device: device.id } }),
      api.get('/v1/custom-fields', { query: { jurisdictionId: device.jurisdictionId, limit: '100' } }),
      isCity ? siteNames(api) : new Map<string, string>(),
    ])
    return {
      device,
      etag: String(headers.etag ?? ''),
      site: device.siteId === null ? null : (sites.get(device.siteId) ?? 'a site'),
      sites,
      history,
      documents,
      custom,
      mayChange: asOf === null && (EDITORS as readonly string[]).includes(who.principal.role),
      asOf,
    }
  },
  View: ({ data, form, asked }) => (
    <>
      <AsOf data={data} />
      <Head data={data} />
      <Tiles device={data.device} />
      <Maker device={data.device} names={asked.names} />
      <Missing device={data.device} etag={data.etag} mayChange={data.mayChange} />
      <Answers device={data.device} names={asked.names} />
      <Firmware device={data.device} mayChange={data.mayChange} />
      <Facts device={data.device} />
      <OwnFacts device={data.device} custom={data.custom} />
      <Documents
        documents={data.documents}
        such="a photo of the label, an invoice, a certificate of destruction"
        form={data.mayChange ? form : null}
      />
      <Past data={data} asked={asked} />
    </>
  ),
  submitRoles: EDITORS,
  receive: async (api, { params }, form, file) => {
    const { id = '' } = params
    const wrong = await keepDocument(api, { device: id }, form, file)
    return wrong ?? new GoTo(`/console/devices/${encodeURIComponent(id)}#documents`, 'document-kept')
  },
})

export const callOf = ({ assetTag, name, manufacturer, model, serialNumber, macAddress }: Device) =>
  [assetTag, name, [manufacturer, model].filter(Boolean).join(' '), serialNumber, macAddress].find(Boolean) ??
  'Device without a tag'

/** What the register said on a day, and what the law then was. */
function AsOf({ data: { device, asOf } }: { readonly data: Loaded }) {
  if (asOf === null)
    return (
      <form method="get" class="row no-print">
        <Input form={UNSENT} name="asOf" label="As it stood on" type="date" />
        <button type="submit" class="quiet">
          Show that day
        </button>
      </form>
    )
  return (
    <p class="notice">
      As it stood on <Day day={asOf} />, with the law of that day. History and documents are those of today.{' '}
      <a href={`/console/devices/${device.id}`}>Back to today</a>
    </p>
  )
}

function Head({ data: { device, site, mayChange } }: { readonly data: Loaded }) {
  const label = [device.manufacturer, device.model].filter(Boolean).join(' ')
  return (
    <>
      <p class="lead">
        {[device.name, label, site ?? 'no site', toWords('status', device.status)]
          .filter(Boolean)
          .join(' · ')}
      </p>
      {mayChange ? (
        <p class="row no-print">
          <a class="button" href={`/console/devices/${device.id}/edit`}>
            Edit
          </a>
        </p>
      ) : null}
    </>
  )
}

/** What is on record. What is not known is named once, at the end, so that it can be seen at a glance. */
function Facts({ device }: { readonly device: Device }) {
  const stored = device as Readonly<Record<string, unknown>>
  return (
    <section id="facts">
      <h2>What is on record</h2>
      {FIELD_GROUPS.map(([title, fields]) => {
        const known = fields.filter((field) => toWords(field, stored[field]) !== null)
        const unknown = fields.filter((field) => !known.includes(field))
        return (
          <div key={title}>
            <h3>{title}</h3>
            <dl class="facts">
              {known.map((field) => (
                <div key={field}>
                  <dt>{titleOf(field)}</dt>
                  <dd>
                    <Known value={toWords(field, stored[field])} />
                  </dd>
                </div>
              ))}
            </dl>
            {unknown.length === 0 ? null : (
              <p class="hint">Not known: {unknown.map((field) => inSentence(titleOf(field))).join(', ')}.</p>
            )}
          </div>
        )
      })}
    </section>
  )
}

/** What the city keeps besides; only what is known, and nothing where it has no such fields. */
function OwnFacts({ device, custom }: { readonly device: Device; readonly custom: CustomFields }) {
  const known = Object.entries(device.custom ?? {})
  if (known.length === 0) return null
  const labels = new Map(custom.map(({ name, label }) => [name, label]))
  return (
    <section id="custom">
      <h2>Fields of the city</h2>
      <dl class="facts">
        {known.map(([name, value]) => (
          <div key={name}>
            <dt>{labels.get(name) ?? name}</dt>
            <dd>
              <Known value={typeof value === 'boolean' ? (value ? 'yes' : 'no') : String(value)} />
            </dd>
          </div>
        ))}
      </dl>
    </section>
  )
}

function Past({ data: { history, sites }, asked }: { readonly data: Loaded; readonly asked: Asked }) {
  return (
    <History
      versions={history.items}
      hasMore={history.nextCursor !== null}
      keyId={asked.who.principal.keyId}
      sites={sites}
      record={
        asked.who.principal.jurisdictionId === null
          ? null
          : `/console/audit-events?target=${history.items[0]?.device.id ?? ''}`
      }
    />
  )
}
