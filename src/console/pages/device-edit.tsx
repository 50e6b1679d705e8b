/** Correct a device. What was changed by somebody else meanwhile is not overwritten. */
import type { DeviceChange } from '../../device/schemas.ts'
import { EDITORS } from '../../tenancy/auth.ts'
import type { Gets } from '../answers.ts'
import { changesIn } from '../device-fields.ts'
import { GoTo, page } from '../page.ts'
import { DeviceForm, type SiteChoices } from '../parts/device-form.tsx'
import { siteNames } from '../places.ts'
import { callOf } from './device.tsx'

interface Loaded {
  readonly device: Gets['/v1/devices/{id}']
  readonly etag: string
  readonly sites: SiteChoices
}

export const deviceEditPage = page<Loaded>({
  path: '/devices/:id/edit',
  roles: EDITORS,
  title: 'Edit',
  trail: ({ device }) => [
    ['Devices', '/console/devices'],
    [callOf(device), `/console/devices/${device.id}`],
  ],
  load: async (api, { params }) => {
    const { body: device, headers } = await api.read('/v1/devices/{id}', { params })
    const sites = await siteNames(api, device.jurisdictionId)
    return { device, etag: String(headers.etag ?? ''), sites: [...sites] }
  },
  View: ({ data: { device, etag, sites }, form }) => (
    <DeviceForm
      form={form}
      button="Save"
      sites={sites}
      stored={device}
      etag={form.sent?.get('etag') ?? etag}
    />
  ),
  submit: async (api, { params }, form) => {
    const { id = '' } = params
    const device = await api.get('/v1/devices/{id}', { params })
    const changes = changesIn(form, device)
    const address = `/console/devices/${id}`
    if (Object.keys(changes).length === 0) return new GoTo(address, 'nothing-changed')
    await api.send('PATCH /v1/devices/{id}', {
      params,
      // The API reads what each field is; what it does not take it names.
      body: changes as DeviceChange,
      headers: { 'if-match': form.get('etag') ?? '' },
    })
    return new GoTo(address, 'device-saved')
  },
})
