/** The devices of a scenario as rows of a file. Each is marked as hypothetical. */
import { ACTIVITIES } from '../catalogue/outcomes.ts'
import type { Column } from '../http/exports.ts'
import type { ScenarioDevice } from './schemas.ts'

const MARK = 'HYPOTHETICAL'

const plain = (
  [
    'scenario',
    'city',
    'site',
    'deviceId',
    'assetTag',
    'name',
    'devices',
    'manufacturer',
    'model',
    'deviceClass',
    'purpose',
    'firmwareVersion',
    'updateChannel',
    'maker',
    'path',
    'certainty',
    'way',
    'confidence',
  ] as const
).map((field): Column<ScenarioDevice> => ({ header: field, value: (device) => device[field] }))

const MOMENTS = ['before', 'after', 'ended'] as const

const outcomes = ACTIVITIES.flatMap((activity) =>
  MOMENTS.map(
    (moment): Column<ScenarioDevice> => ({
      header: `${activity} ${moment}`,
      value: ({ headline }) => headline[moment]?.[activity],
    }),
  ),
)

const levels = MOMENTS.map(
  (moment): Column<ScenarioDevice> => ({ header: `updates ${moment}`, value: ({ level }) => level[moment] }),
)

export const DEVICE_COLUMNS: readonly Column<ScenarioDevice>[] = [
  { header: 'hypothetical', value: () => MARK },
  ...plain,
  ...outcomes,
  ...levels,
  { header: 'saveImagesBy', value: ({ saveImagesBy }) => saveImagesBy },
  { header: 'hasImage', value: ({ hasImage }) => hasImage },
  { header: 'vulnerabilitiesLost', value: ({ vulnerabilitiesLost }) => vulnerabilitiesLost.join(' ') },
  { header: 'needsLicenseFor', value: ({ needsLicenseFor }) => needsLicenseFor.join(' ') },
]
