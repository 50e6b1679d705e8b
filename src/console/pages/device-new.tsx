/** Add a device by hand. */
import type { DeviceWrite } from '../../device/schemas.ts'
import { EDITORS } from '../../tenancy/auth.ts'
import { changesIn } from '../device-fields.ts'
import { wrongForm } from '../form.ts'
import { GoTo, page } from '../page.ts'
import { DeviceForm, type SiteChoices } from '../parts/device-form.tsx'
import { cityNames, siteNames } from '../places.ts'

interface Loaded {
  readonly sites: SiteChoices
  readonly cities: SiteChoices
}

export const deviceNewPage = page<Loaded>({
  path: '/devices/new',
  roles: EDITORS,
  title: 'Add a device',
  trail: () => [['Devices', '/console/devices']],
  load: async (api, { who }) => {
    const city = who.principal.jurisdictionId
    return {
      // A site belongs to a city: it is chosen once the city is.
      sites: city === null ? [] : [...(await siteNames(api, city))],
      cities: city === null ? [...(await cityNames(api))] : [],
    }
  },
  View: ({ data: { sites, cities }, form }) => (
    <>
      <p class="lead">
        Fill in what you know. What is missing can be added later, and answers say what they wait for.
      </p>
      <DeviceForm
        form={form}
        button="Add the device"
        sites={sites}
        cities={cities}
        stored={{ status: 'active' }}
      />
    </>
  ),
  submit: async (api, { who }, form) => {
    const values = changesIn(form, {})
    const city = form.get('jurisdictionId') ?? ''
    if (who.principal.jurisdictionId === null && city === '')
      return wrongForm(form, { jurisdictionId: 'is needed' })
    const isOperator = who.principal.jurisdictionId === null
    const body = { ...values, ...(isOperator ? { jurisdictionId: city } : {}) } as DeviceWrite
    const { body: device } = await api.send('POST /v1/devices', { body })
    return new GoTo(`/console/devices/${device.id}`, 'device-added')
  },
})
