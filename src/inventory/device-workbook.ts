/**
 * Devices as a workbook for people: site names, answers and reasons in words, and a second sheet with what they rest on.
 * Its columns are read again by the import profile `camledger-workbook`.
 */
import { ACTIVITIES, ACTIVITY_WORDS, OUTCOME_WORDS, type Outcome } from '../catalogue/outcomes.ts'
import type { CustomField, CustomType } from '../device/custom.ts'
import { FIELD_TITLES, type TitledField } from '../device/titles.ts'
import { type Cell, type Sheet, type SheetColumn, workbook } from '../http/workbook/write.ts'
import type { PlainDate } from '../lib/calendar.ts'
import { memoryOf } from '../lib/memory.ts'
import type { Knowledge } from '../screening/knowledge.ts'
import { citationsOf } from '../screening/law-columns.ts'
import type { ListedDevice } from './device-csv.ts'

type Kind = SheetColumn['kind']

/** How wide a field is shown, and as what. */
const FIELDS: readonly (readonly [field: TitledField, width: number, kind?: Kind])[] = [
  ['assetTag', 14],
  ['name', 24],
  ['status', 12],
  ['department', 16],
  ['manufacturer', 16],
  ['model', 22],
  ['deviceClass', 12],
  ['serialNumber', 18],
  ['macAddress', 18],
  ['externalId', 14],
  ['ipAddress', 14],
  ['hostName', 18],
  ['fccId', 12],
  ['firmwareVersion', 16],
  ['recorder', 14],
  ['recorderChannel', 10],
  ['room', 12],
  ['rack', 10],
  ['hasRadio', 8],
  ['purpose', 16],
  ['enforcementUse', 10],
  ['acquiredOn', 11, 'day'],
  ['obligatedOn', 11, 'day'],
  ['paidOn', 11, 'day'],
  ['installedOn', 11, 'day'],
  ['producedOn', 11, 'day'],
  ['warrantyUntil', 11, 'day'],
  ['usefulLifeYears', 9, 'number'],
  ['fundingSource', 14],
  ['federalPassThrough', 10],
  ['awardNumber', 16],
  ['assistanceListing', 10],
  ['passThroughEntity', 20],
  ['acquisitionCostCents', 12, 'amount'],
  ['currency', 8],
  ['supplier', 18],
  ['purchaseOrder', 14],
  ['invoice', 14],
  ['latitude', 11, 'number'],
  ['longitude', 11, 'number'],
  ['updateChannel', 16],
  ['networkExposure', 12],
  ['paidSupport', 8],
  ['firmwareObtainedOn', 11, 'day'],
  ['fccSubsidy', 8],
  ['producedIn', 8],
  ['consumerGrade', 8],
  ['modelAuthorizedOn', 11, 'day'],
  ['coveredComponent', 10],
  ['socMaker', 16],
  ['notes', 40, 'wrapped'],
]

interface Column extends SheetColumn {
  readonly value: (device: ListedDevice) => Cell
}

type Placed = ListedDevice & { readonly siteName?: string | null }

/** `yes` and `no`, as a column of them is read again. */
function inWords(value: unknown): Cell {
  return typeof value === 'boolean' ? (value ? 'yes' : 'no') : (value as Cell)
}

function columnsOf({ knowledge, custom }: Pick<WorkbookOf, 'knowledge' | 'custom'>): readonly Column[] {
  const columns = ownColumns((device) => reasonsOf(device, knowledge))
  return [...columns, ...customColumns(custom, new Set(columns.map(({ header }) => header.toLowerCase())))]
}

function ownColumns(reasons: (device: ListedDevice) => string): readonly Column[] {
  const stored = FIELDS.map(([field, width, kind = 'text']): Column => {
    const read = (device: ListedDevice) => (device as Readonly<Record<string, unknown>>)[field]
    const value: Column['value'] =
      field === 'acquisitionCostCents'
        ? (device) => (typeof read(device) === 'number' ? (read(device) as number) / 100 : null)
        : (device) => inWords(read(device))
    return { header: FIELD_TITLES[field], width, kind, value }
  })
  const text = (header: string, width: number, value: Column['value'], kind: Kind = 'text'): Column => ({
    ...{ header, width, kind, value },
  })
  return [
    ...stored.slice(0, 2),
    text('Site', 20, (device) => (device as Placed).siteName),
    ...stored.slice(2, 6),
    text('Who made it', 20, ({ identification }) => identification?.maker ?? 'not known'),
    ...ACTIVITIES.map((activity) =>
      text(
        ACTIVITY_WORDS[activity],
        15,
        ({ headline }) => (headline?.[activity] === undefined ? null : OUTCOME_WORDS[headline[activity]]),
        'wrapped',
      ),
    ),
    text('Why', 60, reasons, 'wrapped'),
    text('Firmware risk', 12, ({ firmwareRisk }) => firmwareRisk?.level),
    ...stored.slice(6),
    text('Device id', 38, ({ id }) => id),
  ]
}

