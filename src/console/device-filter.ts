/** The address of the list of devices: what it is narrowed to, and addresses with one thing more or less. Pure. */
import { ACTIVITY_WORDS, OUTCOME_WORDS } from '../catalogue/outcomes.ts'
import { CHOICE_WORDS, IDENTIFIED_WORDS, LEVEL_WORDS, URGENCY_WORDS } from './choice-words.ts'
import type { Names } from './names.ts'
import { dayWords } from './parts/words.tsx'

/** Parameters of the page that do not narrow the list. */
const OF_THE_VIEW = ['sort', 'columns', 'cursor', 'limit', 'asOf']

/** Filters with few values, each of which can be ticked. */
export const TICKED: readonly {
  readonly name: string
  readonly title: string
  readonly words: Readonly<Record<string, string>>
}[] = [
  { name: 'activity', title: 'What the city wants to do', words: ACTIVITY_WORDS },
  { name: 'outcome', title: 'Answer of the law', words: OUTCOME_WORDS },
  {
    name: 'waitsFor',
    title: 'Open questions',
    words: {
      person: 'A person has to look',
      city: 'The city has to state a fact',
      nobody: 'Nothing is open',
    },
  },
  { name: 'identificationStatus', title: 'Who made it', words: IDENTIFIED_WORDS },
  { name: 'firmwareUrgency', title: 'How urgent its firmware is', words: URGENCY_WORDS },
  { name: 'firmwareLevel', title: 'Whether updates may be had', words: LEVEL_WORDS },
  { name: 'status', title: 'Status', words: CHOICE_WORDS.status! },
  { name: 'deviceClass', title: 'Kind', words: orUnknown(CHOICE_WORDS.deviceClass!) },
  { name: 'fundingSource', title: 'Paid from', words: orUnknown(CHOICE_WORDS.fundingSource!) },
  { name: 'purpose', title: 'Purpose', words: orUnknown(CHOICE_WORDS.purpose!) },
  { name: 'networkExposure', title: 'Connected to', words: orUnknown(CHOICE_WORDS.networkExposure!) },
]

function orUnknown(words: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return { ...words, unknown: 'Not known' }
}

/** Filters with many values: one is chosen at a time, and those that are chosen stay. */
export const CHOSEN: Readonly<Record<string, string>> = {
  maker: 'Made by',
  regime: 'Law',
  siteId: 'Site',
  jurisdictionId: 'City',
}

/** Days between which a device was bought, as its date of purchase says. */
export const BOUGHT: Readonly<Record<string, string>> = {
  acquiredFrom: 'Bought from',
  acquiredTo: 'Bought before',
}

const OTHERS: Readonly<Record<string, string>> = {
  q: 'Text',
  state: 'State',
  assetTag: 'Asset tag',
  serialNumber: 'Serial number',
  macAddress: 'MAC address',
  manufacturer: 'Label',
  model: 'Model',
  firmwareVersion: 'Firmware version',
  department: 'Department',
  updateChannel: 'How it gets updates',
  hasRadio: 'Has a radio',
  brand: 'Brand',
  needsReview: 'Needs review',
  hasFindings: 'Has findings',
  cityQuestion: 'Fact that the city has not stated',
  ...BOUGHT,
  installedFrom: 'Installed from',
  installedTo: 'Installed before',
  updatedSince: 'Changed since',
  importId: 'Import',
}

export interface Chip {
  readonly name: string
  readonly value: string
  readonly words: string
  /** Of the list without it. */
  readonly address: string
}

interface Known {
  readonly names: Names
  readonly sites: ReadonlyMap<string, string>
  readonly cities: ReadonlyMap<string, string>
  readonly imports: ReadonlyMap<string, string>
}

/** What the list is narrowed to, in words. */
export function chipsOf(query: URLSearchParams, known: Known): Chip[] {
  return [...query]
    .filter(([name]) => !OF_THE_VIEW.includes(name))
    .map(([name, value]) => ({
      name,
      value,
      words: `${labelOf(name)}: ${wordOf(name, value, known)}`,
      address: addressOf(without(query, name, value)),
    }))
}

const labelOf = (name: string) =>
  TICKED.find((one) => one.name === name)?.title ?? CHOSEN[name] ?? OTHERS[name] ?? name

function wordOf(name: string, value: string, { names, sites, cities, imports }: Known): string {
  const words = TICKED.find((one) => one.name === name)?.words ?? CHOICE_WORDS[name]
  if (words?.[value] !== undefined) return words[value]
  if (value === 'unknown') return 'not known'
  if (name === 'maker' || name === 'brand') return names.vendor(value)
  if (name === 'regime') return names.regime(value)?.title ?? value
  if (name === 'siteId') return sites.get(value) ?? value
  if (name === 'jurisdictionId') return cities.get(value) ?? value
  if (name === 'importId') return imports.get(value) ?? 'one file'
  if (value === 'true' || value === 'false') return value === 'true' ? 'yes' : 'no'
  return /^\d{4}-\d\d-\d\d$/.test(value) ? dayWords(value) : value
}

/** Without one value, and from the first page. */
export function without(query: URLSearchParams, name: string, value?: string): URLSearchParams {
  const left = new URLSearchParams(query)
  left.delete('cursor')
  left.delete(name, value)
  return left
}

/** With a value in the place of any other, and from the first page. */
export function having(query: URLSearchParams, name: string, value: string): URLSearchParams {
  const changed = without(query, name)
  changed.set(name, value)
  return changed
}

export const addressOf = (query: URLSearchParams) =>
  query.size === 0 ? '/console/devices' : `/console/devices?${query}`

/** What narrows the list, for another call about the same devices. */
export function filterOnly(query: URLSearchParams): URLSearchParams {
  return new URLSearchParams([...query].filter(([name]) => !OF_THE_VIEW.includes(name) || name === 'asOf'))
}

/** Controls of a form that were left alone send nothing: they are no part of the address. */
export const withoutBlanks = (query: URLSearchParams) =>
  new URLSearchParams([...query].filter(([, value]) => value.trim() !== ''))

/** What people ask for most. */
export const READY_MADE: readonly (readonly [title: string, query: string])[] = [
  ['Need a decision', 'waitsFor=person'],
  [
    'May not be bought again',
    'activity=procure&outcome=prohibited&outcome=license-required&outcome=unallowable&outcome=contract-bar&outcome=seller-bar',
  ],
  ['Federal money at risk', 'activity=federal-funding&outcome=prohibited&outcome=unallowable'],
  ['Act on firmware now', 'firmwareUrgency=critical&firmwareUrgency=high'],
  ['Maker not known', 'identificationStatus=unresolved&identificationStatus=ambiguous'],
  ['No site', 'siteId=unknown'],
]
