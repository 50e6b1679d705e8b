/** Columns that a list of devices can have. */
import type { ComponentChildren } from 'preact'
import { ACTIVITIES, ACTIVITY_WORDS } from '../catalogue/outcomes.ts'
import type { Gets } from './answers.ts'
import { LEVEL_WORDS, URGENCY_WORDS } from './choice-words.ts'
import { titleOf, toWords } from './device-fields.ts'
import type { Names } from './names.ts'
import { Day, Known, Outcome } from './parts/words.tsx'

export type Listed = Gets['/v1/devices']['items'][number]

interface Around {
  readonly names: Names
  readonly sites: ReadonlyMap<string, string>
  readonly cities: ReadonlyMap<string, string>
}

export interface DeviceColumn {
  readonly name: string
  readonly label: string
  /** Fields of the API that it shows. */
  readonly fields: readonly string[]
  /** The sort of the API. */
  readonly sort?: string
  readonly cell: (device: Listed, around: Around) => ComponentChildren
}

/** Of a device without a tag, whatever else tells it from others. */
const callOf = ({ assetTag, name, serialNumber }: Listed) => assetTag ?? name ?? serialNumber ?? 'no tag'

/** It names the row and leads to the device. */
const TAG: DeviceColumn = {
  name: 'assetTag',
  label: 'Asset tag',
  fields: ['assetTag', 'name', 'serialNumber'],
  sort: 'assetTag',
  cell: (device) => <a href={`/console/devices/${device.id}`}>{callOf(device)}</a>,
}

const SORTED = [
  'name',
  'manufacturer',
  'model',
  'status',
  'purpose',
  'fundingSource',
  'department',
  'serialNumber',
  'acquiredOn',
  'installedOn',
]
const DAYS = ['acquiredOn', 'installedOn', 'warrantyUntil', 'producedOn']

const stored = (field: Parameters<typeof toWords>[0]): DeviceColumn => ({
  name: field,
  label: titleOf(field),
  fields: [field],
  ...(SORTED.includes(field) ? { sort: field } : {}),
  cell: (device) => {
    const value = (device as Readonly<Record<string, unknown>>)[field]
    if (DAYS.includes(field) && typeof value === 'string') return <Day day={value} />
    return <Known value={toWords(field, value)} />
  },
})

export const COLUMNS: readonly DeviceColumn[] = [
  {
    name: 'label',
    label: 'Label and model',
    fields: ['manufacturer', 'model'],
    sort: 'manufacturer',
    cell: ({ manufacturer, model }) => <Known value={[manufacturer, model].filter(Boolean).join(' ')} />,
  },
  {
    name: 'maker',
    label: 'Made by',
    fields: ['identification'],
    cell: ({ identification }, { names }) => (
      <Known value={identification?.maker ? names.vendor(identification.maker) : null} />
    ),
  },
  {
    name: 'city',
    label: 'City',
    fields: ['jurisdictionId'],
    cell: ({ jurisdictionId = '' }, { cities }) => <Known value={cities.get(jurisdictionId)} />,
  },
  {
    name: 'site',
    label: 'Site',
    fields: ['siteId'],
    cell: ({ siteId }, { sites }) =>
      siteId ? (sites.get(siteId) ?? 'a site') : <span class="unknown">none</span>,
  },
  ...ACTIVITIES.map(
    (activity): DeviceColumn => ({
      name: activity,
      label: ACTIVITY_WORDS[activity],
      fields: ['headline'],
      cell: ({ headline }) => (headline ? <Outcome outcome={headline[activity]} /> : null),
    }),
  ),
  {
    name: 'firmware',
    label: 'Firmware',
    fields: ['firmwareRisk'],
    sort: 'firmwareScore',
    cell: ({ firmwareRisk }) =>
      firmwareRisk
        ? `${LEVEL_WORDS[firmwareRisk.level]}, ${URGENCY_WORDS[firmwareRisk.urgency].toLowerCase()}`
        : null,
  },
  stored('name'),
  stored('status'),
  stored('deviceClass'),
  stored('department'),
  stored('serialNumber'),
  stored('macAddress'),
  stored('firmwareVersion'),
  stored('purpose'),
  stored('fundingSource'),
  stored('acquisitionCostCents'),
  stored('acquiredOn'),
  stored('installedOn'),
  stored('warrantyUntil'),
  stored('networkExposure'),
  stored('updateChannel'),
  stored('notes'),
]

const USUAL = ['label', 'maker', 'site', 'procure', 'use', 'federal-funding', 'firmware-update', 'firmware']

/** The columns that the address asks for; the usual ones otherwise. Names that are none are left out. */
export function columnsAsked(text: string | null, hasCities: boolean): readonly DeviceColumn[] {
  const usual = hasCities ? ['city', ...USUAL.filter((name) => name !== 'site')] : USUAL
  const wanted = text === null ? usual : text.split(',')
  const found = wanted.flatMap((name) => COLUMNS.find((column) => column.name === name) ?? [])
  return [TAG, ...new Set(found)]
}