/** Every column that is no field of a city's own. */
export const workbookHeaders = (): readonly string[] => ownColumns(() => '').map(({ header }) => header)

const KINDS: Readonly<Record<CustomType, Kind>> = {
  text: 'text',
  number: 'number',
  date: 'day',
  boolean: 'text',
  choice: 'text',
}

/** By their labels, as imports read them; by their names where a label would be a second one. */
function customColumns(custom: readonly CustomField[], taken: Set<string>): readonly Column[] {
  const columns = new Map<string, Column>()
  for (const { name, label, type } of custom) {
    const known = columns.get(name)
    if (known !== undefined) {
      // Two cities may keep different things under one name: then it is text.
      if (known.kind !== KINDS[type]) columns.set(name, { ...known, kind: 'text' })
      continue
    }
    const header = taken.has(label.toLowerCase()) ? `custom.${name}` : label
    taken.add(header.toLowerCase())
    columns.set(name, {
      ...{ header, width: 14, kind: KINDS[type] },
      value: (device) => inWords(device.custom?.[name] ?? null),
    })
  }
  return [...columns.values()]
}

const titles = memoryOf(
  ({ reference }: Knowledge): ReadonlyMap<string, string> =>
    new Map(reference.regimes.map(({ id, title }) => [id, title])),
)

const regimeOf = (ruleId: string) => ruleId.slice(0, Math.max(0, ruleId.indexOf(':'))) || ruleId

/** One line an activity: its worst answer, and the laws that say so. The second sheet counts all of them. */
function reasonsOf({ findings }: ListedDevice, knowledge: Knowledge): string {
  const known = titles(knowledge)
  return ACTIVITIES.flatMap((activity) =>
    Object.entries(findings?.[activity] ?? {})
      .slice(0, 1)
      .map(([outcome, rules]) => {
        const laws = [...new Set(rules.map((rule) => known.get(regimeOf(rule)) ?? regimeOf(rule)))]
        return `${ACTIVITY_WORDS[activity]}: ${OUTCOME_WORDS[outcome as Outcome].toLowerCase()} (${laws.join('; ')})`
      }),
  ).join('\n')
}

export interface WorkbookOf {
  readonly knowledge: Knowledge
  readonly custom: readonly CustomField[]
  /** When it was made, and the day whose law it shows. */
  readonly instant: Date
  readonly lawAsOf: PlainDate
  /** What was asked for, as it was written. */
  readonly question: string
}

/** The bytes of the workbook, as devices come. */
export function deviceWorkbook(
  batches: AsyncIterable<readonly ListedDevice[]>,
  about: WorkbookOf,
): AsyncGenerator<Buffer, void, undefined> {
  const columns = columnsOf(about)
  const devicesByRule = new Map<string, number>()
  const devices: Sheet = {
    name: 'Devices',
    columns,
    // What it is, who made it, what each law says: the facts beside are for the screen.
    printed: columns.findIndex(({ header }) => header === 'Why') + 1,
    rows: async function* rows() {
      for await (const batch of batches) {
        for (const device of batch) {
          for (const rule of rulesOf(device)) devicesByRule.set(rule, (devicesByRule.get(rule) ?? 0) + 1)
          yield columns.map(({ value }) => value(device))
        }
      }
    },
  }
  return workbook([devices, citations(devicesByRule, about)])
}

function rulesOf({ findings }: ListedDevice): Set<string> {
  return new Set(Object.values(findings ?? {}).flatMap((outcomes) => Object.values(outcomes).flat()))
}

function citations(
  devicesByRule: ReadonlyMap<string, number>,
  { knowledge, instant, lawAsOf, question }: WorkbookOf,
): Sheet {
  const known = titles(knowledge)
  return {
    name: 'Citations',
    above: [
      ['Made by camledger on', instant.toISOString()],
      ['The law as of', lawAsOf],
      ['Lists read on', knowledge.asOf],
      ['Asked for', question === '' ? 'all devices' : question],
      ['This is not legal advice. Each answer rests on the rules below.'],
    ],
    columns: [
      { header: 'Rule', width: 38, kind: 'text' },
      { header: 'Law', width: 50, kind: 'wrapped' },
      { header: 'Citation', width: 70, kind: 'wrapped' },
      { header: 'Devices with a finding', width: 12, kind: 'number' },
    ],
    rows: () =>
      [...devicesByRule]
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([rule, devices]) => [
          rule,
          known.get(regimeOf(rule)) ?? regimeOf(rule),
          citationsOf([rule], knowledge),
          devices,
        ]),
  }
}
