/** Devices as rows of a table: every stored field, and of what was found out, what fits into cells. */
import type { z } from 'zod'
import { ACTIVITIES } from '../catalogue/outcomes.ts'
import { findingsAsText } from '../determination/short.ts'
import { STORED_FIELDS } from '../device/columns.ts'
import type { CustomField } from '../device/custom.ts'
import type { Column } from '../http/exports.ts'
import { DomainError } from '../http/problems.ts'
import type { PlainDate } from '../lib/calendar.ts'
import type { Knowledge } from '../screening/knowledge.ts'
import { citationsOf, lawColumns } from '../screening/law-columns.ts'
import type { ListedDevice as Shape } from '../screening/schemas.ts'
import { type AskedShape, type DeviceShape, WHOLE_DEVICE } from '../screening/shape.ts'

export type ListedDevice = z.infer<typeof Shape>

/** What columns are read from. */
export const CSV_SHAPE: DeviceShape = {
  ...WHOLE_DEVICE,
  identification: 'row',
  findings: true,
  determinations: null,
  firmwareRisk: 'row',
}

/** Stored fields that a cell can hold; the cities' own have a column each. */
const CELLS = STORED_FIELDS.filter((field) => field !== 'statements' && field !== 'custom')

const stored = (field: string): Column<ListedDevice> => ({
  header: field,
  value: (device) => device[field as 'assetTag'],
})

/** A place by its id says nothing to a reader: the name stands beside it. */
const SITE: readonly Column<ListedDevice>[] = [
  stored('siteId'),
  { header: 'siteName', value: (device) => (device as ListedDevice & { siteName?: string | null }).siteName },
]

/** Field -> its columns. */
const COLUMNS: ReadonlyMap<string, readonly Column<ListedDevice>[]> = new Map([
  ...CELLS.map((field): [string, Column<ListedDevice>[]] => [
    field,
    field === 'siteId' ? [...SITE] : [stored(field)],
  ]),
  [
    'identification',
    [
      { header: 'identificationStatus', value: (device) => device.identification?.status },
      { header: 'brand', value: (device) => device.identification?.brand },
      { header: 'maker', value: (device) => device.identification?.maker },
      { header: 'confidence', value: (device) => device.identification?.confidence },
      { header: 'needsReview', value: (device) => device.identification?.needsReview },
    ],
  ],
  [
    'firmwareRisk',
    [
      { header: 'firmwareRisk.level', value: (device) => device.firmwareRisk?.level },
      { header: 'firmwareRisk.score', value: (device) => device.firmwareRisk?.score },
      { header: 'firmwareRisk.urgency', value: (device) => device.firmwareRisk?.urgency },
    ],
  ],
  [
    'headline',
    ACTIVITIES.map((activity) => ({
      header: `headline.${activity}`,
      value: (device: ListedDevice) => device.headline?.[activity],
    })),
  ],
  ['findings', [{ header: 'findings', value: (device) => findingsAsText(device.findings ?? {}) }]],
])

/** The order in which a table without `fields=` has them. */
const EVERY_FIELD = [
  ...CELLS.filter((field) => !['version', 'createdAt', 'updatedAt'].includes(field)),
  'identification',
  'firmwareRisk',
  'headline',
  'findings',
  'custom',
  'createdAt',
  'updatedAt',
]

/** Where the rules that found something are written. */
function citationColumn(knowledge: Knowledge): Column<ListedDevice> {
  return {
    header: 'citations',
    value: ({ findings }) =>
      citationsOf(
        Object.values(findings ?? {}).flatMap((outcomes) => Object.values(outcomes).flat()),
        knowledge,
      ),
  }
}

/** Every column of a table that is no field of a city's own. */
export const TABLE_HEADERS: readonly string[] = [
  ...[...COLUMNS.values()].flat().map(({ header }) => header),
  ...['citations', 'lawAsOf', 'listsReadOn'],
]

/** One for each name; the same name may be a field of several cities. */
function customColumns(custom: readonly CustomField[]): readonly Column<ListedDevice>[] {
  return [...new Set(custom.map(({ name }) => name))].map((name) => ({
    header: `custom.${name}`,
    value: (device) => device.custom?.[name],
  }))
}

/** The columns of a table with these wishes; unless its fields are named, answers come with their law. Throws `invalid-request` for what no cell can hold. */
export function csvColumns(
  shape: DeviceShape,
  asked: AskedShape,
  dayOf: (device: ListedDevice) => PlainDate,
  knowledge: Knowledge,
  custom: readonly CustomField[],
): readonly Column<ListedDevice>[] {
  const shown = fieldsOf(shape, asked)
  const own = customColumns(custom)
  const columnsOf = (field: string) => (field === 'custom' ? own : COLUMNS.get(field)!)
  if (asked.fields !== undefined) return shown.flatMap(columnsOf)
  const columns = shown.flatMap((field) => [
    ...columnsOf(field),
    ...(field === 'findings' ? [citationColumn(knowledge)] : []),
  ])
  return [...columns, ...lawColumns<ListedDevice>(dayOf, knowledge)]
}

function fieldsOf(shape: DeviceShape, asked: AskedShape): readonly string[] {
  const { fields, include } = asked
  const refuse = (pointer: string, name: string) => {
    throw new DomainError('invalid-request', 'A table has no cell for that; ask for JSON or NDJSON.', {
      errors: [{ pointer, code: 'not-allowed', message: `${name} does not go with text/csv` }],
    })
  }
  const inFull = ['all', 'identification', 'determinations', 'firmwareRisk']
  for (const name of include?.split(',').map((part) => part.trim()) ?? []) {
    if (inFull.includes(name)) refuse('?include', `\`${name}\` in full`)
  }
  if (fields === undefined) {
    const hidden = asked.determinations === 'none' ? ['findings'] : []
    return EVERY_FIELD.filter((field) => !hidden.includes(field))
  }
  for (const field of shape.shown)
    if (field !== 'custom' && !COLUMNS.has(field)) refuse('?fields', `\`${field}\``)
  return shape.shown
}
