/** Record that firmware was installed on a device, and under which license. */
import { UPDATE_CHANNELS } from '../../../device/choices.ts'
import { EDITORS } from '../../../tenancy/auth.ts'
import type { Gets } from '../../answers.ts'
import { channelWords } from '../../firmware-words.ts'
import { every } from '../../names.ts'
import { GoTo, page } from '../../page.ts'
import { Form, Input, Select, TextArea } from '../../parts/form.tsx'
import { callOf } from '../device.tsx'
import { Installations, licenseTitle } from './licenses.tsx'

interface Loaded {
  readonly device: Gets['/v1/devices/{id}']
  readonly licenses: readonly (readonly [id: string, title: string])[]
  readonly installations: Gets['/v1/firmware-installations']['items']
}

const LABELS = {
  firmwareVersion: 'Version',
  installedOn: 'Installed on',
  licenseId: 'Under the license',
  channel: 'How it came',
  sha256: 'SHA-256 of the file',
  note: 'Note',
}

export const installationPage = page<Loaded>({
  path: '/devices/:id/firmware-installations',
  roles: EDITORS,
  title: 'Record an update',
  trail: ({ device }) => [
    ['Devices', '/console/devices'],
    [callOf(device), `/console/devices/${device.id}`],
  ],
  load: async (api, { params }) => {
    const device = await api.get('/v1/devices/{id}', { params })
    const [licenses, { items: installations }] = await Promise.all([
      every((query) => api.get('/v1/licenses', { query })),
      api.get('/v1/firmware-installations', { query: { deviceId: device.id, limit: '20' } }),
    ])
    const used = device.firmwareRisk.patch.licenses.map(({ id }) => id)
    const options = licenses
      .toSorted((a, b) => Number(used.includes(b.id)) - Number(used.includes(a.id)))
      .map((license) => [license.id, licenseTitle(license)] as const)
    return { device, licenses: options, installations }
  },
  View: ({ data: { device, licenses, installations }, form }) => (
    <>
      <p class="lead">
        The device gets the version. An update under a license is a record that the law asks to keep for
        years; it cannot be removed before.
      </p>
      <Form form={form} labels={LABELS} button="Record the update">
        <Input
          form={form}
          name="firmwareVersion"
          label={LABELS.firmwareVersion}
          hint={`As the maker writes it. On record now: ${device.firmwareVersion ?? 'not known'}.`}
        />
        <Input form={form} name="installedOn" label={LABELS.installedOn} type="date" />
        <Select form={form} name="licenseId" label={LABELS.licenseId} options={[['', 'none'], ...licenses]} />
        <Select
          form={form}
          name="channel"
          label={LABELS.channel}
          value={device.updateChannel}
          options={[
            ['', 'not known'],
            ...UPDATE_CHANNELS.map((channel) => [channel, channelWords(channel)] as const),
          ]}
        />
        <Input
          form={form}
          name="sha256"
          label={LABELS.sha256}
          hint="64 letters and digits; leave it empty if unknown."
        />
        <TextArea form={form} name="note" label={LABELS.note} />
      </Form>
      {installations.length === 0 ? null : (
        <>
          <h2>Recorded before</h2>
          <Installations installations={installations} caption="Updates of this device, newest first" />
        </>
      )}
    </>
  ),
  submit: async (api, { params }, form) => {
    const text = (name: string) => form.get(name)?.trim() || null
    const channel = UPDATE_CHANNELS.find((one) => one === form.get('channel')) ?? null
    await api.send('POST /v1/devices/{id}/firmware-installations', {
      params,
      body: {
        firmwareVersion: text('firmwareVersion') ?? '',
        installedOn: text('installedOn') ?? '',
        licenseId: text('licenseId'),
        channel,
        sha256: text('sha256')?.toLowerCase() ?? null,
        note: text('note'),
      },
    })
    return new GoTo(`/console/devices/${encodeURIComponent(params.id ?? '')}#firmware`, 'update-recorded')
  },
})
