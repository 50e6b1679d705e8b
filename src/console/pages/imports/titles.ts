/** What a column can be read as, in groups, as people call it. */
import { FIELD_TITLES } from '../../../device/titles.ts'
import { FIELD_GROUPS } from '../../device-fields.ts'

/** Columns that are no field of a device. */
const BESIDE: Readonly<Record<string, string>> = {
  siteName: 'Site (name of the place)',
  coordinates: 'Latitude and longitude in one cell',
  quantity: 'Number of equal devices',
  deviceId: 'Id of this register',
}

const WHERE = 'Where it is'

export function titleOf(field: string): string {
  const title = (FIELD_TITLES as Readonly<Record<string, string>>)[field] ?? BESIDE[field]
  return title ?? field.replace(/^custom\./, '')
}

type Option = readonly [field: string, title: string]

export const CHOICES: readonly (readonly [group: string, options: readonly Option[]])[] = [
  ...FIELD_GROUPS.map(([group, fields]): [string, Option[]] => [
    group,
    [...(group === WHERE ? (['siteName', 'coordinates'] as const) : []), ...fields].map(
      (field): Option => [field, titleOf(field)],
    ),
  ]),
  ['Other', (['quantity', 'deviceId'] as const).map((field): Option => [field, titleOf(field)])],
]

/** The choices with the city's own fields, which are read from the columns of the file and those that none fills. */
export function choicesWith(custom: readonly string[]): typeof CHOICES {
  if (custom.length === 0) return CHOICES
  return [...CHOICES, ['Fields of the city', custom.map((field): Option => [field, titleOf(field)])]]
}

/** What is lost for the answers where nothing in the file says it. */
export const WORTH: readonly (readonly [field: string, why: string])[] = [
  ['manufacturer', 'Without a maker a person has to look at each device.'],
  ['model', 'The model number often settles who really made a device.'],
  ['assetTag', 'Without tags a second file may not find the same devices again.'],
  ['acquiredOn', 'Some rules depend on the day of purchase; without it the stricter reading counts.'],
  ['fundingSource', 'Whether federal money paid for a device is then not known.'],
  ['firmwareVersion', 'Whether updates are missing is then not known.'],
]
