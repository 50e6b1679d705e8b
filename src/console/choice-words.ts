/** Words for what fields of a device choose from. The types make them complete. */
import type {
  DEVICE_CLASSES,
  EXPOSURES,
  FUNDING_SOURCES,
  PURPOSES,
  STATUSES,
  UPDATE_CHANNELS,
} from '../device/choices.ts'
import type { Level } from '../firmware-risk/levels.ts'
import type { OUTLOOKS } from '../firmware-risk/outlook.ts'
import type { PATCH_ANSWERS, PATCH_REASONS } from '../firmware-risk/patch-answer.ts'
import type { Urgency } from '../firmware-risk/risk.ts'

type WordsFor<Values extends readonly string[]> = Readonly<Record<Values[number], string>>

const CLASS_WORDS: WordsFor<typeof DEVICE_CLASSES> = {
  camera: 'Camera',
  recorder: 'Recorder',
  encoder: 'Encoder',
  lpr: 'License plate reader',
  'access-control': 'Access control',
  intercom: 'Intercom',
  router: 'Router',
  uas: 'Drone',
  server: 'Server',
  robot: 'Robot',
  'power-inverter': 'Power inverter',
  other: 'Other',
}

const STATUS_WORDS: WordsFor<typeof STATUSES> = {
  planned: 'Planned',
  active: 'In use',
  stored: 'Stored',
  decommissioned: 'Retired',
}

const PURPOSE_WORDS: WordsFor<typeof PURPOSES> = {
  'public-safety': 'Public safety',
  'government-facility': 'Security of government facilities',
  'critical-infrastructure': 'Critical infrastructure',
  traffic: 'Traffic',
  other: 'Other',
}

const FUNDING_WORDS: WordsFor<typeof FUNDING_SOURCES> = {
  local: 'Local money',
  'state-grant': 'State grant',
  'federal-grant': 'Federal grant',
  'federal-contract': 'Federal contract',
}

const CHANNEL_WORDS: WordsFor<typeof UPDATE_CHANNELS> = {
  'vendor-portal-us': 'Download page of the maker in the United States',
  'vendor-portal-global': 'Download page of the maker, worldwide',
  'vendor-portal-cn': 'Download page of the maker in China',
  distributor: 'From a distributor',
  'oem-brand-portal': 'Download page of the brand on the label',
  'vendor-cloud-push': 'Sent by the cloud of the maker',
  'vms-push': 'Sent by the video management system',
  'offline-media': 'From media kept offline',
  none: 'It gets none',
}

const EXPOSURE_WORDS: WordsFor<typeof EXPOSURES> = {
  isolated: 'A network of its own',
  routed: 'A network with others',
  internet: 'Reached from the Internet',
}

export const LEVEL_WORDS: Readonly<Record<Level, string>> = {
  unrestricted: 'No restriction',
  watch: 'Watch',
  conditional: 'Only under conditions',
  'license-required': 'Needs a license',
  blocked: 'Blocked',
}

export const URGENCY_WORDS: Readonly<Record<Urgency, string>> = {
  routine: 'Routine',
  elevated: 'Elevated',
  high: 'High',
  critical: 'Critical',
}

export const PATCH_WORDS: WordsFor<typeof PATCH_ANSWERS> = {
  yes: 'Yes, it can be patched today',
  no: 'No, it cannot be patched today',
  unknown: 'Nobody can say yet whether it can be patched',
}

export const PATCH_WHY_WORDS: WordsFor<typeof PATCH_REASONS> = {
  open: 'Nothing bars it.',
  licensed: 'A license lifts the rule that would bar it.',
  'held-image': 'A verified image that was lawfully obtained is kept.',
  'supply-in-doubt': 'No law bars it, but a rule on the maker may stop the supply.',
  'license-needed': 'It needs a license first.',
  barred: 'A rule bars it.',
  'no-channel': 'It gets no updates.',
  'no-fix': 'Something is open for which there is no fix.',
  'channel-unknown': 'Nobody said how it gets updates.',
  'maker-unknown': 'Nobody knows who made it.',
  'fix-unknown': 'Nobody said whether there is a fix.',
  counsel: 'Counsel has to read a rule or a condition first.',
}

export const OUTLOOK_WORDS: WordsFor<typeof OUTLOOKS> = {
  clear: 'No list names the maker.',
  listed: 'The maker is on a list, and updates are not in doubt.',
  saved: 'Updates are in doubt. A verified image is kept, and it closes what is open.',
  current: 'Updates are in doubt. Nothing is open now, and no image is kept for later.',
  unsettled: 'Updates are in doubt. Something is open, and nobody knows whether a fix can be had.',
  'patch-now': 'Updates are in doubt. A fix can be had today and may be lost: install or save it.',
  unpatched: 'Updates are in doubt. Something is open that no fix closes.',
  ending: 'Updates end on a known day.',
  'cut-off': 'Updates can no longer be had.',
}

export const SUPPORT_WORDS: Readonly<Record<string, string>> = {
  supported: 'Supported by its maker',
  'no-end-announced': 'No end of support announced',
  unknown: 'Support not known',
  'ends-within-a-year': 'Support ends within a year',
  ended: 'Support has ended',
}

export const IDENTIFIED_WORDS = {
  resolved: 'Maker known',
  ambiguous: 'Open between several makers',
  unresolved: 'Maker not known',
} as const

/** By field: value and word, in the order of the API. */
export const CHOICE_WORDS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  deviceClass: CLASS_WORDS,
  status: STATUS_WORDS,
  purpose: PURPOSE_WORDS,
  fundingSource: FUNDING_WORDS,
  updateChannel: CHANNEL_WORDS,
  networkExposure: EXPOSURE_WORDS,
}
